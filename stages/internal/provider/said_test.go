package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestTheProvidersOwnWords: a description of an error was dropped. It is one line, and holds neither
// a secret nor an address.
func TestTheProvidersOwnWords(t *testing.T) {
	for description, want := range map[string]string{
		"The client secret has expired.":                                           `"The client secret has expired."`,
		"AADSTS50105: the signed in user 'bob@example.com' is not assigned a role": `"AADSTS50105: the signed in user (address) is not assigned a role"`,
		"two\r\nlines\x1b[31m\u202e and\ttabs":                                     `"two lines[31m and tabs"`,
		"code SplxlOBeZQQYbYS6WxSbIA was used":                                     `"code (...) was used"`,
		"token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl is bad":           `"token (...).(...).(...) is bad"`,
		"go to https://x.example.com/a?code=1&state=2 now":                         `"go to https://x.example.com/a?(...) now"`,
		"redirect_uri_mismatch and invalid_client_credentials":                     `"redirect_uri_mismatch and invalid_client_credentials"`,
		`with "quotes" and \`:                                                      `"with \"quotes\" and \\"`,
		"ユーザーが拒否しました":                                                              `"ユーザーが拒否しました"`,
		"":                                                                         "",
		"\x00\xff":                                                                 "",
		strings.Repeat("a ", 500):                                                  `"` + strings.Repeat("a ", 100) + `..."`,
	} {
		got := strings.TrimPrefix(strings.TrimPrefix(inWords("invalid_grant", description), "invalid_grant"), " ")
		if got != want {
			t.Errorf("%q: got %s, want %s", description, got, want)
		}
	}
	if got := inWords("<script>", ""); got != "an error without a code" {
		t.Errorf("a code that is none: %s", got)
	}
}

// TestWordsAreBounded: whatever a provider writes is a short line of printable text.
func TestWordsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := inWords("invalid_grant", rapid.String().Draw(t, "description"))
		if utf8.RuneCountInString(got) > 4*maxSaid || strings.ContainsAny(got, "\n\r\x00\x1b") || !utf8.ValidString(got) {
			t.Fatalf("%q", got)
		}
	})
}

// TestCauses: what a front end can tell people.
func TestCauses(t *testing.T) {
	n, _, p := mock(t)
	endpoint := "POST " + realm + "/token"
	answer := func(status int, body string) func() error {
		return func() error {
			n.on(endpoint, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
			_, err := p.Exchange(context.Background(), callback(nil))
			return err
		}
	}
	sentBack := func(form url.Values) func() error {
		return func() error {
			_, err := p.Exchange(context.Background(), callback(form))
			return err
		}
	}
	for name, c := range map[string]struct {
		do    func() error
		cause string
		words string
	}{
		"down":            {answer(502, ``), "provider_unavailable", "status 502"},
		"a used code":     {answer(400, `{"error": "invalid_grant", "error_description": "grant not found"}`), "token_refused", `invalid_grant "grant not found"`},
		"a wrong secret":  {answer(401, `{"error": "invalid_client", "error_description": "Invalid client credentials"}`), "not_configured", `invalid_client "Invalid client credentials"`},
		"a wrong address": {answer(400, `{"error": "redirect_uri_mismatch"}`), "not_configured", "redirect_uri_mismatch"},
		"bound tokens":    {answer(200, `{"access_token": "a", "token_type": "DPoP", "id_token": "x"}`), "not_configured", "DPoP"},
		"no id_token":     {answer(200, `{"access_token": "a"}`), "token_refused", "no id_token"},
		"a wrong scope":   {sentBack(url.Values{"error": {"invalid_scope"}, "error_description": {"phone is not allowed"}}), "not_configured", `invalid_scope "phone is not allowed"`},
		"not now":         {sentBack(url.Values{"error": {"temporarily_unavailable"}, "error_description": {"maintenance"}}), "provider_unavailable", `temporarily_unavailable "maintenance"`},
		"not signed in":   {sentBack(url.Values{"error": {"login_required"}}), "token_refused", "login_required"},
		"cancelled":       {sentBack(url.Values{"error": {"access_denied"}}), "", "cancelled"},
	} {
		err := c.do()
		if Cause(err) != c.cause || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: cause %q, %v", name, Cause(err), err)
		}
	}
	if Cause(errors.New("anything")) != "" || Cause(nil) != "" {
		t.Error("what is none of the provider's has no cause")
	}
}
