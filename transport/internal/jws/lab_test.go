package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// maker signs tokens as a client does.
type maker struct {
	method  jwt.SigningMethod
	private crypto.Signer
	jwk     map[string]any
}

// makers is one of every kind of key, by its algorithm.
func makers(t testing.TB) map[string]maker {
	t.Helper()
	out := make(map[string]maker)
	for curve, method := range map[elliptic.Curve]jwt.SigningMethod{
		elliptic.P256(): jwt.SigningMethodES256, elliptic.P384(): jwt.SigningMethodES384, elliptic.P521(): jwt.SigningMethodES512,
	} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		out[method.Alg()] = maker{method, key, curveJWK(t, &key.PublicKey)}
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	out["EdDSA"] = maker{jwt.SigningMethodEdDSA, key, map[string]any{"kty": "OKP", "crv": "Ed25519", "x": Encode(key.Public().(ed25519.PublicKey))}}
	out["RS256"] = rsaMaker(t, 2048)
	return out
}

func rsaMaker(t testing.TB, bits int) maker {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return maker{jwt.SigningMethodRS256, key, map[string]any{
		"kty": "RSA", "n": Encode(key.N.Bytes()), "e": Encode(big.NewInt(int64(key.E)).Bytes()),
	}}
}

func curveJWK(t testing.TB, public *ecdsa.PublicKey) map[string]any {
	t.Helper()
	point, err := public.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := (len(point) - 1) / 2
	return map[string]any{"kty": "EC", "crv": public.Curve.Params().Name, "x": Encode(point[1 : 1+half]), "y": Encode(point[1+half:])}
}

// token signs claims, under a header with these members besides.
func (m maker) token(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	all := map[string]any{"typ": "dpop+jwt", "alg": m.method.Alg(), "jwk": m.jwk}
	for name, v := range header {
		if all[name] = v; v == nil {
			delete(all, name)
		}
	}
	text := segmentOf(t, all) + "." + segmentOf(t, claims)
	signature, err := m.method.Sign(text, m.private)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + Encode(signature)
}

func segmentOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return Encode(b)
}

// with is a copy of a key with one member changed, or removed by nil.
func with(jwk map[string]any, name string, v any) map[string]any {
	out := make(map[string]any)
	for k, x := range jwk {
		out[k] = x
	}
	if out[name] = v; v == nil {
		delete(out, name)
	}
	return out
}
