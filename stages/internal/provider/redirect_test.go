package provider

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestRequestsThatWouldNotDo(t *testing.T) {
	_, _, p := mock(t)
	for name, change := range map[string]func(*Request){
		"no state":                   func(r *Request) { r.State = "" },
		"no nonce":                   func(r *Request) { r.Nonce = "" },
		"no verifier":                func(r *Request) { r.Verifier = "" },
		"a short verifier":           func(r *Request) { r.Verifier = strings.Repeat("a", 42) },
		"a long verifier":            func(r *Request) { r.Verifier = strings.Repeat("a", 129) },
		"a verifier with a space":    func(r *Request) { r.Verifier = strings.Repeat("a", 43) + " " },
		"no callback":                func(r *Request) { r.RedirectURI = "" },
		"a callback without host":    func(r *Request) { r.RedirectURI = "/callback" },
		"a callback with a fragment": func(r *Request) { r.RedirectURI = testCallback + "#x" },
		"a callback that is script":  func(r *Request) { r.RedirectURI = "javascript:alert(1)" },
	} {
		r := request()
		change(&r)
		if u, err := p.AuthCodeURL(context.Background(), r); u != "" || !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %q, %v", name, u, err)
		}
	}
}

func TestChallengeIsTheVerifiersHash(t *testing.T) {
	_, _, p := mock(t)
	u := authURL(t, p, request())
	sum := sha256.Sum256([]byte(testVerifier))
	if got := u.Query().Get("code_challenge"); got != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("got %s", got)
	}
	if strings.Contains(u.String(), testVerifier) || strings.Contains(u.String(), "secret") {
		t.Errorf("it gives away a secret: %s", u)
	}
}

func TestPKCEWhereTheProviderSaysPlainOnly(t *testing.T) {
	_, i, p := mock(t)
	i.meta["code_challenge_methods_supported"] = []string{"plain"}
	if q := authURL(t, p, request()).Query(); q.Has("code_challenge") {
		t.Errorf("got %v", q)
	}
}

func TestScopes(t *testing.T) {
	n := newInternet(t)
	n.openIssuer(realm)
	for _, c := range []struct {
		cfg  Config
		more []string
		want string
	}{
		{Config{Kind: "openid_connect", ServerURL: realm}, nil, "openid profile email"},
		{Config{Kind: "openid_connect", ServerURL: realm, SkipEmail: true}, nil, "openid profile"},
		{Config{Kind: "openid_connect", ServerURL: realm, Scope: []string{"groups"}}, nil, "openid groups"},
		{Config{Kind: "openid_connect", ServerURL: realm, Scope: []string{"groups", "openid"}}, nil, "groups openid"},
		{Config{Kind: "openid_connect", ServerURL: realm}, []string{"email", "phone", "", "phone"}, "openid profile email phone"},
		{Config{Kind: "github"}, []string{"repo"}, "user:email repo"},
		{Config{Kind: "github", SkipEmail: true}, nil, ""},
		{Config{Kind: "facebook"}, []string{"user_link"}, "public_profile,email,user_link"},
		{Config{Kind: "kakao"}, nil, ""},
	} {
		r := request()
		r.Scope = c.more
		q := authURL(t, n.provider(c.cfg), r).Query()
		if got := q.Get("scope"); got != c.want || q.Has("scope") != (c.want != "") {
			t.Errorf("%s and %v: %q, want %q", c.cfg, c.more, got, c.want)
		}
	}
}

func TestAuthParamsAndPrompt(t *testing.T) {
	n := newInternet(t)
	p := n.provider(Config{Kind: "github", AuthParams: map[string]string{"allow_signup": "false", "prompt": "login"}})
	for prompt, want := range map[string]string{"": "login", "select_account": "select_account"} {
		r := request()
		r.Prompt = prompt
		q := authURL(t, p, r).Query()
		if q.Get("prompt") != want || q.Get("allow_signup") != "false" {
			t.Errorf("prompt %q: %v", prompt, q)
		}
	}
}

// TestAnswersInAForm: a provider can be asked to answer in a form.
func TestAnswersInAForm(t *testing.T) {
	n := newInternet(t)
	for mode, want := range map[string]bool{"": false, "query": false, "form_post": true} {
		params := map[string]string{}
		if mode != "" {
			params["response_mode"] = mode
		}
		p := n.provider(Config{Kind: "github", AuthParams: params})
		if got := authURL(t, p, request()).Query().Get("response_mode"); got != mode || p.FormPost() != want {
			t.Errorf("%q: response_mode is %q, FormPost %v", mode, got, p.FormPost())
		}
	}
}

func TestSkipEmailAsksForNone(t *testing.T) {
	n := newInternet(t)
	n.says("POST https://github.com/login/oauth/access_token", "", `{"access_token": "`+testAccess+`"}`)
	n.says("GET "+api, testAccess, `{"id": 1}`)
	a, err := n.provider(Config{Kind: "github", SkipEmail: true}).Exchange(context.Background(), callback(nil))
	if err != nil || a.UID != "1" || len(a.Emails) > 0 || n.count("GET "+api+"/emails") > 0 {
		t.Errorf("got %+v, %v, asked %v", a, err, n.seen)
	}
}

func TestGitHubEnterprise(t *testing.T) {
	n := newInternet(t)
	n.says("POST https://code.example.com/login/oauth/access_token", "", `{"access_token": "`+testAccess+`"}`)
	n.says("GET https://code.example.com/api/v3/user", testAccess, `{"id": 5, "login": "me"}`)
	n.on("GET https://code.example.com/api/v3/user/emails", say(404, `{"message": "Not Found"}`))
	a, err := n.provider(Config{Kind: "github", ServerURL: "https://code.example.com/"}).Exchange(context.Background(), callback(nil))
	if err != nil || a.UID != "5" || len(a.Emails) > 0 {
		t.Errorf("got %+v, %v", a, err)
	}
}

func TestAddressListAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
		emails int
	}{
		"not allowed":      {403, `{"message": "Resource not accessible"}`, nil, 0},
		"no such list":     {404, `{}`, nil, 0},
		"empty":            {200, `[]`, nil, 0},
		"rows of all kind": {200, `[1, "a@example.com", null, {}, {"email": 5}, {"email": " "}, {"email": "a@example.com", "verified": "true", "primary": 1}]`, nil, 1},
		"no list":          {200, `{"email": "a@example.com"}`, ErrUnreachable, 0},
		"garbage":          {200, `x`, ErrUnreachable, 0},
		"down":             {502, `[]`, ErrUnreachable, 0},
		"too many":         {429, `[]`, ErrUnreachable, 0},
		"revoked":          {401, `[]`, ErrUnreachable, 0},
	} {
		n := newInternet(t)
		n.says("POST https://github.com/login/oauth/access_token", "", `{"access_token": "`+testAccess+`"}`)
		n.says("GET "+api, testAccess, `{"id": 1}`)
		n.on("GET "+api+"/emails", say(c.status, c.body))
		a, err := n.provider(Config{Kind: "github"}).Exchange(context.Background(), callback(nil))
		if !errors.Is(err, c.want) || len(a.Emails) != c.emails {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		for _, e := range a.Emails {
			if e.Verified || e.Primary {
				t.Errorf("%s: %+v", name, e)
			}
		}
	}
}
