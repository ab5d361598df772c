package token_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"hash/crc32"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

var algorithms = []string{"RS256", "ES256", "EdDSA", "HS256"}

// rsaKeys are made once: one takes long.
var rsaKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	var out []*rsa.PrivateKey
	for range 3 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		out = append(out, k)
	}
	return out
})

// newKey returns a private key for the algorithm, nil for HS256, and its text. Those of
// one n are the same for RS256 alone.
func newKey(t testing.TB, algorithm string, n int) (private crypto.Signer, text []byte) {
	t.Helper()
	var err error
	switch algorithm {
	case "HS256":
		secret := make([]byte, 24)
		rand.Read(secret)
		return nil, []byte(base64.RawURLEncoding.EncodeToString(secret))
	case "RS256":
		private = rsaKeys()[n]
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return private, privatePEM(t, private)
}

func privatePEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return asPEM(t, "PRIVATE KEY", der, err)
}

func publicPEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	return asPEM(t, "PUBLIC KEY", der, err)
}

func asPEM(t testing.TB, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2031, 5, 17, 12, 0, 0, 400e6, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func keyring(t testing.TB) *state.Keyring {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, bytes.Repeat([]byte{7}, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// config returns a configuration that has no faults, under a key of its own.
func config(t testing.TB, algorithm string, c *clock) token.JWTConfig {
	t.Helper()
	_, text := newKey(t, algorithm, 0)
	return token.JWTConfig{
		Algorithm: algorithm, PrivateKey: text, AccessAge: 5 * time.Minute, RefreshAge: 24 * time.Hour,
		Rotate: true, ReuseEndsFamily: true, Keys: keyring(t), Rand: rand.Reader, Now: c.now,
	}
}

func newJWT(t testing.TB, c token.JWTConfig) *token.JWT {
	t.Helper()
	j, err := token.NewJWT(c)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// sessionOf returns a session that an app was granted at the time.
func sessionOf(account state.AccountID, run string, at time.Time) *state.Session {
	hash := sha256.Sum256([]byte(run))
	return &state.Session{
		ID: 1<<40 + int64(crc32.ChecksumIEEE([]byte(account))), Account: account, Run: run, TokenHash: hash[:], Client: "app",
		CreatedAt: at, LastSeen: at, ExpiresAt: at.Add(14 * 24 * time.Hour),
	}
}

func issue(t testing.TB, j *token.JWT, s *state.Session) token.Pair {
	t.Helper()
	p, err := j.Issue(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// decode returns a segment of a token as JSON.
func decode(t testing.TB, tok string, segment int) map[string]any {
	t.Helper()
	parts := strings.Split(tok, ".")
	if len(parts) != 3 {
		t.Fatalf("%q has %d segments", tok, len(parts))
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(parts[segment])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
