package proofs_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// TestPlainBinds: a client of the plain contract that signs in with a proof has tokens which are of
// use with its key alone, whether they are signed or not.
func TestPlainBinds(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]suite.SetUp{"opaque": {offer}, "signed": {offer, suite.JWT}} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, set...)
			l.Somebody(email)
			s, h := script(l)
			r := s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
			if r.Type != "DPoP" || r.Access == "" {
				t.Fatalf("%s", r.Raw)
			}
			s.Send("GET", "/session/", nil).Is(200)

			thief := l.Script()
			thief.Access = s.Access
			challenged(t, thief.Send("GET", "/session/", nil), "invalid_token")
			// Not as a bearer token either, where the key is shown besides.
			thief.HTTP = h
			challenged(t, thief.Send("GET", "/session/", nil), "invalid_token")
			thief.HTTP, thief.Scheme = holder(l, device.ES256), "DPoP"
			challenged(t, thief.Send("GET", "/session/", nil), "invalid_token")
			thief.HTTP = nil
			challenged(t, thief.Send("GET", "/session/", nil), "invalid_token")
			challenged(t, thief.Send("GET", "/session/", nil, "DPoP", h.Last()), "invalid_dpop_proof")
			s.Send("GET", "/session/", nil).Is(200)
		})
	}
}

// challenged fails the test unless the answer is a 401 that says why.
func challenged(t *testing.T, r *suite.Said, code string) {
	t.Helper()
	r.Is(401)
	if got := r.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, `DPoP error="`+code+`"`) {
		t.Fatalf("%q, want %s", got, code)
	}
}

// TestRefresh: a refresh token is exchanged by its key alone, and a thief who tries does not end
// the session; both new tokens are bound like the old ones.
func TestRefresh(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, offer, suite.JWT)
	l.Somebody(email)
	s, h := script(l)
	r := s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
	jkt := confirmed(t, r.Access)
	if jkt != h.Key.Thumbprint() || confirmed(t, r.Refresh) != jkt {
		t.Fatalf("bound to %q and %q", jkt, confirmed(t, r.Refresh))
	}
	body := suite.M{"refresh_token": r.Refresh}
	thief := l.Script()
	thief.Send("POST", "/token/refresh/", body).Is(400, "__all__:invalid_dpop_proof")
	thief.HTTP = holder(l, device.ES256)
	thief.Send("POST", "/token/refresh/", body).Is(400, "__all__:invalid_dpop_proof")
	s.Access = ""
	next := s.Post("/token/refresh/", body).Is(200)
	if next.Type != "DPoP" || confirmed(t, next.Access) != jkt || confirmed(t, next.Refresh) != jkt {
		t.Fatalf("%s", next.Raw)
	}
	// Used before, and not the thief's: nothing comes of it.
	l.Clock.Pass(60e9)
	thief.Send("POST", "/token/refresh/", body).Is(400, "__all__:invalid_dpop_proof")
	s.Send("GET", "/session/", nil).Is(200)
	s.Send("POST", "/token/refresh/", suite.M{"refresh_token": next.Refresh}).Is(200)
}

// confirmed is the key that a signed token is bound to.
func confirmed(t *testing.T, tok string) string {
	t.Helper()
	parts := strings.Split(tok, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is not signed", tok)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Confirm struct{ JKT string } `json:"cnf"`
	}
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claims.Confirm.JKT
}
