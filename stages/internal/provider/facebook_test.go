package provider

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	debugKey = "GET https://graph.facebook.com/v23.0/debug_token"
	meKey    = "GET https://graph.facebook.com/v23.0/me"
	goodMe   = `{"id": "1015", "name": "Elmer Jones", "first_name": "Elmer", "last_name": "Jones", "email": "elmer@example.com"}`
)

func TestFacebookAccessToken(t *testing.T) {
	for name, c := range map[string]struct {
		inspected, me string
		want          error
	}{
		"good":                 {`{"data": {"app_id": "client", "type": "USER", "is_valid": true, "user_id": "1015"}}`, goodMe, nil},
		"of another app":       {`{"data": {"app_id": "other", "is_valid": true, "user_id": "1015"}}`, goodMe, ErrInvalidToken},
		"of no app":            {`{"data": {"is_valid": true}}`, goodMe, ErrInvalidToken},
		"of a list of apps":    {`{"data": {"app_id": ["client"], "is_valid": true}}`, goodMe, ErrInvalidToken},
		"expired":              {`{"data": {"app_id": "client", "is_valid": false, "error": {"code": 190}}}`, goodMe, ErrInvalidToken},
		"valid in words":       {`{"data": {"app_id": "client", "is_valid": "true"}}`, goodMe, ErrInvalidToken},
		"an error":             {`{"error": {"message": "x", "type": "OAuthException", "code": 190}}`, goodMe, ErrInvalidToken},
		"a list":               {`{"data": []}`, goodMe, ErrInvalidToken},
		"garbage":              {`<html>`, goodMe, ErrUnreachable},
		"somebody without id":  {`{"data": {"app_id": "client", "is_valid": true}}`, `{"name": "Elmer"}`, ErrInvalidToken},
		"somebody with id []":  {`{"data": {"app_id": "client", "is_valid": true}}`, `{"id": []}`, ErrInvalidToken},
		"a profile of garbage": {`{"data": {"app_id": "client", "is_valid": true}}`, `x`, ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.says(debugKey, "client|secret", c.inspected)
			n.says(meKey, testAccess, c.me)
			p := n.provider(Config{Kind: "facebook", Secret: "secret"})
			a, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: testAccess, IDToken: "ignored"})
			if !errors.Is(err, c.want) || (a.UID == "1015") != (c.want == nil) {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

func TestFacebookProof(t *testing.T) {
	n := newInternet(t)
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(testAccess))
	want := hex.EncodeToString(mac.Sum(nil))
	n.says("POST https://graph.facebook.com/v23.0/oauth/access_token", "", `{"access_token": "`+testAccess+`"}`)
	n.on(meKey, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("appsecret_proof") != want || q.Get("fields") != "id,name,first_name,last_name,email,picture" || q.Has("access_token") {
			t.Errorf("query %v", q)
		}
		_, _ = w.Write([]byte(goodMe))
	})
	if _, err := n.provider(Config{Kind: "facebook", Secret: "secret"}).Exchange(context.Background(), callback(nil)); err != nil {
		t.Error(err)
	}
}

// TestOldAccessTokensProveNothingAnew: an access token is good for two months and lies about in apps.
// Whoever has got hold of a session there has got it, too: it must not pass for its person's presence.
func TestOldAccessTokensProveNothingAnew(t *testing.T) {
	for said, want := range map[string]int64{
		``: longAgo, `, "issued_at": 0`: longAgo, `, "issued_at": "1772366400"`: longAgo, `, "issued_at": -5`: longAgo, `, "issued_at": 1772366400`: 1772366400,
	} {
		n := newInternet(t)
		n.says(debugKey, "client|secret", `{"data": {"app_id": "client", "is_valid": true`+said+`}}`)
		n.says(meKey, testAccess, goodMe)
		a, err := n.provider(Config{Kind: "facebook", Secret: "secret"}).VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: testAccess})
		if err != nil || a.AuthTime != want {
			t.Errorf("%q: authenticated at %d, want %d (%v)", said, a.AuthTime, want, err)
		}
	}
}

// TestAccessTokensThatCannotBeSent: what an app brings is at fault, and not the provider, which is not asked.
func TestAccessTokensThatCannotBeSent(t *testing.T) {
	n := newInternet(t)
	n.says(debugKey, "", `{"data": {"app_id": "client", "is_valid": true}}`)
	n.says(meKey, "", goodMe)
	p := n.provider(Config{Kind: "facebook", Secret: "secret"})
	for _, access := range []string{"a\r\nX: y", "a\x00", "\u212a", "\xff", strings.Repeat("a", 16<<10+1)} {
		_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: access})
		if !errors.Is(err, ErrInvalidToken) || errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "X: y") {
			t.Errorf("%.20q: %v", access, err)
		}
	}
	if n.count(debugKey) != 0 {
		t.Error("Facebook was asked")
	}
}

func TestFacebookWithoutSecretTakesNoAccessToken(t *testing.T) {
	n := newInternet(t)
	n.says(debugKey, "", `{"data": {"app_id": "client", "is_valid": true}}`)
	n.says(meKey, "", goodMe)
	if err := tryAccess(n.provider(Config{Kind: "facebook"})); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("got %v", err)
	}
}

func tryAccess(p *Provider) error {
	_, err := p.VerifyToken(context.Background(), Token{ClientID: "client", AccessToken: testAccess})
	return err
}

func TestFacebookLimitedLogin(t *testing.T) {
	n := newInternet(t)
	i := &issuer{net: n, url: "https://www.facebook.com", kid: "fb"}
	n.says("GET https://limited.facebook.com/.well-known/oauth/openid/jwks/", "",
		`{"keys": [{"kty": "RSA", "kid": "fb", "n": "`+jwk("")["n"].(string)+`", "e": "AQAB"}]}`)
	p := n.provider(Config{Kind: "facebook", Secret: "secret"})
	got, err := p.VerifyToken(context.Background(), Token{ClientID: "client", IDToken: i.mint(map[string]any{
		"sub": "1015", "name": "Elmer Jones", "given_name": "Elmer", "family_name": "Jones", "email": "elmer@example.com", "email_verified": true,
	})})
	if err != nil {
		t.Fatal(err)
	}
	got.Extra = nil
	want := Assertion{
		Provider: "facebook", UID: "1015", Display: "elmer@example.com", Name: "Elmer Jones", GivenName: "Elmer", FamilyName: "Jones",
		Emails: primary("elmer@example.com", false), AuthTime: noon().Unix(),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for name, changes := range map[string]map[string]any{
		"another app": {"aud": "other"}, "another issuer": {"iss": "https://facebook.com"}, "no sub": {"sub": nil},
	} {
		if err := try(p, i.mint(changes)); !errors.Is(err, ErrInvalidToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
