package proofs_test

import (
	"net/url"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// TestRunsAreTheHolders: what waits for a client that has shown a key goes on with that key alone: a stage
// of the plain contract, one of an app, and a sign-in on a provider's page.
func TestRunsAreTheHolders(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dummies, offer)
	s, h := script(l)
	r := s.Post("/signup/", suite.M{"email": email, "password": suite.Password}).Is(200).Waits("verify_email")
	body := suite.M{"key": l.Code(email), "token": r.FlowToken}
	thief := l.Script()
	thief.Post("/email/verify/", body).Is(400, "__all__:invalid_dpop_proof")
	thief.HTTP = holder(l, device.ES256)
	thief.Post("/email/verify/", body).Is(400, "__all__:invalid_dpop_proof")
	if v := s.Post("/email/verify/", body).Is(200); !v.Verified {
		t.Fatalf("%s", v.Raw)
	}

	c, _ := app(l)
	c.Do("POST", "/auth/signup", suite.M{"email": "bob@example.com", "password": suite.Password}).Is(401).Pending("verify_email")
	copied := l.App()
	copied.Token = c.Token
	key := suite.M{"key": l.Code("bob@example.com")}
	refused(t, copied.Send("POST", "/auth/email/verify", key), "invalid_token")
	refused(t, copied.Send("GET", "/auth/session", nil), "invalid_token")
	refused(t, copied.Send("DELETE", "/auth/session", nil), "invalid_token")
	c.Do("POST", "/auth/email/verify", key).Is(401).Pending()

	thief.HTTP = nil
	away := s.Post("/providers/dummy/redirect/", suite.M{}).Is(200)
	to, err := url.Parse(away.Redirect)
	if err != nil || to.Query().Get("state") == "" {
		t.Fatalf("%s, %v", away.Raw, err)
	}
	back := suite.M{"state": to.Query().Get("state"), "code": "x", "token": away.FlowToken}
	thief.Post("/providers/dummy/callback/", back).Is(400, "__all__:invalid_dpop_proof")
	thief.HTTP = h
	if r := thief.Post("/providers/dummy/callback/", back); r.Status == 410 || len(r.Codes["__all__"]) > 0 && r.Codes["__all__"][0] == "invalid_dpop_proof" {
		t.Errorf("with the key: %d %s", r.Status, r.Raw)
	}
}

// TestUnboundRunsGoOn: a run that was begun without a key is anybody's who has its token, as ever.
func TestUnboundRunsGoOn(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	s := l.Script()
	r := s.Post("/signup/", suite.M{"email": email, "password": suite.Password}).Is(200).Waits("verify_email")
	s.HTTP = holder(l, device.ES256)
	if v := s.Post("/email/verify/", suite.M{"key": l.Code(email), "token": r.FlowToken}).Is(200); !v.Verified {
		t.Fatalf("%s", v.Raw)
	}
}

// TestRequire: where a key is wanted of apps nothing begins without one, and what anybody may look at
// stays so. Sessions and refresh tokens from before go on.
func TestRequire(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, require)
	c := l.App()
	c.Session().Is(401)
	c.Do("GET", "/config", nil).Is(200)
	for path, body := range map[string]suite.M{
		"/auth/login": {"email": email, "password": suite.Password}, "/auth/signup": {"email": email, "password": suite.Password},
		"/auth/password/request": {"email": email}, "/auth/password/reset": {"key": "x", "password": suite.Password},
		"/auth/email/verify": {"key": "x"},
	} {
		c.Send("POST", path, body).Is(400, ":dpop_required")
		c.Send("POST", path, body, "DPoP", "nonsense").Is(400, ":invalid_dpop_proof")
	}
	l.Script().Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(400, "__all__:dpop_required")
	l.Script().Post("/signup/", suite.M{"email": email, "password": suite.Password}).Is(400, "__all__:dpop_required")
	l.Script().Post("/stages/login/", suite.M{"email": email, "password": suite.Password}).Is(400, "__all__:dpop_required")
	l.Browser().Signup(email).Is(401).Pending("verify_email")

	s, _ := script(l)
	r := s.Post("/signup/", suite.M{"email": "bob@example.com", "password": suite.Password}).Is(200).Waits("verify_email")
	s.Post("/email/verify/", suite.M{"key": l.Code("bob@example.com"), "token": r.FlowToken}).Is(200)
	if r := s.Post("/login/", suite.M{"email": "bob@example.com", "password": suite.Password}).Is(200); r.Type != "DPoP" {
		t.Errorf("%s", r.Raw)
	}
	bob := s.Send("GET", "/user/", nil).Is(200).User.ID
	bare, err := l.CreateSessionToken(t.Context(), bob, "app")
	if err != nil {
		t.Fatal(err)
	}
	c.Token = bare
	c.Session().Is(200)
	if _, err := l.ValidateSessionToken(t.Context(), bare); err != nil {
		t.Errorf("a token that a program made: %v", err)
	}
	if _, err := l.ValidateSessionToken(t.Context(), s.Access); err == nil {
		t.Error("a bound token shows its key")
	}
}
