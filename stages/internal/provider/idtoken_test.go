package provider

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const realm = "https://login.example.com/realm"

// mock is an OpenID provider and us as its client.
func mock(t *testing.T) (*internet, *issuer, *Provider) {
	t.Helper()
	n := newInternet(t)
	return n, n.openIssuer(realm), n.provider(Config{ID: "mock", Kind: "openid_connect", ServerURL: realm, Secret: "secret"})
}

func TestGoodIDTokens(t *testing.T) {
	_, i, p := mock(t)
	for name, changes := range map[string]map[string]any{
		"plain":                            {},
		"several audiences, given to us":   {"aud": []string{"other", "client"}, "azp": "client"},
		"one audience in a list":           {"aud": []string{"client"}},
		"given to us":                      {"azp": "client"},
		"a clock that is a little ahead":   {"iat": noon().Add(30 * time.Second).Unix()},
		"the last second":                  {"exp": noon().Unix()},
		"a nonce nobody asked for":         {"nonce": "x"},
		"a sub that is a number in text":   {"sub": "0"},
		"claims that are of no interest":   {"Aud": "x", "roles": []string{"admin"}, "email": []any{1}},
		"fractions of seconds":             {"exp": float64(noon().Unix()) + 59.5},
		"a name of the token, not counted": {"jti": "1"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(changes)})
			if err != nil || a.UID == "" || a.Provider != "mock" {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

// TestGivenToOurApp: an app with a client id of its own brings a token that is for the
// server, where both are configured.
func TestGivenToOurApp(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{ID: "mock", Kind: "openid_connect", ServerURL: realm, Secret: "secret", ClientID: "client,our-app"})
	for azp, right := range map[string]bool{"our-app": true, "client": true, "client,our-app": false, "other": false} {
		_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"azp": azp})})
		if (err == nil) != right {
			t.Errorf("given to %s: %v", azp, err)
		}
	}
}

// badTokens are id_tokens that must not pass.
func badTokens(t *testing.T, i *issuer) map[string]string {
	t.Helper()
	all := unsignedTokens(t, i)
	maps.Copy(all, falseTokens(t, i))
	return all
}

// falseTokens are signed well, and say what they must not.
func falseTokens(t *testing.T, i *issuer) map[string]string {
	t.Helper()
	return map[string]string{
		"no sub":                        i.mint(map[string]any{"sub": nil}),
		"empty sub":                     i.mint(map[string]any{"sub": ""}),
		"sub of spaces":                 i.mint(map[string]any{"sub": "  "}),
		"a list as sub":                 i.mint(map[string]any{"sub": []string{"a", "b"}}),
		"a list of one as sub":          i.mint(map[string]any{"sub": []string{"a"}}),
		"an object as sub":              i.mint(map[string]any{"sub": map[string]any{"a": 1}}),
		"true as sub":                   i.mint(map[string]any{"sub": true}),
		"a fraction as sub":             i.mint(map[string]any{"sub": 1.5}),
		"sub too long":                  i.mint(map[string]any{"sub": strings.Repeat("x", MaxUID+1)}),
		"sub with a null byte":          i.mint(map[string]any{"sub": "a\x00b"}),
		"sub in capitals only":          i.mint(map[string]any{"sub": nil, "SUB": "victim"}),
		"sub twice, in capitals, too":   signRaw(t, i.kid, `{"iss":"`+i.url+`","aud":"client","sub":"sub-1","SUB":"victim","iat":1,"exp":99999999999}`),
		"aud twice, in capitals, too":   signRaw(t, i.kid, `{"iss":"`+i.url+`","aud":"other","AUD":"client","sub":"sub-1","iat":1,"exp":99999999999}`),
		"claims that are a list":        signRaw(t, i.kid, `[{"iss":"`+i.url+`","aud":"client","sub":"sub-1","iat":1,"exp":99999999999}]`),
		"claims that are null":          signRaw(t, i.kid, `null`),
		"for another client":            i.mint(map[string]any{"aud": "somebody"}),
		"for the empty client":          i.mint(map[string]any{"aud": ""}),
		"for nobody":                    i.mint(map[string]any{"aud": nil}),
		"for an empty list":             i.mint(map[string]any{"aud": []string{}}),
		"for an object":                 i.mint(map[string]any{"aud": map[string]any{"client": true}}),
		"for us in capitals":            i.mint(map[string]any{"aud": "CLIENT"}),
		"for us by another name":        i.mint(map[string]any{"aud": nil, "AUD": "client"}),
		"for several, given to nobody":  i.mint(map[string]any{"aud": []string{"client", "other"}}),
		"for us, given to another":      i.mint(map[string]any{"azp": "other"}),
		"for us, given to nothing":      i.mint(map[string]any{"azp": ""}),
		"for us, given to a number":     i.mint(map[string]any{"azp": 5}),
		"for us, given to a list":       i.mint(map[string]any{"azp": []string{"client"}}),
		"for several, given to another": i.mint(map[string]any{"aud": []string{"client", "other"}, "azp": "other"}),
		"another issuer":                i.mint(map[string]any{"iss": "https://evil.example.com"}),
		"the issuer and a slash":        i.mint(map[string]any{"iss": i.url + "/"}),
		"no issuer":                     i.mint(map[string]any{"iss": nil}),
		"issuer twice":                  signRaw(t, i.kid, `{"iss":"https://evil.example.com","ISS":"`+i.url+`","aud":"client","sub":"sub-1","iat":1,"exp":99999999999}`),
		"expired":                       i.mint(map[string]any{"exp": noon().Add(-time.Second).Unix()}),
		"never expires":                 i.mint(map[string]any{"exp": nil}),
		"expires in words":              i.mint(map[string]any{"exp": "tomorrow"}),
		"never issued":                  i.mint(map[string]any{"iat": nil}),
		"issued in the future":          i.mint(map[string]any{"iat": noon().Add(2 * time.Minute).Unix(), "exp": noon().Add(time.Hour).Unix()}),
		"not valid yet":                 i.mint(map[string]any{"nbf": noon().Add(time.Hour).Unix()}),
		"a claim that lives elsewhere":  i.mint(map[string]any{"_claim_names": map[string]any{"sub": "x"}}),
	}
}

// unsignedTokens are signed by nobody, or not as they must be.
func unsignedTokens(t *testing.T, i *issuer) map[string]string {
	t.Helper()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	with := func(method jwt.SigningMethod, key any, header map[string]any) string {
		token := jwt.NewWithClaims(method, i.claims(nil))
		token.Header["kid"] = i.kid
		for k, v := range header {
			token.Header[k] = v
		}
		s, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	good := i.mint(nil)
	parts := strings.Split(good, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"` + i.url + `","aud":"client","sub":"victim","iat":1,"exp":99999999999}`))
	return map[string]string{
		"empty header":                   "." + parts[1] + "." + parts[2],
		"not a token":                    "garbage",
		"three letters":                  "a.b.c",
		"no signature":                   parts[0] + "." + parts[1] + ".",
		"two parts":                      parts[0] + "." + parts[1],
		"another payload":                parts[0] + "." + forged + "." + parts[2],
		"JSON serialization":             `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"too long":                       good + strings.Repeat("A", maxIDToken),
		"another key, same kid":          with(jwt.SigningMethodRS256, other, nil),
		"unknown kid":                    with(jwt.SigningMethodRS256, rsaKey(), map[string]any{"kid": "unheard"}),
		"a key that comes along":         with(jwt.SigningMethodRS256, other, map[string]any{"jwk": map[string]any{"kty": "RSA", "n": "x", "e": "AQAB"}, "kid": "k2"}),
		"alg none":                       with(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"alg None":                       with(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"alg": "None"}),
		"HS256 with the public key":      with(jwt.SigningMethodHS256, public, nil),
		"HS256 with the public key, DER": with(jwt.SigningMethodHS256, der, nil),
		"HS256 with our secret":          with(jwt.SigningMethodHS256, []byte("secret"), nil),
		"an algorithm not announced":     with(jwt.SigningMethodRS512, rsaKey(), nil),
	}
}

// signRaw signs any payload.
func signRaw(t *testing.T, kid, payload string) string {
	t.Helper()
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(`{"alg":"RS256","kid":"`+kid+`"}`)) + "." + enc.EncodeToString([]byte(payload))
	sig, err := jwt.SigningMethodRS256.Sign(text, rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + enc.EncodeToString(sig)
}

func TestRawSigningWorks(t *testing.T) {
	_, i, p := mock(t)
	token := signRaw(t, i.kid, `{"iss":"`+i.url+`","aud":"client","sub":"sub-1","iat":1,"exp":99999999999}`)
	if a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: token}); err != nil || a.UID != "sub-1" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestBadIDTokens(t *testing.T) {
	_, i, p := mock(t)
	for name, token := range badTokens(t, i) {
		t.Run(name, func(t *testing.T) {
			a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: token})
			if !errors.Is(err, ErrInvalidToken) {
				t.Errorf("got %+v, %v", a, err)
			}
			if a.UID != "" || a.Provider != "" || a.Emails != nil {
				t.Errorf("half an assertion: %+v", a)
			}
			if err != nil && len(err.Error()) > 300 {
				t.Errorf("the error is long: %v", err)
			}
		})
	}
}

func TestBadIDTokensInRedirect(t *testing.T) {
	n, i, p := mock(t)
	bad := badTokens(t, i)
	bad["no nonce"] = i.mint(nil)
	bad["another nonce"] = i.mint(map[string]any{"nonce": "n-1"})
	bad["a nonce in capitals"] = i.mint(map[string]any{"NONCE": testNonce})
	bad["a list of nonces"] = i.mint(map[string]any{"nonce": []string{testNonce}})
	for name, token := range bad {
		t.Run(name, func(t *testing.T) {
			n.on("POST "+realm+"/token", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"access_token": "a", "token_type": "Bearer", "id_token": ` + quoted(token) + `}`))
			})
			a, err := p.Exchange(context.Background(), callback(nil))
			if !errors.Is(err, ErrRefused) || errors.Is(err, ErrInvalidToken) || a.UID != "" {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

// quoted is a string in JSON.
func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }

func TestNonceMayBeForgottenByLinkedInOnly(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer("https://www.linkedin.com/oauth")
	p := n.provider(Config{Kind: "linkedin", Secret: "secret"})
	for nonce, want := range map[any]bool{nil: true, testNonce: true, "another": false, "": false} {
		n.says("POST "+i.url+"/token", "", `{"access_token": "a", "id_token": "`+i.mint(map[string]any{"nonce": nonce})+`"}`)
		_, err := p.Exchange(context.Background(), callback(nil))
		if (err == nil) != want {
			t.Errorf("nonce %v: %v", nonce, err)
		}
	}
}

func TestSeveralClientIDs(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "web, ios,android", Secret: "secret"})
	if got := authURL(t, p, request()).Query().Get("client_id"); got != "web" {
		t.Errorf("redirects as %s", got)
	}
	for _, c := range []struct {
		says, aud string
		want      error
	}{
		{"ios", "ios", nil},
		{"web, ios,android", "android", nil},
		{"ios", "web", ErrInvalidToken},
		{"ios", "somebody", ErrInvalidToken},
		{"windows", "windows", ErrClientIDMismatch},
		{"", "web", ErrClientIDRequired},
		{",", "", ErrClientIDMismatch},
	} {
		_, err := p.VerifyToken(context.Background(), Token{ClientID: c.says, IDToken: i.mint(map[string]any{"aud": c.aud})})
		if !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	// A redirect was made as one client, and its token is for that one.
	n.says("POST "+realm+"/token", "", `{"access_token": "a", "id_token": "`+i.mint(map[string]any{"aud": "ios", "nonce": testNonce})+`"}`)
	if _, err := p.Exchange(context.Background(), callback(nil)); !errors.Is(err, ErrRefused) {
		t.Errorf("a token for the app came by redirect: %v", err)
	}
}

func TestES256AndUnannouncedAlgorithms(t *testing.T) {
	n := newInternet(t)
	key := ecKey(t)
	i := n.openIssuer(realm)
	raw, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point := raw[1:]
	enc := base64.RawURLEncoding.EncodeToString
	n.says("GET "+realm+"/jwks", "", `{"keys": [
		{"kty": "EC", "crv": "P-256", "kid": "ec", "x": "`+enc(point[:32])+`", "y": "`+enc(point[32:])+`"},
		{"kty": "oct", "kid": "shared", "alg": "HS256", "k": "c2VjcmV0"}]}`)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, i.claims(nil))
	token.Header["kid"] = "ec"
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	shared := jwt.NewWithClaims(jwt.SigningMethodHS256, i.claims(nil))
	shared.Header["kid"] = "shared"
	mac, err := shared.SignedString([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		announced []string
		token     string
		want      error
	}{
		{[]string{"ES256"}, signed, nil},
		{[]string{"RS256"}, signed, ErrInvalidToken},
		{nil, signed, nil}, // metadata may leave it out, although they must not
		{[]string{"HS256"}, mac, ErrInvalidToken},
		{[]string{"HS256", "none"}, mac, ErrInvalidToken},
	} {
		i.meta["id_token_signing_alg_values_supported"] = c.announced
		p := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
		_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: c.token})
		if !errors.Is(err, c.want) {
			t.Errorf("announced %v: %v", c.announced, err)
		}
	}
}

func TestNobodyIsNoAudience(t *testing.T) {
	for _, aud := range []any{"", nil, []any{}, []any{""}, []any{nil}, []any{5}, 5} {
		if err := (expected{audience: []string{""}}).judge(object{"aud": aud}); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%v: %v", aud, err)
		}
	}
}
