package proofs_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestCopiedProofIsNoUse: a copy of a proof and its token is no use of the session, so that its list says
// nothing of the thief, and the owner hears of who is elsewhere.
func TestCopiedProofIsNoUse(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer, func(c *config.Config, _ *server.Options) {
		c.Session.DeviceBoundMail, c.UserSessions.TrackActivity = true, true
	})
	l.Member("app", email)
	sent := len(l.Mails.To(email))
	c, h := app(l)
	c.Login(email).Is(200)
	thief := l.App()
	thief.Token = c.Token
	l.Clock.Pass(2 * time.Minute)
	c.Session().Is(200)
	l.Clock.Pass(61 * time.Second)
	refused(t, thief.Send("GET", "/auth/session", nil, "DPoP", h.Last(), "User-Agent", "thief"), "invalid_dpop_proof")
	if err := l.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := l.Count("SELECT count(*) FROM sessions WHERE user_agent = 'thief'"); n != 0 {
		t.Error("the session was used by the thief")
	}
	if mails := l.Mails.To(email)[sent:]; len(mails) != 1 || mails[0].Template != state.SessionRefusedTemplate {
		t.Errorf("sent %+v", mails)
	}
}

// TestCopiedProofBesideAKey: the key of a letter needs no session, and with the copy of a proof is no more
// good than anything else, whatever becomes of the session that comes along.
func TestCopiedProofBesideAKey(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	s, h := script(l)
	s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
	proof, err := h.Prove(device.Proof{Method: "POST", URL: l.URL + "/auth/email/verify/", Token: s.Access})
	if err != nil {
		t.Fatal(err)
	}
	s.Scheme = "DPoP"
	s.Send("POST", "/email/verify/", suite.M{"key": "nonsense"}, "DPoP", proof).Is(400, "key:invalid_or_expired_key")
	if r := s.Send("POST", "/email/verify/", suite.M{"key": "nonsense"}, "DPoP", proof); r.Status != 401 {
		t.Errorf("the same proof: %d %s", r.Status, r.Raw)
	}
}

// TestGuardWithinAGuard: a program's routes that ask for more than the mux around them take the one proof of
// a request for both, and for no other request.
func TestGuardWithinAGuard(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	c, h := app(l)
	c.Login(email).Is(200)
	s, by := script(l)
	s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
	inner := l.RequireUser(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, show := range []struct {
		header, scheme, tok string
		h                   *device.Holder
	}{{"X-Session-Token", "", c.Token, h}, {"Authorization", "DPoP ", s.Access, by}} {
		proof := prove(t, show.h, l.URL+"/deep", show.tok)
		for _, want := range []int{http.StatusNoContent, http.StatusUnauthorized} {
			r, w := httptest.NewRequest("GET", "/deep", nil), httptest.NewRecorder()
			r.Header.Set(show.header, show.scheme+show.tok)
			r.Header.Set("DPoP", proof)
			l.RequireUser(inner).ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s: %d, want %d %s %s", show.header, w.Code, want, w.Header().Get("WWW-Authenticate"), w.Body)
			}
		}
	}
}

// TestRequireEndsInBoundSessions: where a key is wanted, a session from before it was leads to no
// other one without a key: by a provider's token or a reset of the password.
func TestRequireEndsInBoundSessions(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, require, func(c *config.Config, _ *server.Options) { c.Account.LoginOnPasswordReset = true })
	l.Member("browser", email)
	old := l.App()
	var err error
	id := l.Browser().Login(email).Is(200).User().ID
	if old.Token, err = l.CreateSessionToken(t.Context(), id, "app"); err != nil {
		t.Fatal(err)
	}
	old.Session().Is(200)
	l.Browser().Do("POST", "/auth/password/request", suite.M{"email": email}).Is(200)
	body := suite.M{"key": l.Code(email), "password": "another " + suite.Password}
	old.Send("POST", "/auth/password/reset", body).Is(400, ":dpop_required")
	old.HTTP.Transport = holder(l, device.ES256)
	old.Do("POST", "/auth/password/reset", body).Is(200)
	thief := l.App()
	thief.Token = old.Token
	refused(t, thief.Session(), "invalid_token")
	old.Session().Is(200)
}

// TestRequireSwitchesToBoundSessions: neither does it by a provider's token or a passkey, by which a client
// that is signed in can become somebody else.
func TestRequireSwitchesToBoundSessions(t *testing.T) {
	t.Parallel()
	var idp *device.Provider
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { idp.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	l := suite.NewLab(t, require, func(c *config.Config, o *server.Options) {
		c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = []string{"webauthn"}, true
		c.Headless.FrontendURLs.ProviderError = "http://localhost:3000/account/provider/callback"
		c.SocialAccount.Providers = []config.Provider{{
			ID: "corp", Provider: "openid_connect", Name: "Corp", ClientID: device.ClientID, Secret: device.ClientSecret, ServerURL: site.URL,
		}}
		var err error
		if idp, err = device.NewProvider(device.ProviderConfig{Issuer: site.URL, Now: o.Now}); err != nil {
			t.Fatal(err)
		}
	})
	l.Member("browser", email)
	id := l.Browser().Login(email).Is(200).User().ID
	old := l.App()
	var err error
	if old.Token, err = l.CreateSessionToken(t.Context(), id, "app"); err != nil {
		t.Fatal(err)
	}
	raw, err := idp.IDToken(device.Identity{"sub": "bob", "email": "bob@example.com", "email_verified": true})
	if err != nil {
		t.Fatal(err)
	}
	token := suite.M{"provider": "corp", "process": "login", "token": suite.M{"client_id": device.ClientID, "id_token": raw}}
	old.Send("POST", "/auth/provider/token", token).Is(400, ":dpop_required")
	old.Send("POST", "/auth/webauthn/login", suite.M{"credential": suite.M{"id": "x"}}).Is(400, ":dpop_required")
	old.Session().Is(200)
	old.HTTP.Transport = holder(l, device.ES256)
	old.Do("POST", "/auth/provider/token", token).Is(200)
	thief := l.App()
	thief.Token = old.Token
	refused(t, thief.Session(), "invalid_token")
	old.Session().Is(200)
}

// TestRequireLetsSessionsGoOn: a session from before connects an account of a provider as ever, and with its
// token nobody begins another sign-in there.
func TestRequireLetsSessionsGoOn(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dummies, require)
	l.Member("browser", email)
	id := l.Browser().Login(email).Is(200).User().ID
	old := l.Script()
	var err error
	if old.Access, err = l.CreateSessionToken(t.Context(), id, "rest"); err != nil {
		t.Fatal(err)
	}
	state := func(r *suite.Said) string {
		to, err := url.Parse(r.Redirect)
		if err != nil {
			t.Fatal(err)
		}
		return to.Query().Get("state")
	}
	away := old.Send("POST", "/providers/dummy/redirect/", suite.M{"process": "connect"}).Is(200)
	back := url.Values{"id": {"7"}, "email": {email}, "email_verified": {"on"}}.Encode()
	r := old.Send("POST", "/providers/dummy/callback/", suite.M{"state": state(away), "query": back, "token": away.FlowToken}).Is(200)
	if !strings.Contains(r.Raw, "dummy") {
		t.Errorf("connected: %s", r.Raw)
	}
	old.Send("POST", "/providers/dummy/redirect/", suite.M{}).Is(400, "__all__:dpop_required")
	s, h := script(l)
	away = s.Post("/providers/dummy/redirect/", suite.M{}).Is(200)
	body := suite.M{"state": state(away), "query": back, "token": away.FlowToken}
	old.Send("POST", "/providers/dummy/callback/", body).Is(400, "__all__:invalid_dpop_proof")
	old.HTTP, old.Access = h, ""
	if r := old.Send("POST", "/providers/dummy/callback/", body).Is(200); r.Type != "DPoP" {
		t.Errorf("signed in: %s", r.Raw)
	}
}

// TestNothingIsRememberedForNobody: what anybody may ask for as often as he likes, and what is good for
// nothing, leaves no proof behind.
func TestNothingIsRememberedForNobody(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer, suite.JWT)
	h := holder(l, device.ES256)
	for _, path := range []string{"/_allauth/app/v1/auth/session", "/_allauth/app/v1/auth/email/verify"} {
		proof := prove(t, h, l.URL+path, "")
		first, _ := shown(l, asked{"GET", path}, "", "", proof)
		if again, said := shown(l, asked{"GET", path}, "", "", proof); again != first {
			t.Errorf("%s: %d, then %d %s", path, first, again, said)
		}
	}
	const session, madeUp = "/_allauth/app/v1/auth/session", "made up"
	proof := prove(t, h, l.URL+session, madeUp)
	for range 2 {
		if status, said := shown(l, asked{"GET", session}, "X-Session-Token", madeUp, proof); status != http.StatusGone {
			t.Errorf("a token that was made up: %d %s", status, said)
		}
	}
	const refresh = "/auth/token/refresh"
	proof, err := h.Prove(device.Proof{Method: "POST", URL: l.URL + refresh})
	if err != nil {
		t.Fatal(err)
	}
	s := l.Script()
	for range 2 {
		s.Send("POST", "/token/refresh", suite.M{"refresh_token": "nonsense"}, "DPoP", proof).Is(400, "refresh_token:invalid")
	}
}

// TestNobodysProofsAreLimited: where no other limit is, that of records without a client bounds what a client
// has remembered that shows no token.
func TestNobodysProofsAreLimited(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer, func(c *config.Config, _ *server.Options) {
		c.Account.RateLimits = config.RateLimits{Rates: engine.Rates{"anonymous": {{Max: 3, Per: time.Minute, By: "ip"}}}}
	})
	c, _ := app(l)
	bare := l.App()
	for range 3 {
		c.Do("POST", "/auth/email/verify", suite.M{"key": "nonsense"}).Is(400, "key:invalid_or_expired_key")
	}
	c.Send("POST", "/auth/email/verify", suite.M{"key": "nonsense"}).Is(429)
	bare.Do("POST", "/auth/email/verify", suite.M{"key": "nonsense"}).Is(400, "key:invalid_or_expired_key")
}
