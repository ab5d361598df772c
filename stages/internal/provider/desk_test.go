package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestDeskAnswers: a token endpoint that says what went wrong with status 200, as those of
// China do, is refused with its code, and one that says nothing usable cannot be reached.
func TestDeskAnswers(t *testing.T) {
	const tokenURL, profileURL = "POST https://api.weixin.qq.com/sns/oauth2/access_token", "GET https://api.weixin.qq.com/sns/userinfo"
	const good, person = `{"access_token": "SlAV32hkKG", "openid": "o"}`, `{"openid": "o", "nickname": "n"}`
	for name, c := range map[string]struct {
		status          int
		answer, profile string
		want            error
		says            string
	}{
		"good":                {200, good, person, nil, ""},
		"a used code":         {200, `{"errcode": 40163, "errmsg": "code been used"}`, person, ErrRefused, `40163 "code been used"`},
		"a client unknown":    {200, `{"errcode": 40013, "errmsg": "invalid appid"}`, person, ErrNotConfigured, `40013 "invalid appid"`},
		"no client of OAuth":  {401, `{"error": "invalid_client", "error_description": "no such"}`, person, ErrNotConfigured, `invalid_client "no such"`},
		"words with a token":  {400, `{"error": "x", "error_description": "code SlAV32hkKG99AAaa11 of a@b.example"}`, person, ErrRefused, "x"},
		"a negative code":     {200, `{"errcode": -1, "errmsg": "system error"}`, person, ErrRefused, "-1"},
		"an error of OAuth":   {400, `{"error": "invalid_grant"}`, person, ErrRefused, "invalid_grant"},
		"an error in words":   {400, `{"error": "no! <b>"}`, person, ErrRefused, "without a code"},
		"a refusal of HTML":   {403, `<html>`, person, ErrRefused, "without a code"},
		"HTML":                {200, `<html>`, person, ErrUnreachable, "no JSON"},
		"down":                {502, good, person, ErrUnreachable, "502"},
		"busy":                {429, good, person, ErrUnreachable, "429"},
		"no token":            {200, `{"openid": "o"}`, person, ErrRefused, ""},
		"a token in a list":   {200, `{"access_token": ["x"], "openid": "o"}`, person, ErrRefused, ""},
		"nobody":              {200, `{"access_token": "SlAV32hkKG"}`, person, ErrRefused, "answer.openid"},
		"somebody unusable":   {200, "{\"access_token\": \"SlAV32hkKG\", \"openid\": \"o\\u0000\"}", person, ErrRefused, "answer.openid"},
		"a profile's refusal": {200, good, `{"errcode": 40003, "errmsg": "invalid openid"}`, ErrRefused, "no openid"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newInternet(t)
			n.on(tokenURL, func(w http.ResponseWriter, _ *http.Request) {
				// What is JSON says that it is text.
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			})
			n.says(profileURL, "", c.profile)
			a, err := n.provider(Config{Kind: "weixin", Secret: "secret"}).Exchange(context.Background(), callback(nil))
			if !errors.Is(err, c.want) || (a.UID == "o") != (c.want == nil) {
				t.Errorf("got %+v, %v", a, err)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "SlAV32hkKG") || strings.Contains(err.Error(), "<b>") || strings.Contains(err.Error(), "a@b")) {
				t.Errorf("it says %v, want %s", err, c.says)
			}
		})
	}
}

// TestWeixinSaysNoWithoutAWord: who refuses comes back with the state alone.
func TestWeixinSaysNoWithoutAWord(t *testing.T) {
	n := newInternet(t)
	back := Callback{RedirectURI: testCallback, Form: url.Values{"state": {testState}}}
	if _, err := n.provider(Config{Kind: "weixin", Secret: "s"}).Exchange(context.Background(), back); !errors.Is(err, ErrDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := n.provider(Config{Kind: "weibo", Secret: "s"}).Exchange(context.Background(), back); !errors.Is(err, ErrRefused) {
		t.Errorf("Weibo: got %v", err)
	}
}

// TestPartsOfARequestAreEscaped: what a token endpoint names cannot lead the profile request
// elsewhere.
func TestPartsOfARequestAreEscaped(t *testing.T) {
	n := newInternet(t)
	n.says("POST https://connect.stripe.com/oauth/token", "", `{"access_token": "SlAV32hkKG", "stripe_user_id": "../x?y=1&z#/%2e "}`)
	n.on("GET https://api.stripe.com/v1/accounts/../x?y=1&z#/%2e ", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "" || r.URL.EscapedPath() != "/v1/accounts/..%2Fx%3Fy%3D1%26z%23%2F%252e%20" {
			t.Errorf("asked %s with %s", r.URL.EscapedPath(), r.URL.RawQuery)
		}
		_, _ = io.WriteString(w, `{"id": "acct_1"}`)
	})
	a, err := n.provider(Config{Kind: "stripe", Secret: "sk_1"}).Exchange(context.Background(), callback(nil))
	if err != nil || a.UID != "acct_1" {
		t.Errorf("got %+v, %v", a, err)
	}
}

// TestInstagramAnswersInBothShapes: the token endpoint's documents have a list, and what it
// sends has none.
func TestInstagramAnswersInBothShapes(t *testing.T) {
	for _, c := range [][2]string{
		{`{"access_token": "SlAV32hkKG", "user_id": 1, "permissions": ["instagram_business_basic"]}`, `{"id": "7", "username": "ada"}`},
		{`{"data": [{"access_token": "SlAV32hkKG", "user_id": "1"}]}`, `{"data": [{"id": "7", "username": "ada"}]}`},
	} {
		n := newInternet(t)
		n.says("POST https://api.instagram.com/oauth/access_token", "", c[0])
		n.says("GET https://graph.instagram.com/me", "", c[1])
		a, err := n.provider(Config{Kind: "instagram", Secret: "s"}).Exchange(context.Background(), callback(nil))
		if err != nil || a.UID != "7" {
			t.Errorf("%s: got %+v, %v", c[0], a, err)
		}
	}
}

// TestNotionNamesBoth: a UID of two parts is told from every other, and one without a
// workspace is none.
func TestNotionNamesBoth(t *testing.T) {
	for answer, want := range map[string]string{
		`{"access_token": "a", "workspace_id": "w", "owner": {"user": {"id": "u"}}}`:    "user-u_workspace-w",
		`{"access_token": "a", "owner": {"user": {"id": "u"}}}`:                         "",
		`{"access_token": "a", "workspace_id": "w", "owner": {"workspace": true}}`:      "",
		`{"access_token": "a", "workspace_id": "w", "owner": {"user": {"id": "{1}"}}}`:  "user-{1}_workspace-w",
		`{"access_token": "a", "workspace_id": "w_x", "owner": {"user": {"id": "a_"}}}`: "",
	} {
		n := newInternet(t)
		n.says("POST https://api.notion.com/v1/oauth/token", "", answer)
		a, err := n.provider(Config{Kind: "notion", Secret: "s"}).Exchange(context.Background(), callback(nil))
		if a.UID != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", answer, a.UID, err)
		}
	}
}
