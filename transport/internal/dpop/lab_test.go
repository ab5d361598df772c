package dpop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/jws"
)

// now is the time of all tests.
var now = time.Date(2026, 5, 4, 12, 0, 7, 0, time.UTC)

// keyring returns keys of a server, the same for the same letter.
func keyring(t testing.TB, letter string) *state.Keyring {
	t.Helper()
	k, err := state.NewKeyring(rand.Reader, []byte(strings.Repeat(letter, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// verifier judges for https://auth.example.com.
func verifier(t testing.TB, required bool) *Verifier {
	t.Helper()
	v, err := New(Config{Origins: []string{"https://auth.example.com"}, Window: time.Minute, Nonces: NewNonces(keyring(t, "k")), Required: required})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// client makes proofs.
type client struct{ key *ecdsa.PrivateKey }

func newClient(t testing.TB) client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return client{key}
}

func (c client) jwk(t testing.TB) map[string]any {
	t.Helper()
	point, err := c.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "x": jws.Encode(point[1:33]), "y": jws.Encode(point[33:])}
}

// proof makes one for POST /login at now, with members changed, or removed by nil.
func (c client) proof(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	h := map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": c.jwk(t)}
	p := map[string]any{"jti": "one", "htm": "POST", "htu": "https://auth.example.com/login", "iat": now.Unix()}
	return c.sign(t, changed(h, header), changed(p, claims))
}

func changed(all, by map[string]any) map[string]any {
	maps.Copy(all, by)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func (c client) sign(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	var parts [2]string
	for i, v := range []any{header, claims} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = jws.Encode(b)
	}
	text := parts[0] + "." + parts[1]
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, c.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + jws.Encode(signature)
}

// login is the request that proofs are made for.
func login() Request { return Request{Method: "POST", Path: "/login", Now: now} }
