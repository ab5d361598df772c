package proofs_test

import (
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestReasons: who comes with a token and without its key is told of, with the reason, a minute
// apart; a client whose proof wants a nonce is nobody's news.
func TestReasons(t *testing.T) {
	t.Parallel()
	h := new(suite.Heard)
	l := suite.NewLab(t, offer, suite.JWT, h.Hears, func(c *config.Config, _ *server.Options) { c.Headless.JWTAccessTokenExpires = 3600 })
	l.Somebody(email)
	s, of := script(l)
	h.Take(l, 2)
	r := s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
	if e := h.Tells(l, server.SignedIn, server.SessionBound)[1]; e.Binding != "dpop" || e.Client != "rest" {
		t.Errorf("told %+v", e)
	}
	const path = "/auth/session/"
	thief := l.Script()
	thief.Access, thief.Scheme = s.Access, "DPoP"
	prove := func(h *device.Holder, p device.Proof) string {
		t.Helper()
		p.Method, p.URL = "GET", l.URL+path
		proof, err := h.Prove(p)
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	s.Send("GET", "/session/", nil).Is(200)
	for _, c := range []struct {
		why string
		do  func()
	}{
		{"no_proof", func() { thief.Send("GET", "/session/", nil).Is(401) }},
		{"replayed", func() { thief.Send("GET", "/session/", nil, "DPoP", of.Last()).Is(401) }},
		{"wrong_key", func() {
			thief.Send("GET", "/session/", nil, "DPoP", prove(holder(l, device.ES256), device.Proof{Token: s.Access})).Is(401)
		}},
		{"signature", func() {
			thief.Send("GET", "/session/", nil, "DPoP", prove(of, device.Proof{Token: s.Access, Spoilt: true})).Is(401)
		}},
		{"token", func() { thief.Send("GET", "/session/", nil, "DPoP", prove(of, device.Proof{Token: "x"})).Is(401) }},
		{"bearer", func() {
			thief.Send("GET", "/session/", nil, "Authorization", "Bearer "+s.Access, "DPoP", prove(of, device.Proof{Token: s.Access})).Is(401)
		}},
		{"no_proof", func() { l.Script().Send("POST", "/token/refresh/", suite.M{"refresh_token": r.Refresh}).Is(400) }},
	} {
		l.Clock.Pass(61 * time.Second)
		s.Send("GET", "/session/", nil).Is(200)
		c.do()
		if e := h.Tells(l, server.SessionRefused)[0]; e.Why != c.why || e.Binding != "dpop" || e.Client != "rest" {
			t.Errorf("%s: told %+v", c.why, e)
		}
	}
}
