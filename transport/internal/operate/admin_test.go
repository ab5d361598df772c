package operate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"stagedoor/engine/explain"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestAdmin explains over HTTP, right after the turn, what OpenExplainer would.
func TestAdmin(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken, func(c *config.Config, _ *server.Options) { c.Admin.Mount = "/ops/in" })
	l.Member("app", "ada@example.com")
	show := []string{"Authorization", "Bearer " + suite.AdminToken}
	resp, body := l.Operator("GET", "/ops/in/users/ada@example.com/runs?limit=1", show...)
	var many struct{ Runs []explain.Explanation }
	if err := json.Unmarshal([]byte(body), &many); err != nil || resp.StatusCode != 200 || len(many.Runs) != 1 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if many.Runs[0].String() != story(l, "ada@example.com").String() {
		t.Errorf("told\n%s", many.Runs[0])
	}
	if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("headers %v", resp.Header)
	}
	if resp, body = l.Operator("GET", "/ops/in/runs/"+many.Runs[0].Run, show...); resp.StatusCode != 200 || !strings.Contains(body, `"run":"`+many.Runs[0].Run) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/ops/in/runs/none":                           {404, `{"error":"run \"none\": no trail is kept of this run"}`},
		"/ops/in/users/eve@example.com/runs":          {404, server.ErrNobody.Error()},
		"/ops/in/users/ada%40example.com/runs?limit=": {200, many.Runs[0].Run},
		"/ops/in/users/ada@example.com/runs?limit=0":  {400, "limit is a number from 1 to 200"},
		"/ops/in/users/ada@example.com/runs?limit=x":  {400, "limit is a number"},
		"/ops/in/":  {404, ""},
		"/ops/in/x": {404, ""},
	} {
		if resp, body := l.Operator("GET", path, show...); resp.StatusCode != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	if resp, body := l.Operator("POST", "/ops/in/runs/x", show...); resp.StatusCode != 404 {
		t.Errorf("POST: %d %s", resp.StatusCode, body)
	}
}

// TestAdminIsNotThere to anybody without the token: the answers are those of a server
// that has no such endpoint, to the last header.
func TestAdminIsNotThere(t *testing.T) {
	origin := func(c *config.Config, _ *server.Options) { c.CORSAllowedOrigins = []string{"https://app.example.com"} }
	with, without := suite.NewLab(t, suite.WithToken, origin), suite.NewLab(t, origin)
	with.Member("app", "ada@example.com")
	run := story(with, "ada@example.com").Run
	for _, headers := range [][]string{
		nil,
		{"Authorization", "Bearer " + suite.AdminToken + "x"},
		{"Authorization", "Bearer " + suite.AdminToken[1:]},
		{"Authorization", "Bearer "},
		{"Authorization", "Basic " + suite.AdminToken},
		{"Authorization", suite.AdminToken},
		{"X-Session-Token", suite.AdminToken},
		{"Cookie", "sessionid=" + suite.AdminToken, "Origin", "https://app.example.com"},
	} {
		for _, at := range []string{
			"GET /admin", "POST /admin", "GET /admin/", "GET /admin?x=1", "GET /admin//runs/x", "GET /admin/../admin/runs/x", "GET /Admin", "GET /admin/runs",
			"GET /admin/runs/" + run, "HEAD /admin/runs/" + run, "OPTIONS /admin/runs/" + run, "GET /admin/users/ada@example.com/runs",
			"GET /admin/runs/" + run + "?token=" + suite.AdminToken, "GET /admin/stories", "GET /admin/runs.json", "GET /admin/graph/login.svg", "POST /admin/diff",
			"GET /admin/pprof/", "GET /admin/pprof/heap", "GET /admin/pprof/profile?seconds=1", "GET /admin/inspector", "GET /admin/inspector/admin.js", "DELETE /admin/stories/1", "GET /administrator",
		} {
			method, path, _ := strings.Cut(at, " ")
			var seen [2]string
			for i, l := range []*suite.Lab{with, without} {
				w := l.Get(method, "localhost", path, "", headers...)
				if w.Code == 200 {
					t.Errorf("%s, %v: %d %s", at, headers, w.Code, w.Body)
				}
				w.Header().Del("X-Request-Id")
				seen[i] = fmt.Sprintln(w.Code, w.Header(), w.Body)
			}
			if seen[0] != seen[1] {
				t.Errorf("%s, %v tells whether there are operators:\n%s%s", at, headers, seen[0], seen[1])
			}
		}
	}
}

// TestAdminGuessing: a client that has guessed too often is refused with the right token, too, for a
// while; others with the token are not slowed down.
func TestAdminGuessing(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken)
	l.Member("app", "ada@example.com")
	ask := func(token string) int {
		resp, _ := l.Operator("GET", "/admin/users/ada@example.com/runs", "Authorization", "Bearer "+token)
		return resp.StatusCode
	}
	for range 50 {
		if got := ask(suite.AdminToken); got != 200 {
			t.Fatalf("the right token is answered %d", got)
		}
	}
	for range 20 {
		ask("a-wrong-one-of-which-there-are-very-many-indeed")
	}
	if got := ask(suite.AdminToken); got != 404 {
		t.Errorf("after 20 guesses the right token is answered %d", got)
	}
	l.Clock.Pass(2 * time.Minute)
	if got := ask(suite.AdminToken); got != 200 {
		t.Errorf("later it is answered %d", got)
	}
}

// TestAdminGuessingFromOneNetwork: all addresses of an IPv6 network are one client.
func TestAdminGuessingFromOneNetwork(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken, func(c *config.Config, _ *server.Options) { c.TrustedProxyCount = 1 })
	l.Member("app", "ada@example.com")
	ask := func(from, token string) int {
		resp, _ := l.Operator("GET", "/admin/users/ada@example.com/runs", "Authorization", "Bearer "+token, "X-Forwarded-For", from)
		return resp.StatusCode
	}
	for i := range 20 {
		ask(fmt.Sprintf("2001:db8:1:2::%x", i+1), "a-wrong-one-of-which-there-are-very-many-indeed")
	}
	if got := ask("2001:db8:1:2:ffff::1", suite.AdminToken); got != 404 {
		t.Errorf("after 20 guesses from its network the right token is answered %d", got)
	}
	if got := ask("2001:db8:1:3::1", suite.AdminToken); got != 200 {
		t.Errorf("another network is answered %d", got)
	}
}

// TestAdminWhileStoresAreGone fails closed.
func TestAdminWhileStoresAreGone(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken)
	l.Member("app", "ada@example.com")
	l.Gate.Watch(func(context.Context, string) error { return errors.New("no way through") }, nil)
	for token, want := range map[string]int{suite.AdminToken: 503, "a-wrong-one-of-which-there-are-very-many-indeed": 404} {
		if resp, body := l.Operator("GET", "/admin/users/ada@example.com/runs", "Authorization", "Bearer "+token); resp.StatusCode != want {
			t.Errorf("%d %s, want %d", resp.StatusCode, body, want)
		}
	}
}

// TestAdminWithoutTrails says so.
func TestAdminWithoutTrails(t *testing.T) {
	l := suite.NewLab(t, suite.WithToken, func(c *config.Config, _ *server.Options) { c.Trails.KeepDays = 0 })
	for _, path := range []string{"/admin/runs/x", "/admin/users/1/runs"} {
		if resp, body := l.Operator("GET", path, "Authorization", "Bearer "+suite.AdminToken); resp.StatusCode != 409 || !strings.Contains(body, server.ErrNoTrails.Error()) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}
