package bench

import (
	"net/http"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestBrowserSide: the requests of browsers are answered, those of bound sessions as long as they have
// the cookie that shows it; where none is offered nobody is said to be bound.
func TestBrowserSide(t *testing.T) {
	const outside = "https://auth.example.com"
	for setting, bound := range map[string]bool{"off": false, "offer": true} {
		target := aServer(t, suite.SetUp(func(c *config.Config, _ *server.Options) {
			c.PublicURL, c.Account.EmailVerification, c.Session.DeviceBound = outside, "none", setting
			c.MFA.WebAuthnAllowInsecureOrigin = false
		}))
		target.Origin = outside
		s, err := BrowserSide(t.Context(), target, 2, bound)
		if err != nil || len(s.Requests) != 2 || s.Requests[0].Header[1] == s.Requests[1].Header[1] {
			t.Fatalf("%s: %v: %v", setting, err, s.Requests)
		}
		for _, r := range s.Requests {
			all := r.Header[1]
			if got := statusOf(t, r, all); got != s.Want {
				t.Errorf("%s: %d, want %d", setting, got, s.Want)
			}
			var token string
			for pair := range strings.SplitSeq(all, "; ") {
				if strings.HasPrefix(pair, "sessionid=") {
					token = pair
				}
			}
			if got := statusOf(t, r, token); bound != (got == http.StatusUnauthorized) {
				t.Errorf("%s: %d with the session's cookie alone", setting, got)
			}
		}
		if !bound {
			if s, err := BrowserSide(t.Context(), target, 1, true); err == nil {
				t.Errorf("bound where nothing is offered: %v", s)
			}
		}
	}
}

// statusOf asks with cookies.
func statusOf(t *testing.T, r Request, cookies string) int {
	t.Helper()
	req, err := http.NewRequest(r.Method, r.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookies)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
