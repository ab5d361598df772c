package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTokenErrorsInOrder(t *testing.T) {
	n, i, p := mock(t)
	gh := n.provider(Config{Kind: "github"})
	for name, c := range map[string]struct {
		p           *Provider
		token       Token
		want        error
		code, param string
	}{
		"nothing":                      {p, Token{}, ErrClientIDRequired, "client_id_required", "token"},
		"no client id":                 {p, Token{IDToken: i.mint(nil)}, ErrClientIDRequired, "client_id_required", "token"},
		"no client id, no token flow":  {gh, Token{IDToken: "x"}, ErrClientIDRequired, "client_id_required", "token"},
		"another's client id":          {p, Token{ClientID: "nobody", IDToken: "x"}, ErrClientIDMismatch, "invalid_token", "token"},
		"another's, and no token":      {p, Token{ClientID: "nobody"}, ErrClientIDMismatch, "invalid_token", "token"},
		"another's, and no token flow": {gh, Token{ClientID: "nobody", IDToken: "x"}, ErrClientIDMismatch, "invalid_token", "token"},
		"no token flow":                {gh, Token{ClientID: "client", AccessToken: "x"}, ErrUnsupported, "token_authentication_not_supported", "provider"},
		"no token flow, no token":      {gh, Token{ClientID: "client"}, ErrUnsupported, "token_authentication_not_supported", "provider"},
		"no token":                     {p, Token{ClientID: "client"}, ErrTokenRequired, "token_required", "token"},
		"access token only":            {p, Token{ClientID: "client", AccessToken: "x"}, ErrInvalidToken, "invalid_token", "token"},
		"garbage":                      {p, Token{ClientID: "client", IDToken: "garbage"}, ErrInvalidToken, "invalid_token", "token"},
		"garbage beside a good one":    {p, Token{ClientID: "client", IDToken: "garbage", AccessToken: i.mint(nil)}, ErrInvalidToken, "invalid_token", "token"},
		"client id with a space":       {p, Token{ClientID: "client ", IDToken: i.mint(nil)}, ErrClientIDMismatch, "invalid_token", "token"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := c.p.VerifyToken(context.Background(), c.token)
			if !errors.Is(err, c.want) || a.UID != "" {
				t.Errorf("got %+v, %v", a, err)
			}
			if code, param := Code(err); code != c.code || param != c.param {
				t.Errorf("%s at %s, want %s at %s", code, param, c.code, c.param)
			}
		})
	}
	if n.count("GET "+realm+"/userinfo") > 0 {
		t.Error("userinfo was asked")
	}
}

func TestCodesOfOtherErrors(t *testing.T) {
	for _, err := range []error{nil, ErrUnreachable, ErrDenied, ErrRequest, errors.New("x"), fmt.Errorf("%w: %w", ErrUnreachable, ErrInvalidToken)} {
		if code, param := Code(err); code != "" || param != "" {
			t.Errorf("%v: %s at %s", err, code, param)
		}
	}
}

func TestTokensOfApps(t *testing.T) {
	for _, c := range []struct {
		kind, issuer string
		claims       map[string]any
		want         Assertion
	}{
		{"google", "https://accounts.google.com", map[string]any{"email": "A@Example.com", "email_verified": true, "given_name": "A"},
			Assertion{UID: "sub-1", Display: "A@Example.com", GivenName: "A", Emails: primary("a@example.com", true)}},
		{"google", "https://accounts.google.com", map[string]any{"email": "a@example.com", "email_verified": "true"},
			Assertion{UID: "sub-1", Display: "a@example.com", Emails: primary("a@example.com", false)}},
		{"apple", "https://appleid.apple.com", map[string]any{"email": "a@example.com", "email_verified": "true"},
			Assertion{UID: "sub-1", Display: "a@example.com", Emails: primary("a@example.com", true)}},
		{"apple", "https://appleid.apple.com", map[string]any{"email": "a@example.com", "email_verified": "false"},
			Assertion{UID: "sub-1", Display: "a@example.com", Emails: primary("a@example.com", false)}},
		{"keycloak", realm, map[string]any{"preferred_username": "a"}, Assertion{UID: "sub-1", Username: "a"}},
		{"auth0", realm, nil, Assertion{UID: "sub-1"}},
		{"okta", realm, nil, Assertion{UID: "sub-1"}},
		{"openid_connect", realm, map[string]any{"email": "a@example.com", "email_verified": 1}, Assertion{UID: "sub-1", Display: "a@example.com", Emails: primary("a@example.com", false)}},
		{"openid_connect", realm, map[string]any{"email": []string{"a@example.com"}, "email_verified": true}, Assertion{UID: "sub-1"}},
	} {
		n := newInternet(t)
		i := n.openIssuer(c.issuer)
		cfg := Config{Kind: c.kind, Secret: "secret"}
		if c.issuer == realm {
			cfg.ServerURL = realm
		}
		got, err := n.provider(cfg).VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(c.claims)})
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		// Without a word of when the person authenticated there, it is when the token was made.
		c.want.Provider, c.want.AuthTime = c.kind, noon().Unix()
		got.Extra = nil
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.kind, d)
		}
	}
}

// respelled is the same token with other bits in the last letter, which stand for nothing.
func respelled(t *testing.T, token string) string {
	t.Helper()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(letters, token[len(token)-1])
	out := token[:len(token)-1] + string(letters[last^1])
	if out == token || last < 0 {
		t.Fatal("it is spelled the same")
	}
	return out
}

func TestATokenIsUsedOnce(t *testing.T) {
	n := newInternet(t)
	i := n.openIssuer(realm)
	used := map[string]time.Time{}
	down := errors.New("store is down")
	var fail error
	p, err := New(Config{Kind: "openid_connect", ServerURL: realm, ClientID: "client"}, Deps{
		Client: n.client(), Now: noon,
		Once: func(_ context.Context, name string, until time.Time) (bool, error) {
			_, again := used[name]
			used[name] = until
			return !again, fail
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	plain := i.mint(nil)
	named := i.mint(map[string]any{"jti": "j1"})
	for at, c := range []struct {
		token string
		want  error
	}{
		{i.mint(map[string]any{"jti": "j1", "aud": "somebody"}), ErrInvalidToken}, // uses nothing up
		{named, nil},
		{named, ErrInvalidToken},
		{i.mint(map[string]any{"jti": "j1", "sub": "sub-2"}), ErrInvalidToken},
		{i.mint(map[string]any{"jti": "j2"}), nil},
		{plain, nil},
		{plain, ErrInvalidToken},
		{respelled(t, plain), ErrInvalidToken},
		{i.mint(map[string]any{"sub": "sub-2"}), nil},
	} {
		if err := try(p, c.token); !errors.Is(err, c.want) {
			t.Errorf("%d: %v", at, err)
		}
	}
	if until := used[realm+" j1"]; !until.Equal(noon().Add(10*time.Minute+skew)) || len(used) != 4 {
		t.Errorf("kept %v", used)
	}
	fail = down
	a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{"jti": "j3"})})
	if !errors.Is(err, down) || errors.Is(err, ErrInvalidToken) || a.UID != "" {
		t.Errorf("with the store down: %+v, %v", a, err)
	}
}
