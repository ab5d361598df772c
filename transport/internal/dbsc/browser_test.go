package dbsc

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"net/http"
	"testing"
	"time"

	"stagedoor/state"
)

func start() time.Time { return time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC) }

func newBinder(t testing.TB, secret byte) *Binder {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, bytes.Repeat([]byte{secret}, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	return &Binder{Keys: keys, Age: 10 * time.Minute, SameSite: http.SameSiteLaxMode, Initiators: []string{"app.example.com"}}
}

func hashOf(what string) []byte {
	sum := sha256.Sum256([]byte(what))
	return sum[:]
}

// browserKey signs as a browser does.
type browserKey struct {
	t   testing.TB
	key crypto.Signer
}

func ecKey(t testing.TB) browserKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return browserKey{t, key}
}

func rsaKey(t testing.TB, bits int) browserKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return browserKey{t, key}
}

// jwk is the public key as browsers write it.
func (k browserKey) jwk() map[string]any {
	switch key := k.key.Public().(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			k.t.Fatal(err)
		}
		return map[string]any{"kty": "EC", "crv": "P-256", "x": text().EncodeToString(point[1:33]), "y": text().EncodeToString(point[33:])}
	case *rsa.PublicKey:
		return map[string]any{"kty": "RSA", "n": text().EncodeToString(key.N.Bytes()), "e": text().EncodeToString(big.NewInt(int64(key.E)).Bytes())}
	}
	return nil
}

func (k browserKey) alg() string {
	if _, is := k.key.(*rsa.PrivateKey); is {
		return "RS256"
	}
	return "ES256"
}

// sign makes a JWT of a header and claims.
func (k browserKey) sign(header, claims map[string]any) string {
	k.t.Helper()
	var parts [2]string
	for i, part := range []map[string]any{header, claims} {
		raw, err := json.Marshal(part)
		if err != nil {
			k.t.Fatal(err)
		}
		parts[i] = text().EncodeToString(raw)
	}
	signed := parts[0] + "." + parts[1]
	digest := sha256.Sum256([]byte(signed))
	var signature []byte
	switch key := k.key.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			k.t.Fatal(err)
		}
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case *rsa.PrivateKey:
		var err error
		if signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:]); err != nil {
			k.t.Fatal(err)
		}
	}
	return signed + "." + text().EncodeToString(signature)
}

// header is that of a registration; refreshes have no jwk.
func (k browserKey) header(registers bool) map[string]any {
	h := map[string]any{"alg": k.alg(), "typ": "dbsc+jwt"}
	if registers {
		h["jwk"] = k.jwk()
	}
	return h
}
