package devpage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestBindingsAreWatched: what happened is read from requests and answers as browsers and apps have
// them on the wire.
func TestBindingsAreWatched(t *testing.T) {
	const page, refresh, register = "/_allauth/browser/v1/auth/session", "/_stagedoor/dbsc/refresh/s1", "/_stagedoor/dbsc/register"
	for _, c := range []struct {
		about, path string
		// asks and answers are headers, "Name: value".
		asks    string
		status  int
		answers []string
		body    string
		want    string
	}{
		{"nothing of it", page, "", 200, nil, "", ""},
		{"a failure that has nothing to do with it", page, "", 401, []string{"WWW-Authenticate: Bearer"}, `{"status":401}`, ""},
		{"an offer", page, "", 200, []string{`Secure-Session-Registration: (ES256 RS256);path="/x"`}, "", "dbsc offered"},
		{"a registration", register, "", 200, []string{"Set-Cookie: __Host-stagedoor_bound=x"}, "{}", "dbsc bound"},
		{"a registration that is refused", register, "", 400, nil, "", "dbsc refused Bad Request"},
		{"a challenge", refresh, "", 403, []string{`Secure-Session-Challenge: "c";id="s1"`}, "", "dbsc challenged"},
		{"a refresh", refresh, "", 200, []string{"Set-Cookie: __Host-stagedoor_bound=x"}, "", "dbsc refreshed"},
		{"a refresh after the end", refresh, "", 200, nil, `{"continue":false}`, "dbsc ended"},
		{"an end that takes the cookie back", refresh, "", 200, []string{"Set-Cookie: other=1", "Set-Cookie: __Host-stagedoor_bound=; Max-Age=0"}, `{"continue":false}`, "dbsc ended"},
		{"a signature that is not good", refresh, "Secure-Session-Response: e30.e30.x", 403, []string{`Secure-Session-Challenge: "c";id="s1"`}, "", "dbsc refused signature"},
		{"a refresh without a store", refresh, "", 503, nil, "", "dbsc refused Service Unavailable"},
		{"a refresh that was skipped", page, `Secure-Session-Skipped: quota_exceeded;session_identifier="s1"`, 401, nil, "", "dbsc skipped quota_exceeded"},
		{"a proof", page, "DPoP: e30.e30.x", 200, nil, "", "dpop proved"},
		{"a proof with a wrong password", page, "DPoP: e30.e30.x", 400, nil, `{"errors":[{"code":"email_password_mismatch"}]}`, "dpop proved"},
		{"a proof that is not good", page, "DPoP: x", 400, nil, `{"errors":[{"code":"invalid_dpop_proof"}]}`, "dpop refused invalid_dpop_proof"},
		{"a proof without the nonce", page, "DPoP: e30.e30.x", 401, []string{`WWW-Authenticate: DPoP error="use_dpop_nonce", algs="ES256"`}, "", "dpop refused use_dpop_nonce"},
		{"a token of another key", page, "DPoP: e30.e30.x", 401, []string{`WWW-Authenticate: DPoP error="invalid_token", algs="ES256"`}, "", "dpop refused invalid_token"},
		{"a token without a proof", page, "", 401, []string{`WWW-Authenticate: DPoP error="invalid_token", algs="ES256"`}, "", "dpop refused no_proof"},
	} {
		b := devpage.NewBindings(func() time.Time { return time.Date(2031, 5, 6, 7, 8, 9, 0, time.Local) })
		answer := b.Watch(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for _, h := range c.answers {
				name, value, _ := strings.Cut(h, ": ")
				w.Header().Add(name, value)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		r := httptest.NewRequest("POST", c.path+"?key=secret", nil)
		r.Header.Set("User-Agent", "Someone/1")
		if name, value, ok := strings.Cut(c.asks, ": "); ok {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		answer.ServeHTTP(w, r)
		if at, err := http.ParseTime(w.Header().Get("Date")); err != nil || !at.Equal(time.Date(2031, 5, 6, 7, 8, 9, 0, time.Local)) {
			t.Errorf("%s: the answer is of %v %v", c.about, at, err)
		}
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: the answer has become %d %q", c.about, w.Code, w.Body)
		}
		got := ""
		for _, h := range b.Latest() {
			got += strings.TrimSpace(fmt.Sprintf("%s %s %s", h.Kind, h.What, h.Why))
			if h.Agent != "Someone/1" || h.Times != 1 || strings.Contains(h.Where, "secret") {
				t.Errorf("%s: %+v", c.about, h)
			}
		}
		if got != c.want {
			t.Errorf("%s: seen as %q, want %q", c.about, got, c.want)
		}
	}
}

// TestBindingsAreCounted: what a client does over and over is one line, in the order of time, and
// only so many are kept.
func TestBindingsAreCounted(t *testing.T) {
	at := time.Unix(1_900_000_000, 0)
	b := devpage.NewBindings(func() time.Time { at = at.Add(time.Second); return at })
	note := func(agent, what string) { b.Note(devpage.Happening{Kind: "dbsc", Agent: agent, What: what}) }
	for _, what := range []string{"bound", "refreshed", "refreshed", "skipped", "refreshed"} {
		note("a", what)
		note("b", "refreshed")
	}
	var got []string
	for _, h := range b.Latest() {
		got = append(got, fmt.Sprintf("%s %s %d %d", h.Agent, h.What, h.Times, h.At.Unix()-1_900_000_000))
	}
	if want := []string{"b refreshed 5 10", "a refreshed 1 9", "a skipped 1 7", "a refreshed 2 5", "a bound 1 1"}; !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	for n := range 200 {
		note(fmt.Sprint(n), "refused")
	}
	if list := b.Latest(); len(list) != 60 || list[0].Agent != "199" {
		t.Errorf("%d are kept, %+v first", len(list), list[0])
	}
}

// TestPageShowsBindings: the page is told the setting and what was seen; where nothing is bound
// nothing is watched.
func TestPageShowsBindings(t *testing.T) {
	for _, setting := range []string{"offer", "off"} {
		l := suite.NewLab(t, suite.Development, func(c *config.Config, _ *server.Options) { c.Session.DeviceBound = setting })
		l.Get("GET", l.Host(), "/_allauth/app/v1/config", "", "Secure-Session-Skipped", "unreachable")
		w := l.Get("GET", l.Host(), "/dev/bindings.json", "")
		var told struct {
			Setting    string
			Secure     bool
			Happenings []devpage.Happening
		}
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		seen := len(told.Happenings) == 1 && told.Happenings[0].Why == "unreachable"
		if told.Setting != setting || told.Secure || seen != (setting == "offer") {
			t.Errorf("%s: told %s", setting, w.Body)
		}
	}
}
