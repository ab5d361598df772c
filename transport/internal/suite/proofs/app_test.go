package proofs_test

import (
	"net/http"
	"strings"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// TestAppBinds: an app that signs in with a proof has a session that answers to its key alone.
func TestAppBinds(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	l.Member("app", email)
	c, h := app(l)
	c.Login(email).Is(200)
	c.Session().Is(200)
	if got := c.Session().User().Email; got != email {
		t.Fatalf("signed in as %q", got)
	}

	thief := l.App()
	thief.Token = c.Token
	refused(t, thief.Session(), "invalid_token")
	thief.HTTP.Transport = holder(l, device.ES256)
	refused(t, thief.Session(), "invalid_token")
	refused(t, thief.Do("POST", "/account/password/change", suite.M{"new_password": suite.Password}), "invalid_token")
	refused(t, thief.Do("DELETE", "/auth/session", nil), "invalid_token")
	c.Session().Is(200)

	// A proof that was shown is worth nothing, neither to the thief nor to its maker.
	thief.HTTP.Transport = nil
	refused(t, thief.Send("GET", "/auth/session", nil, "DPoP", h.Last()), "invalid_dpop_proof")
	c.Logout().Is(401)
	thief.HTTP.Transport = h
	thief.Session().Is(410)
}

// refused fails the test unless the answer is a 401 that says why by its challenge.
func refused(t *testing.T, r *suite.Reply, code string) {
	t.Helper()
	want := `DPoP error="` + code + `"`
	if got := r.Header.Get("WWW-Authenticate"); r.Status != http.StatusUnauthorized || !strings.HasPrefix(got, want) {
		t.Fatalf("%s: %d with %q, want %s\n%.300s", r.What, r.Status, got, want, r.Raw)
	}
}

// TestUnboundGoesOn: a client that shows no key is served as ever, and never bound later.
func TestUnboundGoesOn(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer)
	c := l.Member("app", email)
	c.Session().Is(200)
	bare := c.Token
	c.HTTP.Transport = holder(l, device.ES256)
	c.Session().Is(200)
	other := l.App()
	other.Token = bare
	if r := other.Session().Is(200); r.Header.Get("DPoP-Nonce") != "" {
		t.Error("a nonce for who shows no key")
	}
}

// TestOffIsOff: where it is off nothing of a proof is read.
func TestOffIsOff(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	l.Member("app", email)
	c, _ := app(l)
	c.Login(email).Is(200)
	if r := c.Send("GET", "/auth/session", nil, "DPoP", "nonsense"); r.Status != 200 || r.Header.Get("DPoP-Nonce") != "" {
		t.Errorf("%d, %v", r.Status, r.Header)
	}
}
