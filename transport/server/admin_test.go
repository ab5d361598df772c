package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/engine/explain"
	"stagedoor/transport/config"
)

const adminToken = "yv1Qm0c8S3hJ5o2T/aR9+kXwZ4uN7fLdGbPqEeIiAaTtMmVv"

func withToken(c *config.Config, _ *Options) { c.Admin.Token = adminToken }

// operator asks the operators' endpoint.
func (l *lab) operator(method, path string, headers ...string) (*http.Response, string) {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return resp, string(body)
}

// TestAdmin explains over HTTP, right after the turn, what OpenExplainer would.
func TestAdmin(t *testing.T) {
	l := newLab(t, withToken, func(c *config.Config, _ *Options) { c.Admin.Mount = "/ops/in" })
	l.member("app", "ada@example.com")
	show := []string{"Authorization", "Bearer " + adminToken}
	resp, body := l.operator("GET", "/ops/in/users/ada@example.com/runs?limit=1", show...)
	var many struct{ Runs []explain.Explanation }
	if err := json.Unmarshal([]byte(body), &many); err != nil || resp.StatusCode != 200 || len(many.Runs) != 1 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if many.Runs[0].String() != l.story("ada@example.com").String() {
		t.Errorf("told\n%s", many.Runs[0])
	}
	if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("headers %v", resp.Header)
	}
	if resp, body = l.operator("GET", "/ops/in/runs/"+many.Runs[0].Run, show...); resp.StatusCode != 200 || !strings.Contains(body, `"run":"`+many.Runs[0].Run) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/ops/in/runs/none":                           {404, `{"error":"run \"none\": no trail is kept of this run"}`},
		"/ops/in/users/eve@example.com/runs":          {404, ErrNobody.Error()},
		"/ops/in/users/ada%40example.com/runs?limit=": {200, many.Runs[0].Run},
		"/ops/in/users/ada@example.com/runs?limit=0":  {400, "limit is a number from 1 to 200"},
		"/ops/in/users/ada@example.com/runs?limit=x":  {400, "limit is a number"},
		"/ops/in/":  {404, ""},
		"/ops/in/x": {404, ""},
	} {
		if resp, body := l.operator("GET", path, show...); resp.StatusCode != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	if resp, body := l.operator("POST", "/ops/in/runs/x", show...); resp.StatusCode != 404 {
		t.Errorf("POST: %d %s", resp.StatusCode, body)
	}
}

// TestAdminIsNotThere to anybody without the token: the answers are those of a server
// that has no such endpoint, to the last header.
func TestAdminIsNotThere(t *testing.T) {
	origin := func(c *config.Config, _ *Options) { c.CORSAllowedOrigins = []string{"https://app.example.com"} }
	with, without := newLab(t, withToken, origin), newLab(t, origin)
	with.member("app", "ada@example.com")
	run := with.story("ada@example.com").Run
	for _, headers := range [][]string{
		nil,
		{"Authorization", "Bearer " + adminToken + "x"},
		{"Authorization", "Bearer " + adminToken[1:]},
		{"Authorization", "Bearer "},
		{"Authorization", "Basic " + adminToken},
		{"Authorization", adminToken},
		{"X-Session-Token", adminToken},
		{"Cookie", "sessionid=" + adminToken, "Origin", "https://app.example.com"},
	} {
		for _, at := range []string{
			"GET /admin", "POST /admin", "GET /admin/", "GET /admin?x=1", "GET /admin//runs/x", "GET /admin/../admin/runs/x", "GET /Admin", "GET /admin/runs",
			"GET /admin/runs/" + run, "HEAD /admin/runs/" + run, "OPTIONS /admin/runs/" + run, "GET /admin/users/ada@example.com/runs",
			"GET /admin/runs/" + run + "?token=" + adminToken, "GET /admin/stories", "DELETE /admin/stories/1", "GET /administrator",
		} {
			method, path, _ := strings.Cut(at, " ")
			var seen [2]string
			for i, l := range []*lab{with, without} {
				w := l.get(method, "localhost", path, "", headers...)
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

// TestAdminGuessing: who has guessed too often is not told the right token either, for a
// while; who has it is not slowed down.
func TestAdminGuessing(t *testing.T) {
	l := newLab(t, withToken)
	l.member("app", "ada@example.com")
	ask := func(token string) int {
		resp, _ := l.operator("GET", "/admin/users/ada@example.com/runs", "Authorization", "Bearer "+token)
		return resp.StatusCode
	}
	for range 50 {
		if got := ask(adminToken); got != 200 {
			t.Fatalf("the right token is answered %d", got)
		}
	}
	for range 20 {
		ask("a-wrong-one-of-which-there-are-very-many-indeed")
	}
	if got := ask(adminToken); got != 404 {
		t.Errorf("after 20 guesses the right token is answered %d", got)
	}
	l.clock.pass(2 * time.Minute)
	if got := ask(adminToken); got != 200 {
		t.Errorf("later it is answered %d", got)
	}
}

// TestAdminWhileStoresAreGone fails closed.
func TestAdminWhileStoresAreGone(t *testing.T) {
	l := newLab(t, withToken)
	l.member("app", "ada@example.com")
	l.gate.watch(func(context.Context, string) error { return errors.New("no way through") }, nil)
	for token, want := range map[string]int{adminToken: 503, "a-wrong-one-of-which-there-are-very-many-indeed": 404} {
		if resp, body := l.operator("GET", "/admin/users/ada@example.com/runs", "Authorization", "Bearer "+token); resp.StatusCode != want {
			t.Errorf("%d %s, want %d", resp.StatusCode, body, want)
		}
	}
}

// TestAdminWithoutTrails says so.
func TestAdminWithoutTrails(t *testing.T) {
	l := newLab(t, withToken, func(c *config.Config, _ *Options) { c.Trails.KeepDays = 0 })
	for _, path := range []string{"/admin/runs/x", "/admin/users/1/runs"} {
		if resp, body := l.operator("GET", path, "Authorization", "Bearer "+adminToken); resp.StatusCode != 409 || !strings.Contains(body, ErrNoTrails.Error()) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
}
