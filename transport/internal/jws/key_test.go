package jws

import (
	"encoding/json"
	"errors"
	"testing"
)

// TestThumbprint holds the names of keys against the examples of the standards.
func TestThumbprint(t *testing.T) {
	for name, c := range map[string]struct{ jwk, want string }{
		"RFC 7638, section 3.1":  {`{"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}`, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		"RFC 8037, appendix A.3": {`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		"RFC 9449, figure 9":     {`{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}`, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
	} {
		key, err := ParseKey(json.RawMessage(c.jwk))
		if err != nil || key.Thumbprint != c.want {
			t.Errorf("%s: %v, %v", name, key, err)
		}
	}
}

// TestWeakKeys: what is no public key of a kind that is taken, in its one form, is none.
func TestWeakKeys(t *testing.T) {
	all := makers(t)
	point, octets, modulus := all["ES256"].jwk, all["EdDSA"].jwk, all["RS256"].jwk
	x := point["x"].(string)
	short, err := decode(x)
	if err != nil {
		t.Fatal(err)
	}
	n, err := decode(modulus["n"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for name, jwk := range map[string]map[string]any{
		"private":           with(point, "d", x),
		"secret":            {"kty": "oct", "k": x},
		"private exponent":  with(modulus, "dp", "AQAB"),
		"no coordinate":     with(point, "y", nil),
		"a short one":       with(point, "x", Encode(short[:31])),
		"a long one":        with(point, "x", Encode(append([]byte{0}, short...))),
		"Ed25519 on P-256":  with(point, "alg", "Ed25519"),
		"not on the curve":  with(point, "y", x),
		"another curve":     with(point, "crv", "secp256k1"),
		"no curve":          with(point, "crv", nil),
		"kind in capitals":  with(point, "kty", "ec"),
		"X25519":            with(octets, "crv", "X25519"),
		"Ed25519 too short": with(octets, "x", Encode(short[:31])),
		"weak RSA":          rsaMaker(t, 1024).jwk,
		"leading zero":      with(modulus, "n", Encode(append([]byte{0}, n...))),
		"even modulus":      with(modulus, "n", Encode(append(n[:len(n)-1:len(n)-1], 2))),
		"exponent 1":        with(modulus, "e", Encode([]byte{1})),
		"exponent even":     with(modulus, "e", Encode([]byte{1, 0, 0})),
		"exponent long":     with(modulus, "e", Encode([]byte{1, 0, 0, 0, 1})),
		"for another use":   with(point, "alg", "ES384"),
		"enormous":          with(modulus, "n", Encode(append(append([]byte{255}, make([]byte, 1200)...), 1))),
	} {
		b, err := json.Marshal(jwk)
		if err != nil {
			t.Fatal(err)
		}
		if key, err := ParseKey(b); !errors.Is(err, ErrKey) && !errors.Is(err, ErrMalformed) || key != nil {
			t.Errorf("%s: %+v, %v", name, key, err)
		}
	}
	for _, text := range []string{"", "null", "[]", `"x"`, "{"} {
		if key, err := ParseKey(json.RawMessage(text)); err == nil || key != nil {
			t.Errorf("%q is a key", text)
		}
	}
	if _, err := NewKey("a text"); err == nil {
		t.Error("a text is a key")
	}
}
