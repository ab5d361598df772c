package proofs_test

import (
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestNonces: where nonces are required a proof without one does nothing but bring one; the next is
// good, and goes on to be as long as answers bring new ones.
func TestNonces(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer, func(c *config.Config, _ *server.Options) { c.Session.DPoPNonceRequired = true })
	l.Member("app", email)
	h := holder(l, device.ES256)
	bare := func(method, path, tok, nonce string) string {
		t.Helper()
		proof, err := h.Key.Prove(device.Proof{Method: method, URL: l.URL + path, Token: tok, Nonce: nonce, At: l.Clock.Read(), ID: method + path + tok + nonce})
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	const login = "/_allauth/app/v1/auth/login"
	body := suite.M{"email": email, "password": suite.Password}
	r := l.App().Send("POST", "/auth/login", body, "DPoP", bare("POST", login, "", "")).Is(400, ":use_dpop_nonce")
	nonce := r.Header.Get("DPoP-Nonce")
	if nonce == "" {
		t.Fatal("no nonce came")
	}
	c := l.App()
	c.Do("POST", "/auth/login", body, "DPoP", bare("POST", login, "", nonce)).Is(200)
	const session = "/_allauth/app/v1/auth/session"
	refused(t, c.Send("GET", "/auth/session", nil, "DPoP", bare("GET", session, c.Token, "")), "use_dpop_nonce")
	c.Send("GET", "/auth/session", nil, "DPoP", bare("GET", session, c.Token, nonce)).Is(200)
	l.Clock.Pass(6 * time.Minute)
	r = c.Send("GET", "/auth/session", nil, "DPoP", bare("GET", session, c.Token, nonce))
	refused(t, r, "use_dpop_nonce")
	if got := r.Header.Get("DPoP-Nonce"); got == "" || got == nonce {
		t.Fatalf("the next nonce is %q", got)
	}
	// A whole client notices none of it.
	c.HTTP.Transport = h
	c.Session().Is(200)
	l.Clock.Pass(time.Hour)
	c.Session().Is(200)
}

// TestWrongClock: a client whose clock is wrong by hours gets on by the server's nonces, whether they
// are required or not, and its used proofs stay used.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	c, h := app(l)
	h.Now = func() time.Time { return l.Clock.Read().Add(-5 * time.Hour) }
	c.Login(email).Is(200)
	c.Session().Is(200)
	thief := l.App()
	thief.Token = c.Token
	for range 5 {
		refused(t, thief.Send("GET", "/auth/session", nil, "DPoP", h.Last()), "invalid_dpop_proof")
		l.Clock.Pass(50 * time.Second)
	}
	l.Clock.Pass(5 * time.Minute)
	refused(t, thief.Send("GET", "/auth/session", nil, "DPoP", h.Last()), "use_dpop_nonce")
}

// TestUsedForAsLongAsGood: a proof is remembered for as long as its time would do, which may be ahead.
func TestUsedForAsLongAsGood(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	c, h := app(l)
	c.Login(email).Is(200)
	proof, err := h.Key.Prove(device.Proof{Method: "GET", URL: l.URL + "/_allauth/app/v1/auth/session", Token: c.Token, At: l.Clock.Read().Add(time.Minute), ID: "ahead"})
	if err != nil {
		t.Fatal(err)
	}
	c.HTTP.Transport = nil
	c.Send("GET", "/auth/session", nil, "DPoP", proof).Is(200)
	for range 13 {
		l.Clock.Pass(9 * time.Second)
		refused(t, c.Send("GET", "/auth/session", nil, "DPoP", proof), "invalid_dpop_proof")
	}
	l.Clock.Pass(10 * time.Second)
	refused(t, c.Send("GET", "/auth/session", nil, "DPoP", proof), "use_dpop_nonce")
}

// TestOrigins: a proof made for another address is none, unless that is configured as one of ours.
func TestOrigins(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} {
		l := suite.NewLab(t, offer, func(c *config.Config, _ *server.Options) {
			if known {
				c.Session.DPoPOrigins = []string{"https://api.example.com"}
			}
		})
		l.Member("app", email)
		c, h := app(l)
		c.Login(email).Is(200)
		for url, want := range map[string]bool{
			strings.Replace(l.URL, "127.0.0.1", "localhost", 1): true, "https://api.example.com": known, "https://evil.example.com": false,
		} {
			proof, err := h.Prove(device.Proof{Method: "GET", URL: url + "/_allauth/app/v1/auth/session?x=y", Token: c.Token})
			if err != nil {
				t.Fatal(err)
			}
			if r := c.Send("GET", "/auth/session", nil, "DPoP", proof); (r.Status == 200) != want {
				t.Errorf("a proof for %s: %d, configured: %v", url, r.Status, known)
			}
		}
	}
}
