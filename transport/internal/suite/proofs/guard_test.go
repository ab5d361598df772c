package proofs_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestGuard: a program's own routes are reached with the token of a bound session by its key alone, in
// each of the ways in which a token is shown, and wherever in the program they are mounted.
func TestGuard(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]suite.SetUp{"opaque": {offer}, "signed": {offer, suite.JWT}} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, set...)
			l.Member("app", email)
			c, of := app(l)
			c.Login(email).Is(200)
			s, by := script(l)
			s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200)
			for _, show := range []struct {
				header, scheme, tok string
				h                   *device.Holder
			}{
				{"X-Session-Token", "", c.Token, of}, {"Authorization", "DPoP ", c.Token, of}, {"Authorization", "DPoP ", s.Access, by},
			} {
				g := guarded{t, l, show.header}
				g.is(200, show.scheme+show.tok, prove(t, show.h, l.URL+"/api/notes/a%2Fb", show.tok))
				if got := g.is(401, show.scheme+show.tok, show.h.Last()); !strings.Contains(got, `error="invalid_dpop_proof"`) {
					t.Errorf("%s: the same proof: %q", show.header, got)
				}
				for what, proof := range map[string]string{
					"no proof": "", "another key": prove(t, holder(l, device.ES256), l.URL+"/api/notes/a%2Fb", show.tok),
					"another path": prove(t, show.h, l.URL+"/notes/a%2Fb", show.tok), "another token": prove(t, show.h, l.URL+"/api/notes/a%2Fb", "x"),
					"no token": prove(t, show.h, l.URL+"/api/notes/a%2Fb", ""),
				} {
					if got := g.is(401, show.scheme+show.tok, proof); !strings.HasPrefix(got, "DPoP error=") {
						t.Errorf("%s, %s: %q", show.header, what, got)
					}
				}
				if show.scheme != "" {
					g.is(401, "Bearer "+show.tok, prove(t, show.h, l.URL+"/api/notes/a%2Fb", show.tok))
				}
			}
		})
	}
}

// prove makes a proof for a GET.
func prove(t *testing.T, h *device.Holder, url, tok string) string {
	t.Helper()
	proof, err := h.Prove(device.Proof{Method: "GET", URL: url, Token: tok})
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// guarded asks for a route of a program, below a prefix that it does not see.
type guarded struct {
	t      *testing.T
	l      *suite.Lab
	header string
}

func (g guarded) is(status int, tok, proof string) (challenge string) {
	g.t.Helper()
	reached := false
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", g.l.RequireUser(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached = server.UserOf(r.Context()).Email == email
	}))))
	r, w := httptest.NewRequest("GET", "/api/notes/a%2Fb?page=2", nil), httptest.NewRecorder()
	r.Header.Set(g.header, tok)
	if proof != "" {
		r.Header.Set("DPoP", proof)
	}
	mux.ServeHTTP(w, r)
	if w.Code != status || reached != (status == 200) {
		g.t.Errorf("%s %.20s: %d, reached %v, want %d\n%s %q", g.header, tok, w.Code, reached, status, w.Body, w.Header().Get("WWW-Authenticate"))
	}
	if proof != "" && w.Header().Get("DPoP-Nonce") == "" {
		g.t.Error("no nonce for the next request")
	}
	return w.Header().Get("WWW-Authenticate")
}
