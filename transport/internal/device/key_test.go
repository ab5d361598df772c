package device

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// algorithms are all that keys sign by.
func algorithms() []string { return []string{ES256, ES384, EdDSA, RS256} }

func newTestKey(t testing.TB, alg string, seed byte) *Key {
	t.Helper()
	k, err := NewKey(alg, entropy(seed))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// parsed reads a JWT with somebody else's code, which checks the signature.
func parsed(t testing.TB, text string, k *Key) *jwt.Token {
	t.Helper()
	got, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return k.signer.Public(), nil },
		jwt.WithValidMethods([]string{k.alg}), jwt.WithoutClaimsValidation())
	if err != nil {
		t.Fatalf("%s: %v", k.alg, err)
	}
	return got
}

// Of every algorithm a signature is good for a library that knows nothing of this one, and the
// same entropy makes the same key.
func TestKeySigns(t *testing.T) {
	for i, alg := range algorithms() {
		k := newTestKey(t, alg, byte(i))
		text, err := k.Sign(map[string]any{"alg": alg, "typ": "x"}, map[string]any{"jti": "1"})
		if err != nil {
			t.Fatal(err)
		}
		got := parsed(t, text, k)
		if got.Header["typ"] != "x" || got.Claims.(jwt.MapClaims)["jti"] != "1" || k.Alg() != alg {
			t.Errorf("%s: %v %v", alg, got.Header, got.Claims)
		}
		again, err := newTestKey(t, alg, byte(i)).Sign(map[string]any{"alg": alg, "typ": "x"}, map[string]any{"jti": "1"})
		if err != nil || again != text {
			t.Errorf("%s: the same entropy signs otherwise (%v)", alg, err)
		}
		other := newTestKey(t, alg, byte(i)+100)
		if other.Thumbprint() == k.Thumbprint() {
			t.Errorf("%s: two keys with one thumbprint", alg)
		}
		if _, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return other.signer.Public(), nil }); err == nil {
			t.Errorf("%s: another key's signature is good", alg)
		}
	}
	if _, err := NewKey("none", entropy(1)); err == nil {
		t.Error("a key for none")
	}
	if _, err := NewKey(ES256, strings.NewReader("short")); err == nil {
		t.Error("a key of five bytes")
	}
	k := newTestKey(t, ES256, 9)
	k.JWK()["kty"] = "spoilt"
	if k.JWK()["kty"] != "EC" {
		t.Error("the key was changed from outside")
	}
	if _, err := k.Sign(map[string]any{"x": func() {}}, nil); err == nil {
		t.Error("signed what cannot be written")
	}
}

// The examples of the RFCs: 7638, section 3.1; 8037, appendix A.3; 9449, section 6.1.
func TestThumbprint(t *testing.T) {
	for want, jwk := range map[string]map[string]any{
		"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs": {"kty": "RSA", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
		"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I": {"kty": "EC", "crv": "P-256", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"},
	} {
		if got := thumbprint(jwk); got != want {
			t.Errorf("%s: %s", jwk["kty"], got)
		}
	}
}

// publicOf is the key of a JWK on P-256.
func publicOf(t testing.TB, jwk map[string]any) *ecdsa.PublicKey {
	t.Helper()
	point := []byte{4}
	for _, half := range []string{"x", "y"} {
		text, _ := jwk[half].(string)
		raw, err := text64.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		point = append(point, raw...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustRequest(t testing.TB, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
