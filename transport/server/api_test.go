package server_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// sessionOf is the person that a token signs in, nil for none.
func sessionOf(l *suite.Lab, tok string) *server.User {
	l.T.Helper()
	u, err := l.ValidateSessionToken(l.T.Context(), tok)
	if err != nil && !errors.Is(err, server.ErrNoSession) {
		l.T.Fatal(err)
	}
	return u
}

// TestSessionTokens makes tokens for each kind of client and holds them against the
// contract they are for, and against the others.
func TestSessionTokens(t *testing.T) {
	for name, change := range map[string]suite.SetUp{"session": func(*config.Config, *server.Options) {}, "jwt": suite.JWT} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, suite.Dev, change)
			s := l.Insider("ada@example.com")
			id := s.Do("GET", "/user/", nil).User.ID
			made := make(map[string]string)
			for _, kind := range []string{"", "browser", "app", "rest"} {
				tok, err := l.CreateSessionToken(t.Context(), id, kind)
				if err != nil {
					t.Fatal(err)
				}
				if u := sessionOf(l, tok); u == nil || u.ID != id || u.Email != "ada@example.com" {
					t.Errorf("%q: the token is %+v's", kind, u)
				}
				made[kind] = tok
			}
			app := l.App()
			app.Token = made["app"]
			app.Session().Is(200)
			bearer := l.Script()
			for kind, tok := range made {
				bearer.Access = tok
				want := 401
				if kind == "rest" {
					want = 200
				}
				bearer.Do("GET", "/user/", nil).Is(want)
			}
			// The log of a session that nobody signed in to is empty: no second factor without
			// a proof.
			first := bearer
			first.Access = made["rest"]
			first.Post("/logout/", nil).Is(200)
			if u := sessionOf(l, made["rest"]); u != nil {
				t.Errorf("a session that was ended is %+v's", u)
			}
			l.Clock.Pass(15 * 24 * time.Hour)
			if u := sessionOf(l, made[""]); u != nil {
				t.Errorf("a session that expired is %+v's", u)
			}
		})
	}
}

// TestSessionTokensRefused makes no session where there can be none.
func TestSessionTokensRefused(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	if _, err := l.CreateSessionToken(t.Context(), "4711", ""); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("a session of nobody: %v", err)
	}
	s := l.Insider("ada@example.com")
	id := s.Do("GET", "/user/", nil).User.ID
	if _, err := l.CreateSessionToken(t.Context(), id, "telnet"); err == nil {
		t.Error("a client of no kind")
	}
	run := l.Script().Post("/code/request/", suite.M{"email": "ada@example.com"}).FlowToken
	for what, tok := range map[string]string{"nothing": "", "made up": strings.Repeat("A", 44), "a flow token": run, "cut": s.Access[1:]} {
		if u := sessionOf(l, tok); u != nil {
			t.Errorf("%s is %+v's", what, u)
		}
	}
}

// TestSessionsKeepTheirClient: a program that asks who is signed in, a minute later or
// after the store of records was emptied, leaves what the session list says of the client,
// and follows a request that it hands on.
func TestSessionsKeepTheirClient(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) { c.TrustedProxyCount = 1; c.Dev.AllowRemote = true })
	s := l.Insider("ada@example.com")
	id := s.Do("GET", "/user/", nil).User.ID
	guarded := l.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	listed := func() (ip, agent string) {
		t.Helper()
		list, err := l.Database().SessionsOf(t.Context(), id, l.Clock.Read())
		if err != nil || len(list) != 1 {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
		return list[0].IP, list[0].UserAgent
	}
	require := func(from, agent string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+s.Access)
		r.Header.Set("X-Forwarded-For", from)
		r.Header.Set("User-Agent", agent)
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("status %d", w.Code)
		}
	}
	ip, agent := listed()
	if ip == "" || agent == "" {
		t.Fatalf("signed in from %q by %q", ip, agent)
	}
	for range 2 {
		l.Clock.Pass(2 * time.Minute)
		if sessionOf(l, s.Access) == nil {
			t.Fatal("the session is over")
		}
		if gotIP, gotAgent := listed(); gotIP != ip || gotAgent != agent {
			t.Errorf("after a look at its token the session is of %q by %q, was %q by %q", gotIP, gotAgent, ip, agent)
		}
	}
	l.Clock.Pass(2 * time.Minute)
	require("203.0.113.9", "elsewhere/1 "+strings.Repeat("x", 300))
	if gotIP, gotAgent := listed(); gotIP != "203.0.113.9" || !strings.HasPrefix(gotAgent, "elsewhere/1 x") || len(gotAgent) != 200 {
		t.Errorf("after a request the session is of %q by %q", gotIP, gotAgent)
	}
	l.Clock.Pass(2 * time.Minute)
	require("203.0.113.9", "")
	if _, gotAgent := listed(); !strings.HasPrefix(gotAgent, "elsewhere/1 x") {
		t.Errorf("a client that does not say what it is has its session listed as %q", gotAgent)
	}
}

// TestRequireUser guards a handler by each of the three ways to show a session.
func TestRequireUser(t *testing.T) {
	l := suite.NewLab(t, suite.Dev)
	s := l.Insider("ada@example.com")
	id := s.Do("GET", "/user/", nil).User.ID
	tokenFor := func(kind string) string {
		tok, err := l.CreateSessionToken(t.Context(), id, kind)
		if err != nil {
			t.Fatal(err)
		}
		return tok
	}
	reached := 0
	guarded := l.RequireUser(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if u := server.UserOf(r.Context()); u == nil || u.ID != id {
			t.Errorf("reached by %+v", u)
		}
		reached++
	}))
	browser := "sessionid=" + tokenFor("browser")
	for _, c := range []struct {
		what, method, header, value string
		status                      int
	}{
		{"nobody", "GET", "X-Nothing", "x", 401},
		{"a bearer", "POST", "Authorization", "Bearer " + tokenFor("rest"), 200},
		{"an app's as bearer", "GET", "Authorization", "bearer " + tokenFor("app"), 200},
		{"an app", "POST", "X-Session-Token", tokenFor("app"), 200},
		{"a browser", "GET", "Cookie", browser, 200},
		{"a forged form", "POST", "Cookie", browser, 403},
		{"a cookie as bearer", "GET", "Authorization", "Bearer " + tokenFor("browser"), 401},
		{"a bearer as cookie", "GET", "Cookie", "sessionid=" + tokenFor("rest"), 401},
	} {
		before := reached
		r := httptest.NewRequest(c.method, "/", nil)
		r.Header.Set(c.header, c.value)
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		if w.Code != c.status || (reached > before) != (c.status == 200) {
			t.Errorf("%s: %d, want %d; the handler was reached %d times", c.what, w.Code, c.status, reached-before)
		}
	}
	if server.UserOf(t.Context()) != nil {
		t.Error("somebody is signed in to nothing")
	}
}
