package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCallbackErrors(t *testing.T) {
	n, i, p := mock(t)
	i.meta["authorization_response_iss_parameter_supported"] = true
	gh := n.provider(Config{Kind: "github"})
	ours := url.Values{"iss": {realm}}
	for name, c := range map[string]struct {
		p    *Provider
		form url.Values
		want error
	}{
		"cancelled":                     {gh, url.Values{"error": {"access_denied"}}, ErrDenied},
		"cancelled at linkedin":         {gh, url.Values{"error": {"user_cancelled_login"}}, ErrDenied},
		"cancelled at apple":            {gh, url.Values{"error": {"user_cancelled_authorize"}}, ErrDenied},
		"cancelled at line":             {gh, url.Values{"error": {"ACCESS_DENIED"}}, ErrDenied},
		"another error":                 {gh, url.Values{"error": {"invalid_scope"}}, ErrRefused},
		"an error in prose":             {gh, url.Values{"error": {"<script>alert(1)</script>"}}, ErrRefused},
		"out of order":                  {gh, url.Values{"error": {"temporarily_unavailable"}}, ErrUnreachable},
		"an error twice":                {gh, url.Values{"error": {"access_denied", "x"}}, ErrRefused},
		"a code twice":                  {gh, url.Values{"code": {"a", "b"}}, ErrRefused},
		"a state twice":                 {gh, url.Values{"state": {"a", "b"}}, ErrRefused},
		"cancelled, by whom it is":      {p, url.Values{"iss": {realm}, "error": {"access_denied"}}, ErrDenied},
		"cancelled by another":          {p, url.Values{"iss": {"https://evil.example.com"}, "error": {"access_denied"}}, ErrRefused},
		"a code of another":             {p, url.Values{"iss": {"https://evil.example.com"}}, ErrRefused},
		"a code of nobody":              {p, nil, ErrRefused},
		"a code of ours and of another": {p, url.Values{"iss": {realm, "https://evil.example.com"}}, ErrRefused},
		"nobody to take the code":       {p, ours, ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := c.p.Exchange(context.Background(), callback(c.form))
			if !errors.Is(err, c.want) || a.UID != "" {
				t.Errorf("got %+v, %v", a, err)
			}
			if err != nil && strings.Contains(err.Error(), "script") {
				t.Errorf("the error repeats what came: %v", err)
			}
		})
	}
	if n.count("POST "+realm+"/token") != 1 || n.count("POST https://github.com/login/oauth/access_token") != 0 {
		t.Errorf("codes were exchanged: %v", n.seen)
	}
}

func TestExchangeNeedsWhatTheRunKept(t *testing.T) {
	_, _, p := mock(t)
	for name, change := range map[string]func(*Callback){
		"no nonce":       func(c *Callback) { c.Nonce = "" },
		"no verifier":    func(c *Callback) { c.Verifier = "" },
		"short verifier": func(c *Callback) { c.Verifier = "short" },
	} {
		c := callback(nil)
		change(&c)
		if _, err := p.Exchange(context.Background(), c); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := callback(nil)
	c.Code = ""
	if _, err := p.Exchange(context.Background(), c); !errors.Is(err, ErrRefused) {
		t.Errorf("no code: %v", err)
	}
}

func TestTokenEndpointAnswers(t *testing.T) {
	const secret = "s3cr3t-of-ours"
	n := newInternet(t)
	i := n.openIssuer(realm)
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Secret: secret, TokenAuthMethod: "client_secret_post"})
	good := `"access_token": "at-secret", "token_type": "Bearer"`
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"a used code":              {400, `{"error": "invalid_grant", "error_description": "code ` + testCode + ` was used"}`, ErrRefused},
		"an error in 200":          {200, `{"error": "invalid_grant"}`, ErrRefused},
		"a wrong secret":           {401, `{"error": "invalid_client"}`, ErrRefused},
		"an error as an object":    {400, `{"error": {"message": "This authorization code has been used.", "code": 100}}`, ErrRefused},
		"a redirect":               {302, ``, ErrUnreachable},
		"no such place":            {404, `<html>`, ErrRefused},
		"too many requests":        {429, `{"error": "slow_down"}`, ErrUnreachable},
		"a fault of its own":       {500, `oops ` + secret, ErrUnreachable},
		"a fault behind a gateway": {503, `{"error": "access_denied"}`, ErrUnreachable},
		"garbage":                  {200, `<html>` + secret + `</html>`, ErrUnreachable},
		"half an answer":           {200, `{` + good, ErrUnreachable},
		"nothing":                  {200, ``, ErrUnreachable},
		"no access token":          {200, `{"id_token": "x"}`, ErrUnreachable},
		"no id_token":              {200, `{` + good + `}`, ErrRefused},
		"a number as id_token":     {200, `{` + good + `, "id_token": 5}`, ErrRefused},
		"a list as id_token":       {200, `{` + good + `, "id_token": ["` + i.mint(map[string]any{"nonce": testNonce}) + `"]}`, ErrRefused},
		"too long":                 {200, `{` + good + `, "x": "` + strings.Repeat("x", maxBody) + `"}`, ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			n.on("POST "+realm+"/token", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Location", "https://evil.example.com/")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			a, err := p.Exchange(context.Background(), callback(nil))
			if !errors.Is(err, c.want) || a.UID != "" {
				t.Fatalf("got %+v, %v", a, err)
			}
			for _, hidden := range []string{secret, testCode, "at-secret", testVerifier} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error has %q in it: %v", hidden, err)
				}
			}
			if !strings.HasPrefix(err.Error(), "provider openid_connect: ") {
				t.Errorf("whose error is it: %v", err)
			}
		})
	}
	if n.count("POST https://evil.example.com/")+n.count("GET https://evil.example.com/") > 0 {
		t.Error("the redirect was followed")
	}
}

func TestUserinfo(t *testing.T) {
	const at = "GET " + realm + "/userinfo"
	n, i, _ := mock(t)
	i.meta["userinfo_endpoint"] = realm + "/userinfo"
	p := n.provider(Config{Kind: "openid_connect", ServerURL: realm})
	n.says("POST "+realm+"/token", "", `{"access_token": "`+testAccess+`", "id_token": "`+
		i.mint(map[string]any{"nonce": testNonce, "email": "old@example.com", "email_verified": true, "name": "Old"})+`"}`)
	for name, c := range map[string]struct {
		answer string
		want   error
		emails []Email
	}{
		"another address, not said to be verified": {`{"sub": "sub-1", "email": "new@example.com"}`, nil, primary("new@example.com", false)},
		"another address, verified":                {`{"sub": "sub-1", "email": "new@example.com", "email_verified": true}`, nil, primary("new@example.com", true)},
		"no address":                               {`{"sub": "sub-1"}`, nil, primary("old@example.com", true)},
		"somebody else":                            {`{"sub": "sub-2", "email": "x@example.com"}`, ErrRefused, nil},
		"nobody":                                   {`{"email": "x@example.com"}`, ErrRefused, nil},
		"a list of subs":                           {`{"sub": ["sub-1"]}`, ErrRefused, nil},
		"signed by nobody":                         {`eyJhbGciOiJSUzI1NiJ9.e30.x`, ErrRefused, nil},
		"a list":                                   {`[{"sub": "sub-1"}]`, nil, primary("old@example.com", true)},
		"two objects":                              {`{"sub": "sub-1"}{"sub": "sub-2"}`, nil, primary("old@example.com", true)},
	} {
		t.Run(name, func(t *testing.T) {
			n.says(at, testAccess, c.answer)
			a, err := p.Exchange(context.Background(), callback(nil))
			if !errors.Is(err, c.want) {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.emails, a.Emails); d != "" {
				t.Error(d)
			}
		})
	}

	quiet := n.provider(Config{Kind: "openid_connect", ServerURL: realm, Settings: map[string]string{"fetch_userinfo": "false"}})
	before := n.count(at)
	a, err := quiet.Exchange(context.Background(), callback(nil))
	if err != nil || a.Name != "Old" || n.count(at) != before {
		t.Errorf("without userinfo: %+v, %v, asked %d times", a, err, n.count(at)-before)
	}
	var extra object
	if json.Unmarshal(a.Extra, &extra) != nil || extra.text("name") != "Old" {
		t.Errorf("Extra is %s", a.Extra)
	}
}
