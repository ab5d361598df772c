package resource

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// tokens are those of a sign-in, wherever a contract has them.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Meta    struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	} `json:"meta"`
}

// takesTheServers: what a server gives on either contract opens an API: to who has shown no key
// as a bearer's, to who has shown one with a proof by it alone.
func takesTheServers(t *testing.T, start starter) {
	l := suite.NewLab(t, func(c *config.Config, o *server.Options) {
		c.Account.EmailVerification, c.Headless.TokenStrategy, c.Session.DeviceBound = "none", "jwt", "offer"
		o.Now = time.Now // the API has its own clock
	})
	a := start(t, l.Config.Origin())
	for name, path := range map[string]string{"app": "/_allauth/app/v1/auth/signup", "plain": "/auth/signup"} {
		url := l.Config.Origin() + path
		free := signUp(t, http.DefaultTransport, url, name+"-free@example.org")
		a.wants(t, name, request{path: "/me", scheme: "Bearer", token: free.Access}, asBearer)
		a.wants(t, name+", refresh token", request{path: "/me", scheme: "Bearer", token: free.Refresh}, noToken)
		key, err := device.NewKey(device.ES256, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		holder := &device.Holder{Key: key, HTTP: http.DefaultTransport, Now: time.Now, Entropy: rand.Reader}
		bound := signUp(t, holder, url, name+"-bound@example.org")
		prove := func(token string) []string {
			proof, err := holder.Prove(device.Proof{Method: "GET", URL: a.url + "/me", Token: token})
			if err != nil {
				t.Fatal(err)
			}
			return []string{proof}
		}
		a.wants(t, name+", bound", request{path: "/me", scheme: "DPoP", token: bound.Access, proofs: prove(bound.Access)}, asBound)
		a.wants(t, name+", bound, by a thief", request{path: "/me", scheme: "Bearer", token: bound.Access}, noToken)
		a.wants(t, name+", bound, by a thief who guesses", request{path: "/me", scheme: "DPoP", token: bound.Access}, noProof)
		a.wants(t, name+", bound refresh token", request{path: "/me", scheme: "DPoP", token: bound.Refresh, proofs: prove(bound.Refresh)}, noToken)
	}
}

// signUp makes an account and returns its tokens.
func signUp(t *testing.T, by http.RoundTripper, url, email string) tokens {
	t.Helper()
	body, err := json.Marshal(map[string]string{"email": email, "password": suite.Password})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := by.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got tokens
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	if got.Access == "" {
		got.Access, got.Refresh = got.Meta.Access, got.Meta.Refresh
	}
	return got
}
