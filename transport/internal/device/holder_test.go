package device

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// within answers requests from a handler.
type within struct{ http.Handler }

func (w within) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	got := httptest.NewRecorder()
	w.ServeHTTP(got, in)
	return got.Result(), nil
}

func newHolder(t testing.TB, handler http.HandlerFunc) *Holder {
	return &Holder{
		Key: newTestKey(t, ES256, 1), HTTP: within{handler}, Entropy: entropy(2),
		Now: func() time.Time { return time.Unix(1900000000, 0) },
	}
}

func ask(t testing.TB, by http.RoundTripper, method, address, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	got, err := by.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return got, string(text)
}

// A request is proved for the token that it carries, wherever that stands; one with a proof of
// its own, or an empty one, goes as it is.
func TestHolderProves(t *testing.T) {
	var seen *http.Request
	h := newHolder(t, func(_ http.ResponseWriter, r *http.Request) { seen = r })
	claims := func() jwt.MapClaims { return parsed(t, seen.Header.Get("DPoP"), h.Key).Claims.(jwt.MapClaims) }
	ids := []any{}
	for header, value := range map[string]string{"Authorization": "DPoP tok", "X-Session-Token": "tok"} {
		ask(t, h, "POST", "https://h.example/p?q", "", header, value)
		c := claims()
		if c["ath"] != TokenHash("tok") || c["htm"] != "POST" || c["htu"] != "https://h.example/p" {
			t.Errorf("%s: %v", header, c)
		}
		ids = append(ids, c["jti"])
	}
	if slices.Contains(ids[1:], ids[0]) {
		t.Error("two proofs with one name")
	}
	ask(t, h, "GET", "https://h.example/", "", "Authorization", "Basic x")
	if c := claims(); c["ath"] != nil {
		t.Errorf("no token: %v", c)
	}
	if h.Last() != seen.Header.Get("DPoP") {
		t.Error("the last proof is another")
	}
	ask(t, h, "GET", "https://h.example/", "", "DPoP", "mine")
	if got := seen.Header.Get("DPoP"); got != "mine" {
		t.Errorf("its own: %s", got)
	}
	ask(t, h, "GET", "https://h.example/", "", "DPoP", "")
	if _, has := seen.Header["Dpop"]; has {
		t.Error("an empty proof was sent")
	}
}

// A nonce is taken up, and a request that lacked it is made again once, with its body.
func TestHolderTakesNonces(t *testing.T) {
	for name, refuse := range map[string]func(http.ResponseWriter){
		"challenge": func(w http.ResponseWriter) {
			w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce", algs="ES256"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		"body": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error": "use_dpop_nonce"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			tries, always := 0, false
			var h *Holder
			h = newHolder(t, func(w http.ResponseWriter, r *http.Request) {
				tries++
				w.Header().Set("DPoP-Nonce", "n1")
				if c := parsed(t, r.Header.Get("DPoP"), h.Key).Claims.(jwt.MapClaims); c["nonce"] != "n1" || always {
					refuse(w)
					return
				}
				_, _ = io.Copy(w, r.Body)
			})
			got, text := ask(t, h, "POST", "https://h.example/", "hello")
			if got.StatusCode != 200 || text != "hello" || tries != 2 || h.Nonce() != "n1" {
				t.Errorf("%d %q after %d tries", got.StatusCode, text, tries)
			}
			if ask(t, h, "POST", "https://h.example/", "again"); tries != 3 {
				t.Errorf("the nonce was not kept: %d tries", tries)
			}
			tries, always = 0, true
			if got, _ := ask(t, h, "POST", "https://h.example/", ""); tries != 2 || got.StatusCode < 400 {
				t.Errorf("%d after %d tries", got.StatusCode, tries)
			}
		})
	}
	h := newHolder(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("DPoP-Nonce", "n1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error": "other"}`)
	})
	if got, text := ask(t, h, "GET", "https://h.example/", ""); got.StatusCode != 400 || text != `{"error": "other"}` {
		t.Errorf("%d %s", got.StatusCode, text)
	}
}
