package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
)

// TestRestConnect connects accounts of third parties to who is signed in, by the page and
// by a token, and nobody else's.
func TestRestConnect(t *testing.T) {
	l, v := vouching(t)
	s := l.insider("ada@example.com")
	connect := m{"process": "connect"}
	v.is("sub-1", "ada@work.example", true)
	l.script().post("/providers/acme/redirect/", connect).stranger()
	s.post("/providers/acme/redirect/", m{"process": "marry"}).is(400, "process:invalid_choice")

	back := s.travel(s.post("/providers/acme/redirect/", connect).is(200))
	// Who is not signed in, or is somebody else, has begun nothing.
	l.script().post("/providers/acme/callback/", back).stranger()
	back = s.travel(s.post("/providers/acme/redirect/", connect).is(200))
	l.insider("eve@example.com").post("/providers/acme/callback/", back).is(400, "state:invalid")

	back = s.travel(s.post("/providers/acme/redirect/", connect).is(200))
	r := s.post("/providers/acme/callback/", back).is(200)
	if want := `{"accounts":[{"provider":"acme","uid":"sub-1","display":"ada@work.example"}]}`; r.Raw != want {
		t.Errorf("connected: %s, want %s", r.Raw, want)
	}
	s.post("/providers/acme/callback/", back).is(400, "state:invalid")
	// It signs in to that account from now on, and can be nobody else's.
	l.script().post("/providers/acme/token/", m{"id_token": v.mint("")}).entered("ada@example.com")
	bob := l.insider("bob@example.com")
	bob.post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "connect"}).is(400, "__all__:connected_other")

	v.is("sub-2", "", false)
	bob.post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "connect"}).is(200)
	l.script().post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "connect"}).stranger()
	l.script().post("/providers/acme/token/", m{"id_token": v.mint("")}).entered("bob@example.com")
	// A sign-in that is not to connect signs in, whoever is signed in besides.
	bob.post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "login"}).entered("bob@example.com")
	if n := l.count(`SELECT count(*) FROM providers`); n != 2 {
		t.Errorf("%d accounts are connected, want 2", n)
	}
}

// TestRestConnectLate asks for the password again before an account is connected.
func TestRestConnectLate(t *testing.T) {
	l, v := vouching(t, func(c *config.Config, _ *Options) { c.Account.ReauthenticationRequired = true })
	v.is("sub-1", "", false)
	s := l.insider("ada@example.com")
	l.clock.pass(time.Hour - time.Minute)
	r := s.post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "connect"}).is(401)
	if r.Flow == nil || *r.Flow != "reauthenticate" {
		t.Fatalf("not asked again: %s", r.Raw)
	}
	s.post("/stages/reauthenticate/", m{"password": password}).is(200)
	s.post("/providers/acme/token/", m{"id_token": v.mint(""), "process": "connect"}).is(200)
}

// TestRestDummy plays the development provider with a page of the client's own, and as a
// script that has none.
func TestRestDummy(t *testing.T) {
	const page = "http://localhost:3000/back"
	l := newLab(t, dev, func(c *config.Config, _ *Options) { c.Rest.RedirectURIs = []string{page} })
	web := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(to string, form url.Values) *http.Response {
		t.Helper()
		at, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		q := at.Query()
		for name, value := range form {
			q[name] = value
		}
		at.RawQuery = q.Encode()
		if at.Host == "" {
			at.Scheme, at.Host = "http", l.url[len("http://"):]
		}
		got, err := web.Get(at.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = got.Body.Close() })
		return got
	}
	s := l.script()
	began := s.post("/providers/dummy/redirect/", nil).is(200)
	to := began.Redirect
	if !strings.HasPrefix(to, l.config.Origin()+devpage.DummyPath) {
		t.Errorf("redirect_url %s is no URL for a page of another origin", to)
	}
	if got := ask(to, nil); got.StatusCode != 200 {
		t.Fatalf("the page: %d", got.StatusCode)
	}
	got := ask(to, asPerson("7", "ada@example.com")).Request.URL.Query()
	if got.Get("redirect_uri") != page {
		t.Fatalf("redirect_uri %s", got.Get("redirect_uri"))
	}
	form := asPerson("7", "ada@example.com")
	form.Set("action", "login")
	at, err := ask(to, form).Location()
	if err != nil || at.Scheme+"://"+at.Host+at.Path != page {
		t.Fatalf("sent to %v: %v", at, err)
	}
	s.post("/providers/dummy/callback/", m{"code": at.Query().Get("code"), "state": at.Query().Get("state"), "token": began.FlowToken}).entered("ada@example.com")
	cancelled, err := ask(s.post("/providers/dummy/redirect/", nil).Redirect, url.Values{"action": {"cancel"}}).Location()
	if err != nil || cancelled.Query().Get("error") != "access_denied" || cancelled.Query().Has("code") {
		t.Errorf("cancelled: %v %v", cancelled, err)
	}

	script := newLab(t, dev)
	l = script
	s = script.script()
	began = s.post("/providers/dummy/redirect/", nil).is(200)
	answer := ask(began.Redirect, form)
	var shown m
	if err := json.NewDecoder(answer.Body).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	shown["token"] = began.FlowToken
	s.post("/providers/dummy/callback/", shown).entered("ada@example.com")
	// Without a state of the plain contract the page leads to callbacks of this server only.
	for _, state := range []string{"", "made-up"} {
		refused := ask(devpage.DummyPath, url.Values{"redirect_uri": {page}, "state": {state}, "action": {"login"}})
		if refused.StatusCode != 400 {
			t.Errorf("state %q: %d", state, refused.StatusCode)
		}
	}
}
