package provider

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

const longSecret = "a-secret-of-thirty-two-bytes-yes"

// mac signs claims with a secret.
func mac(t *testing.T, c jwt.Claims, secret string) string {
	t.Helper()
	s, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSecretSignsIDTokens: a provider that signs with the client's secret was refused with nothing
// but "unknown". Where the configuration says so the secret verifies, and no key does.
func TestSecretSignsIDTokens(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["jwks_uri"] = nil // there may be none then
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: longSecret, IDTokenAlgs: []string{"HS256"}})
	other := mac(t, i.claims(nil), "another-secret-of-32-bytes-is-no")
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"with the secret":  {mac(t, i.claims(nil), longSecret), nil},
		"with another":     {other, ErrInvalidToken},
		"with none":        {mac(t, i.claims(nil), ""), ErrInvalidToken},
		"with a key":       {i.mint(nil), ErrInvalidToken},
		"for somebody":     {mac(t, i.claims(map[string]any{"aud": "other"}), longSecret), ErrInvalidToken},
		"of somebody else": {mac(t, i.claims(map[string]any{"iss": "https://evil.example.com"}), longSecret), ErrInvalidToken},
	} {
		if err := try(p, c.token); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n.says("POST "+realm+"/token", "", `{"access_token": "a", "id_token": "`+mac(t, i.claims(map[string]any{"nonce": testNonce}), longSecret)+`"}`)
	if a, err := p.Exchange(context.Background(), callback(nil)); err != nil || a.UID != "sub-1" {
		t.Errorf("by redirect: %+v, %v", a, err)
	}
}

// TestSecretIsNotTakenUnasked: without the setting such a token is refused, in words that name it.
func TestSecretIsNotTakenUnasked(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["id_token_signing_alg_values_supported"] = []string{"HS256"}
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: longSecret})
	err := try(p, mac(t, i.claims(nil), longSecret))
	if !errors.Is(err, ErrInvalidToken) || Cause(err) != "not_configured" || !strings.Contains(err.Error(), "signed with HS256") || !strings.Contains(err.Error(), "id_token_algs") {
		t.Errorf("got %v, cause %s", err, Cause(err))
	}
}

// TestChosenAlgorithms: the configuration narrows down what the metadata announce.
func TestChosenAlgorithms(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, IDTokenAlgs: []string{"ES256"}})
	if err := try(p, i.mint(nil)); !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "RS256") {
		t.Errorf("got %v", err)
	}
}

func TestAlgorithmsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"both kinds":       {Config{Secret: longSecret, IDTokenAlgs: []string{"HS256", "RS256"}}, "do not go together"},
		"a short secret":   {Config{Secret: "secret", IDTokenAlgs: []string{"HS256"}}, "32 bytes"},
		"no secret":        {Config{IDTokenAlgs: []string{"HS512"}}, "64 bytes"},
		"none":             {Config{IDTokenAlgs: []string{"none"}}, `"none" is not one of`},
		"small letters":    {Config{IDTokenAlgs: []string{"rs256"}}, `"rs256" is not one of`},
		"no id_tokens":     {Config{Kind: "github", IDTokenAlgs: []string{"RS256"}}, "github has no id_tokens"},
		"pushed to nobody": {Config{Kind: "github", PushedRequests: true}, "github has no place"},
	} {
		if c.cfg.Kind == "" {
			c.cfg.Kind, c.cfg.ServerURL = "openid_connect", realm
		}
		c.cfg.ClientID = "client"
		if _, err := New(c.cfg, Deps{Now: noon}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEd25519ByItsName: RFC 9864 gives EdDSA with this curve a name of its own, which providers use.
func TestEd25519ByItsName(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["id_token_signing_alg_values_supported"] = []string{"Ed25519", "EdDSA"}
	n.on(keysKey, func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{
			jwk("rsa"), map[string]any{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "Ed25519", "use": "sig", "x": base64.RawURLEncoding.EncodeToString(public)},
		}})
	})
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
	signed := func(alg, kid string, more map[string]any) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, i.claims(nil))
		token.Header["alg"], token.Header["kid"] = alg, kid
		for k, v := range more {
			token.Header[k] = v
		}
		s, err := token.SignedString(private)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"by its name":        {signed("Ed25519", "ed", nil), nil},
		"by the old name":    {signed("EdDSA", "ed", nil), nil},
		"without a kid":      {signed("Ed25519", "", nil), nil},
		"of another key":     {signed("Ed25519", "rsa", nil), ErrInvalidToken},
		"with what must be":  {signed("Ed25519", "ed", map[string]any{"crit": []string{"b64"}, "b64": false}), ErrInvalidToken},
		"signed differently": {signed("Ed25519", "ed", nil)[:40] + i.mint(nil)[40:], ErrInvalidToken},
		"cut off":            {strings.TrimRight(signed("Ed25519", "ed", nil), "="), nil},
		"with no signature":  {strings.Join(append(strings.Split(signed("Ed25519", "ed", nil), ".")[:2], "AAAA"), "."), ErrInvalidToken},
	} {
		if err := try(p, c.token); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEncryptedIDToken: what cannot be read says so, and whose business it is.
func TestEncryptedIDToken(t *testing.T) {
	_, _, p := mock(t)
	err := try(p, "eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d")
	if !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "encrypted") || Cause(err) != "not_configured" {
		t.Errorf("got %v", err)
	}
}

// TestLongTokens: a sub may have 255 characters, and a person 800 groups.
func TestLongTokens(t *testing.T) {
	_, i, p := mock(t)
	sub := strings.Repeat("s", 255)
	groups := make([]string, 800)
	for g := range groups {
		groups[g] = "5b3f9c1e-7d3a-4c55-9a53-" + strings.Repeat("0", 12)
	}
	token := i.mint(map[string]any{"sub": sub, "groups": groups})
	a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: token})
	if err != nil || a.UID != sub || len(token) < 32<<10 {
		t.Errorf("%d bytes: %.20s, %v", len(token), a.UID, err)
	}
}
