package token_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"stagedoor/transport/internal/token"
)

// object is a JSON object in a fixed order of members, as "name", value, ...
type object []any

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := 0; i < len(o); i += 2 {
		value, err := json.Marshal(o[i+1])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", o[i], value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// forger makes tokens by hand, with the very key of a server.
type forger struct {
	testing.TB
	algorithm string
	method    jwt.SigningMethod
	key       any
	kid       any
	claims    map[string]any
}

// newForger returns a server and a forger with its key and good claims.
func newForger(t testing.TB, algorithm, issuer string, c *clock) (*token.JWT, *forger) {
	t.Helper()
	cfg := config(t, algorithm, c)
	private, text := newKey(t, algorithm, 0)
	cfg.PrivateKey, cfg.Issuer = text, issuer
	j := newJWT(t, cfg)
	p := issue(t, j, sessionOf("42", "run", c.now()))
	f := &forger{
		TB: t, algorithm: algorithm, method: jwt.GetSigningMethod(algorithm), key: text,
		kid: decode(t, p.Access, 0)["kid"], claims: decode(t, p.Access, 1),
	}
	if private != nil {
		f.key = private
	}
	return j, f
}

func (f *forger) header() object { return object{"alg", f.algorithm, "kid", f.kid, "typ", "JWT"} }

// with returns the good claims with some changed; nil takes one away.
func (f *forger) with(changes ...any) map[string]any {
	c := maps.Clone(f.claims)
	for i := 0; i < len(changes); i += 2 {
		name := changes[i].(string)
		if c[name] = changes[i+1]; c[name] == nil {
			delete(c, name)
		}
	}
	return c
}

// text returns the first two segments.
func (f *forger) text(header, claims any) string {
	f.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		f.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		f.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
}

// sign returns a token under the server's key.
func (f *forger) sign(header, claims any) string { return f.signWith(header, claims, f.method, f.key) }

func (f *forger) signWith(header, claims any, method jwt.SigningMethod, key any) string {
	f.Helper()
	text := f.text(header, claims)
	signature, err := method.Sign(text, key)
	if err != nil {
		f.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// refuses checks that a token is refused as access and as refresh token, with no claims.
func (f *forger) refuses(j *token.JWT, name, tok string) {
	f.Helper()
	for use, verify := range map[string]func(token.Kind, string) (token.Claims, error){"access": j.Verify, "refresh": j.VerifyRefresh} {
		for _, client := range []token.Kind{token.App, token.Any} {
			c, err := verify(client, tok)
			if !errors.Is(err, token.ErrRefused) || !reflect.DeepEqual(c, token.Claims{}) {
				f.Errorf("%s as %s token of %v: %+v, %v; want ErrRefused", name, use, client, c, err)
			}
		}
	}
}

func TestForgersToolsWork(t *testing.T) {
	for _, algorithm := range algorithms {
		j, f := newForger(t, algorithm, "", newClock())
		for name, tok := range map[string]string{
			"good claims":     f.sign(f.header(), f.claims),
			"a claim of more": f.sign(f.header(), f.with("roles", []string{"admin"})),
			"nbf is over":     f.sign(f.header(), f.with("nbf", f.claims["iat"])),
		} {
			if _, err := j.Verify(token.App, tok); err != nil {
				t.Errorf("%s: a token with %s is refused: %v; the other tests prove nothing", algorithm, name, err)
			}
		}
	}
}

func TestHeadersAreOurs(t *testing.T) {
	for _, algorithm := range algorithms {
		j, f := newForger(t, algorithm, "", newClock())
		own, _ := json.Marshal(map[string]string{"kty": "oct", "k": "AAAA"})
		for name, header := range map[string]object{
			"no kid":            {"alg", algorithm, "typ", "JWT"},
			"an unknown kid":    {"alg", algorithm, "kid", "other", "typ", "JWT"},
			"an empty kid":      {"alg", algorithm, "kid", "", "typ", "JWT"},
			"kid as a path":     {"alg", algorithm, "kid", "../../dev/null", "typ", "JWT"},
			"a list of kids":    {"alg", algorithm, "kid", []any{f.kid}, "typ", "JWT"},
			"no alg":            {"kid", f.kid, "typ", "JWT"},
			"alg in lower case": {"alg", strings.ToLower(algorithm), "kid", f.kid, "typ", "JWT"},
			"alg twice":         {"alg", "none", "kid", f.kid, "typ", "JWT", "alg", algorithm},
			"another order":     {"kid", f.kid, "alg", algorithm, "typ", "JWT"},
			"another type":      {"alg", algorithm, "kid", f.kid, "typ", "at+jwt"},
			"no type":           {"alg", algorithm, "kid", f.kid},
			"crit":              {"alg", algorithm, "kid", f.kid, "typ", "JWT", "crit", []string{"exp"}},
			"zip":               {"alg", algorithm, "kid", f.kid, "typ", "JWT", "zip", "DEF"},
			"jku":               {"alg", algorithm, "kid", f.kid, "typ", "JWT", "jku", "https://evil.example/jwks"},
			"a key of its own":  {"alg", algorithm, "kid", f.kid, "typ", "JWT", "jwk", json.RawMessage(own)},
			"unencoded payload": {"alg", algorithm, "kid", f.kid, "typ", "JWT", "b64", false},
			"empty":             {},
		} {
			f.refuses(j, algorithm+", header with "+name, f.sign(header, f.claims))
		}
	}
}

func TestNoTokenChoosesItsAlgorithm(t *testing.T) {
	for _, algorithm := range algorithms {
		j, f := newForger(t, algorithm, "", newClock())
		for _, none := range []string{"none", "None", "NONE", "nOnE", ""} {
			for _, header := range []object{{"alg", none, "kid", f.kid, "typ", "JWT"}, {"alg", none, "typ", "JWT"}, f.header()} {
				text := f.text(header, f.claims)
				f.refuses(j, algorithm+" without a signature", text+".")
				f.refuses(j, algorithm+" without a signature or its dot", text)
				f.refuses(j, algorithm+" with an empty signature in zeros", text+"."+strings.Repeat("A", 86))
			}
		}
		for _, other := range algorithms {
			if other == algorithm {
				continue
			}
			private, text := newKey(t, other, 1)
			var key any = text
			if private != nil {
				key = private
			}
			header := object{"alg", other, "kid", f.kid, "typ", "JWT"}
			f.refuses(j, algorithm+" under an own key by "+other, f.signWith(header, f.claims, jwt.GetSigningMethod(other), key))
			f.refuses(j, algorithm+" signed by "+other, f.signWith(f.header(), f.claims, jwt.GetSigningMethod(other), key))
		}
	}
}

// TestPublicKeysAreNoSecrets signs with what everybody knows of the key (the attack that
// makes a server take a public key for an HMAC secret).
func TestPublicKeysAreNoSecrets(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		j, f := newForger(t, algorithm, "", newClock())
		public := f.key.(crypto.Signer).Public()
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		var set struct{ Keys []map[string]string }
		if err := json.Unmarshal(j.JWKS(), &set); err != nil {
			t.Fatal(err)
		}
		one, _ := json.Marshal(set.Keys[0])
		known := publicPEM(t, public)
		for name, secret := range map[string][]byte{
			"PEM": known, "PEM without its line end": bytes.TrimSpace(known), "DER": der, "JWKS": j.JWKS(), "JWK": one,
			"kid": []byte(f.kid.(string)), "n": []byte(set.Keys[0]["n"]), "x": []byte(set.Keys[0]["x"]), "nothing": {},
		} {
			header := object{"alg", "HS256", "kid", f.kid, "typ", "JWT"}
			f.refuses(j, algorithm+" with the secret "+name, f.signWith(header, f.claims, jwt.SigningMethodHS256, secret))
			f.refuses(j, algorithm+" with a MAC by "+name, f.signWith(f.header(), f.claims, jwt.SigningMethodHS256, secret))
		}
	}
}

func TestOtherServersKeys(t *testing.T) {
	for _, algorithm := range algorithms {
		c := newClock()
		ours, f := newForger(t, algorithm, "", c)
		private, text := newKey(t, algorithm, 1)
		cfg := config(t, algorithm, c)
		cfg.PrivateKey = text
		theirs := newJWT(t, cfg)
		p := issue(t, theirs, sessionOf("42", "run", c.now()))
		f.refuses(ours, algorithm+" of another server", p.Access)
		f.refuses(ours, algorithm+" of another server", p.Refresh)
		var key any = text
		if private != nil {
			key = private
		}
		f.refuses(ours, algorithm+" of another server with our kid", f.signWith(f.header(), f.claims, f.method, key))
	}
}

func TestClaimsAreJudgedThoughSigned(t *testing.T) {
	c := newClock()
	j, f := newForger(t, "EdDSA", "", c)
	now := c.now().Unix()
	for name, changes := range map[string][]any{
		"no use":                 {"token_use", nil},
		"use in capitals":        {"token_use", "Access"},
		"the use id":             {"token_use", "id"},
		"a list of uses":         {"token_use", []string{"access", "refresh"}},
		"no end":                 {"exp", nil},
		"an end that is null":    {"exp", json.RawMessage("null")},
		"an end in words":        {"exp", fmt.Sprint(now + 300)},
		"an end with a fraction": {"exp", float64(now) + 300.5},
		"an end beyond all":      {"exp", json.RawMessage("1e400")},
		"an end a second ago":    {"exp", now - 1, "iat", now - 300},
		"an end right now":       {"exp", now, "iat", now - 300},
		"an end before it began": {"exp", now + 3, "iat", now + 4},
		"a negative end":         {"exp", -1},
		"no beginning":           {"iat", nil},
		"a beginning to come":    {"iat", now + 6},
		"a beginning far ahead":  {"iat", now + 250},
		"a negative beginning":   {"iat", -now},
		"nbf ahead":              {"nbf", now + 6},
		"nbf in words":           {"nbf", "soon"},
		"no subject":             {"sub", nil},
		"an empty subject":       {"sub", ""},
		"a number as subject":    {"sub", 42},
		"a list as subject":      {"sub", []string{"42"}},
		"subject zero":           {"sub", "0"},
		"a subject too long":     {"sub", strings.Repeat("4", 65)},
		"a subject of two lines": {"sub", "4\n2"},
		"a subject beyond ASCII": {"sub", "42é"},
		"a spaced subject":       {"sub", " 42"},
		"no session":             {"sid", nil},
		"an empty session":       {"sid", ""},
		"half a session":         {"sid", f.claims["sid"].(string)[:22]},
		"a padded session":       {"sid", f.claims["sid"].(string) + "="},
		"a session and a half":   {"sid", f.claims["sid"].(string) + "AAAA"},
		"a session in hex":       {"sid", strings.Repeat("0f", 32)},
		"a number as session":    {"sid", 1},
		"no client":              {"client", nil},
		"a browser as client":    {"client", "browser"},
		"an unknown client":      {"client", "unknown"},
		"a client in capitals":   {"client", "App"},
		"no id":                  {"jti", nil},
		"an empty id":            {"jti", ""},
		"an issuer unasked for":  {"iss", "https://evil.example"},
		"a number as issuer":     {"iss", 1},
		"an end that is true":    {"exp", true},
		"more than any has":      {"roles", strings.Repeat("admin ", 2000)},
	} {
		f.refuses(j, "a token with "+name, f.sign(f.header(), f.with(changes...)))
	}
	for name, claims := range map[string]any{
		"a list": []any{f.claims}, "null": nil, "a string": "claims", "a number": 1, "an empty object": object{},
	} {
		f.refuses(j, "a token whose payload is "+name, f.sign(f.header(), claims))
	}
	if _, err := j.Verify(token.App, f.sign(f.header(), f.with("iat", now+5, "nbf", now+5))); err != nil {
		t.Errorf("made by a server whose clock is 5 s ahead: %v", err)
	}
}

func TestIssuersAreHeldApart(t *testing.T) {
	j, f := newForger(t, "ES256", "https://auth.example.org", newClock())
	if _, err := j.Verify(token.App, f.sign(f.header(), f.claims)); err != nil {
		t.Fatal(err)
	}
	for _, issuer := range []any{nil, "", "https://auth.example.org/", "https://AUTH.example.org", "other", []string{"https://auth.example.org"}} {
		f.refuses(j, fmt.Sprintf("a token of issuer %v", issuer), f.sign(f.header(), f.with("iss", issuer)))
	}
}
