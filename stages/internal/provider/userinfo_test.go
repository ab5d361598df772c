package provider

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const infoKey = "GET " + realm + "/userinfo"

// informed is an OpenID provider with a userinfo endpoint, whose id_tokens have the claims beside sub
// and nonce.
func informed(t *testing.T, cfg Config, claims map[string]any) (*internet, *issuer, *Provider) {
	t.Helper()
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["userinfo_endpoint"] = realm + "/userinfo"
	cfg.Kind, cfg.ServerURL = "openid_connect", realm
	in := map[string]any{"nonce": testNonce}
	for name, value := range claims {
		in[name] = value
	}
	n.says("POST "+realm+"/token", "", `{"access_token": "`+testAccess+`", "id_token": "`+i.mint(in)+`"}`)
	return n, i, n.provider(cfg)
}

// TestSignedUserinfo: a userinfo that is signed was refused; it is verified.
func TestSignedUserinfo(t *testing.T) {
	n, i, p := informed(t, Config{Secret: longSecret}, nil)
	good := map[string]any{"email": "ada@example.com", "email_verified": true}
	with := func(name string, value any) map[string]any {
		out := map[string]any{name: value}
		for k, v := range good {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		answer string
		want   error
		words  string
	}{
		"with all that may be there": {i.mint(good), nil, ""},
		"with nothing of that":       {sign("key-1", i.claims(map[string]any{"iss": nil, "aud": nil, "exp": nil, "iat": nil, "email": "ada@example.com", "email_verified": true})), nil, ""},
		"with space around":          {" " + i.mint(good) + "\n", nil, ""},
		"of another":                 {i.mint(with("sub", "sub-2")), ErrRefused, "another sub"},
		"of nobody":                  {i.mint(with("sub", nil)), ErrRefused, "another sub"},
		"for another":                {i.mint(with("aud", "other")), ErrRefused, "for somebody else"},
		"of another issuer":          {i.mint(with("iss", "https://evil.example.com")), ErrRefused, "of issuer"},
		"of yesterday":               {i.mint(with("exp", noon().Unix()-1)), ErrRefused, "expired"},
		"by an unknown key":          {sign("unheard", i.claims(good)), ErrRefused, "no key"},
		"by our secret":              {mac(t, i.claims(good), longSecret), ErrRefused, "signed with HS256"},
		"encrypted":                  {"eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d", ErrRefused, "encrypted"},
	} {
		n.says(infoKey, testAccess, c.answer)
		a, err := p.Exchange(context.Background(), callback(nil))
		if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(primary("ada@example.com", true), a.Emails); c.want == nil && d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// TestUserinfoBySecret: where id_tokens are verified by the secret, so is the userinfo.
func TestUserinfoBySecret(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	i.meta["userinfo_endpoint"] = realm + "/userinfo"
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: longSecret, IDTokenAlgs: []string{"HS256"}})
	n.says("POST "+realm+"/token", "", `{"access_token": "`+testAccess+`", "id_token": "`+mac(t, i.claims(map[string]any{"nonce": testNonce}), longSecret)+`"}`)
	for token, want := range map[string]error{
		mac(t, i.claims(map[string]any{"email": "ada@example.com"}), longSecret): nil,
		i.mint(map[string]any{"email": "ada@example.com"}):                       ErrRefused,
	} {
		n.says(infoKey, testAccess, token)
		if _, err := p.Exchange(context.Background(), callback(nil)); !errors.Is(err, want) {
			t.Errorf("got %v", err)
		}
	}
}

// TestIDTokenSuffices: a userinfo that cannot be had stops nobody whose id_token says enough.
func TestIDTokenSuffices(t *testing.T) {
	address := map[string]any{"email": "ada@example.com"}
	for name, c := range map[string]struct {
		cfg    Config
		claims map[string]any
		ok     bool
	}{
		"it has the address":            {Config{}, address, true},
		"it has none":                   {Config{}, nil, false},
		"it has none that can be used":  {Config{}, map[string]any{"email": "ada"}, false},
		"none is asked for":             {Config{SkipEmail: true}, nil, true},
		"the scopes have none":          {Config{Scope: []string{"openid"}}, nil, true},
		"who it is stands there alone":  {Config{Settings: map[string]string{"uid_field": "employee"}}, address, false},
		"who it is stands in it, too":   {Config{Settings: map[string]string{"uid_field": "email"}}, address, true},
		"it is not asked in the end at": {Config{Settings: map[string]string{"fetch_userinfo": "false"}}, nil, true},
	} {
		for status, want := range map[int]error{500: ErrUnreachable, 401: ErrRefused, 200: ErrUnreachable} {
			n, _, p := informed(t, c.cfg, c.claims)
			n.on(infoKey, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte("<html>"))
			})
			a, err := p.Exchange(context.Background(), callback(nil))
			if (err == nil) != c.ok || err != nil && !errors.Is(err, want) || (a.UID != "") != c.ok {
				t.Errorf("%s, status %d: %+v, %v", name, status, a, err)
			}
		}
	}
}

// TestAppsTokenWithUserinfo: an app's id_token without an address ended in a form, although its access
// token could be asked for it.
func TestAppsTokenWithUserinfo(t *testing.T) {
	n, i, p := informed(t, Config{}, nil)
	bring := func(idToken, access string) (Assertion, error) {
		return p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: idToken, AccessToken: access})
	}
	n.says(infoKey, testAccess, `{"sub": "sub-1", "email": "ada@example.com", "email_verified": true}`)
	a, err := bring(i.mint(nil), testAccess)
	if d := cmp.Diff(primary("ada@example.com", true), a.Emails); err != nil || d != "" {
		t.Errorf("%v %s", err, d)
	}
	if a, err = bring(i.mint(nil), ""); err != nil || a.Emails != nil || n.count(infoKey) != 1 {
		t.Errorf("without an access token: %+v, %v, asked %d times", a, err, n.count(infoKey))
	}
	if _, err = bring(i.mint(map[string]any{"sub": "sub-2"}), testAccess); !errors.Is(err, ErrInvalidToken) || !strings.Contains(err.Error(), "another sub") {
		t.Errorf("an access token of somebody else: %v", err)
	}
	if _, err = bring(i.mint(nil), "expired"); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("an access token that is none: %v", err)
	}
	if a, err = bring(i.mint(map[string]any{"email": "own@example.com"}), "expired"); err != nil || len(a.Emails) != 1 {
		t.Errorf("and the id_token says enough: %+v, %v", a, err)
	}
	if _, err = bring(i.mint(map[string]any{"aud": "other"}), testAccess); !errors.Is(err, ErrInvalidToken) || n.count(infoKey) != 4 {
		t.Errorf("a bad id_token has it asked: %v, %d times", err, n.count(infoKey))
	}
}
