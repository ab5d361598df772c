package device

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestProof(t *testing.T) {
	at := time.Unix(1900000000, 0)
	for i, alg := range algorithms() {
		k := newTestKey(t, alg, byte(i))
		text, err := k.Prove(Proof{Method: "POST", URL: "https://server.example/token?x=1#y", Token: "t", Nonce: "n", At: at, ID: "id"})
		if err != nil {
			t.Fatal(err)
		}
		got := parsed(t, text, k)
		jwk, _ := got.Header["jwk"].(map[string]any)
		if got.Header["typ"] != "dpop+jwt" || got.Header["alg"] != alg || thumbprint(jwk) != k.Thumbprint() || jwk["d"] != nil {
			t.Errorf("%s: %v", alg, got.Header)
		}
		c := got.Claims.(jwt.MapClaims)
		if c["htm"] != "POST" || c["htu"] != "https://server.example/token" || c["iat"] != float64(at.Unix()) || c["jti"] != "id" || c["nonce"] != "n" || c["ath"] != TokenHash("t") {
			t.Errorf("%s: %v", alg, c)
		}
	}
	// RFC 9449, section 7.1.
	if got := TokenHash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"); got != "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" {
		t.Errorf("ath: %s", got)
	}
}

// Without a token and a nonce a proof says nothing of them.
func TestProofOfASignIn(t *testing.T) {
	k := newTestKey(t, ES256, 1)
	text, err := k.Prove(Proof{Method: "GET", URL: "https://server.example", ID: "id"})
	if err != nil {
		t.Fatal(err)
	}
	c := parsed(t, text, k).Claims.(jwt.MapClaims)
	if _, has := c["ath"]; has || c["nonce"] != nil || len(c) != 4 {
		t.Errorf("%v", c)
	}
}

// A proof errs in the one way that it is told, and in no other.
func TestProofErrs(t *testing.T) {
	k := newTestKey(t, ES256, 1)
	prove := func(p Proof) string {
		p.Method, p.URL, p.ID = "GET", "https://server.example/", "id"
		text, err := k.Prove(p)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := prove(Proof{})
	other := prove(Proof{Header: map[string]any{"typ": nil}, Claims: map[string]any{"htm": "POST", "jti": nil}})
	got := parsed(t, other, k)
	if c := got.Claims.(jwt.MapClaims); got.Header["typ"] != nil || c["htm"] != "POST" || c["jti"] != nil || c["htu"] == nil {
		t.Errorf("%v %v", got.Header, c)
	}
	head, signature, _ := cutLast(good, ".")
	if bad := prove(Proof{Spoilt: true}); !strings.HasPrefix(bad, head+".") || bad == good || len(bad) != len(good) || signature == "" {
		t.Errorf("spoilt: %s", bad)
	}
	if bare := prove(Proof{Unsigned: true}); bare != head+"." {
		t.Errorf("unsigned: %s", bare)
	}
	if _, err := k.Prove(Proof{Claims: map[string]any{"x": func() {}}}); err == nil {
		t.Error("proved what cannot be written")
	}
}
