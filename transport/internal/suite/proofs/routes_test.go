package proofs_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// asked is a method of a path.
type asked struct{ method, path string }

// operations are all that a document has, with something in the place of what varies in paths.
func operations(l *suite.Lab, document string) []asked {
	l.T.Helper()
	got, err := http.Get(l.URL + document)
	if err != nil {
		l.T.Fatal(err)
	}
	defer got.Body.Close()
	var doc struct {
		Servers []struct{ URL string }
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.NewDecoder(got.Body).Decode(&doc); err != nil {
		l.T.Fatal(err)
	}
	base := strings.TrimSuffix(doc.Servers[0].URL, "/")
	var out []asked
	for path, methods := range doc.Paths {
		for method := range methods {
			if m := strings.ToUpper(method); m == "GET" || m == "POST" || m == "PUT" || m == "PATCH" || m == "DELETE" {
				out = append(out, asked{m, base + regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "dummy")})
			}
		}
	}
	if len(out) < 20 {
		l.T.Fatalf("%s has %d operations", document, len(out))
	}
	return out
}

// shown sends a request with a token and a proof, and returns the status and what it says is wrong.
func shown(l *suite.Lab, a asked, header, tok, proof string) (int, string) {
	l.T.Helper()
	req, err := http.NewRequest(a.method, l.URL+a.path, strings.NewReader(`{}`))
	if err != nil {
		l.T.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if tok != "" {
		req.Header.Set(header, tok)
	}
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	got, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		l.T.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		l.T.Fatal(err)
	}
	said := got.Header.Get("WWW-Authenticate")
	if got.StatusCode == http.StatusBadRequest {
		said = string(body)
	}
	if bytes.Contains(body, []byte(email)) {
		said = "tells who it is"
	}
	return got.StatusCode, said
}

// everybodys are the routes that ask nobody who they are.
func everybodys(path string) bool {
	return strings.HasSuffix(path, "/config") || strings.HasSuffix(path, "/auth/providers")
}

// begins reports whether a route of the plain contract begins something, whatever token comes along.
func begins(path string) bool { return path == "/auth/providers/dummy/redirect" }

// TestEveryRouteAsksForTheKey: with the token of a bound session and without its key, no route of either
// contract does anything, and with a proof each does it once.
func TestEveryRouteAsksForTheKey(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.Dummies, offer)
	l.Member("app", email)
	for _, c := range []struct {
		document, prefix, header, scheme string
		signIn                           func() (string, *device.Holder)
	}{
		{"/_allauth/openapi.json", "/_allauth/app/", "X-Session-Token", "", func() (string, *device.Holder) {
			c, h := app(l)
			c.Login(email).Is(200)
			return c.Token, h
		}},
		{"/auth/openapi.json", "/auth/", "Authorization", "DPoP ", func() (string, *device.Holder) {
			s, h := script(l)
			return s.Post("/login/", suite.M{"email": email, "password": suite.Password}).Is(200).Access, h
		}},
	} {
		for _, a := range operations(l, c.document) {
			if !strings.HasPrefix(a.path, c.prefix) || everybodys(a.path) {
				continue
			}
			tok, h := c.signIn()
			if status, said := shown(l, a, c.header, c.scheme+tok, ""); status < 400 && !begins(a.path) || said == "tells who it is" {
				t.Errorf("%v without the key: %d %s", a, status, said)
			}
			proof, err := h.Prove(device.Proof{Method: a.method, URL: l.URL + a.path, Token: tok})
			if err != nil {
				t.Fatal(err)
			}
			first, saidFirst := shown(l, a, c.header, c.scheme+tok, proof)
			if first == http.StatusUnauthorized && strings.Contains(saidFirst, "DPoP error") {
				t.Errorf("%v with the key: %s", a, saidFirst)
			}
			second, said := shown(l, a, c.header, c.scheme+tok, proof)
			if !strings.Contains(said, "replayed") && (first < 400 || second != first) {
				t.Errorf("%v: %d %s, with the same proof %d %s", a, first, saidFirst, second, said)
			}
		}
	}
}
