package journeys

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestRestConnect connects accounts of third parties to the account that is signed in, by the page and
// by a token, and nobody else's.
func TestRestConnect(t *testing.T) {
	l, v := vouching(t)
	s := l.Insider("ada@example.com")
	connect := suite.M{"process": "connect"}
	v.is("sub-1", "ada@work.example", true)
	l.Script().Post("/providers/acme/redirect/", connect).Stranger()
	s.Post("/providers/acme/redirect/", suite.M{"process": "marry"}).Is(400, "process:invalid_choice")

	back := travel(s, s.Post("/providers/acme/redirect/", connect).Is(200))
	// A client that is not signed in, or to another account, has begun nothing.
	l.Script().Post("/providers/acme/callback/", back).Stranger()
	back = travel(s, s.Post("/providers/acme/redirect/", connect).Is(200))
	l.Insider("eve@example.com").Post("/providers/acme/callback/", back).Is(400, "state:invalid")

	back = travel(s, s.Post("/providers/acme/redirect/", connect).Is(200))
	r := s.Post("/providers/acme/callback/", back).Is(200)
	if want := `{"accounts":[{"provider":"acme","uid":"sub-1","display":"ada@work.example"}]}`; r.Raw != want {
		t.Errorf("connected: %s, want %s", r.Raw, want)
	}
	s.Post("/providers/acme/callback/", back).Is(400, "state:invalid")
	// It signs in to that account from now on, and can be nobody else's.
	l.Script().Post("/providers/acme/token/", suite.M{"id_token": v.mint("")}).Entered("ada@example.com")
	bob := l.Insider("bob@example.com")
	bob.Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "connect"}).Is(400, "__all__:connected_other")

	v.is("sub-2", "", false)
	bob.Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "connect"}).Is(200)
	l.Script().Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "connect"}).Stranger()
	l.Script().Post("/providers/acme/token/", suite.M{"id_token": v.mint("")}).Entered("bob@example.com")
	// A sign-in that is not to connect signs in, whoever is signed in besides.
	bob.Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "login"}).Entered("bob@example.com")
	if n := l.Count(`SELECT count(*) FROM providers`); n != 2 {
		t.Errorf("%d accounts are connected, want 2", n)
	}
}

// TestRestConnectLate asks for the password again before an account is connected.
func TestRestConnectLate(t *testing.T) {
	l, v := vouching(t, func(c *config.Config, _ *server.Options) { c.Account.ReauthenticationRequired = true })
	v.is("sub-1", "", false)
	s := l.Insider("ada@example.com")
	l.Clock.Pass(time.Hour - time.Minute)
	r := s.Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "connect"}).Is(401)
	if r.Flow == nil || *r.Flow != "reauthenticate" {
		t.Fatalf("not asked again: %s", r.Raw)
	}
	s.Post("/stages/reauthenticate/", suite.M{"password": suite.Password}).Is(200)
	s.Post("/providers/acme/token/", suite.M{"id_token": v.mint(""), "process": "connect"}).Is(200)
}

// TestRestDummy plays the development provider with a page of the client's own, and as a
// script that has none.
func TestRestDummy(t *testing.T) {
	const page = "http://localhost:3000/back"
	l := suite.NewLab(t, suite.Dev, func(c *config.Config, _ *server.Options) { c.Rest.RedirectURIs = []string{page} })
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
			at.Scheme, at.Host = "http", l.URL[len("http://"):]
		}
		got, err := web.Get(at.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = got.Body.Close() })
		return got
	}
	s := l.Script()
	began := s.Post("/providers/dummy/redirect/", nil).Is(200)
	to := began.Redirect
	if !strings.HasPrefix(to, l.Config.Origin()+devpage.DummyPath) {
		t.Errorf("redirect_url %s is no URL for a page of another origin", to)
	}
	if got := ask(to, nil); got.StatusCode != 200 {
		t.Fatalf("the page: %d", got.StatusCode)
	}
	got := ask(to, suite.AsPerson("7", "ada@example.com")).Request.URL.Query()
	if got.Get("redirect_uri") != page {
		t.Fatalf("redirect_uri %s", got.Get("redirect_uri"))
	}
	form := suite.AsPerson("7", "ada@example.com")
	form.Set("action", "login")
	at, err := ask(to, form).Location()
	if err != nil || at.Scheme+"://"+at.Host+at.Path != page {
		t.Fatalf("sent to %v: %v", at, err)
	}
	s.Post("/providers/dummy/callback/", suite.M{"code": at.Query().Get("code"), "state": at.Query().Get("state"), "token": began.FlowToken}).Entered("ada@example.com")
	cancelled, err := ask(s.Post("/providers/dummy/redirect/", nil).Redirect, url.Values{"action": {"cancel"}}).Location()
	if err != nil || cancelled.Query().Get("error") != "access_denied" || cancelled.Query().Has("code") {
		t.Errorf("cancelled: %v %v", cancelled, err)
	}

	script := suite.NewLab(t, suite.Dev)
	l = script
	s = script.Script()
	began = s.Post("/providers/dummy/redirect/", nil).Is(200)
	answer := ask(began.Redirect, form)
	var shown suite.M
	if err := json.NewDecoder(answer.Body).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	shown["token"] = began.FlowToken
	s.Post("/providers/dummy/callback/", shown).Entered("ada@example.com")
	// Without a state of the plain contract the page leads to callbacks of this server only.
	for _, state := range []string{"", "made-up"} {
		refused := ask(devpage.DummyPath, url.Values{"redirect_uri": {page}, "state": {state}, "action": {"login"}})
		if refused.StatusCode != 400 {
			t.Errorf("state %q: %d", state, refused.StatusCode)
		}
	}
}
