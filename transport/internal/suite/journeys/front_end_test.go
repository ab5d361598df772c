package journeys

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// page is a page of an origin: it sends cookies, and reads of answers what its browser shows
// it, which is no cookie of another host.
type page struct {
	l      *suite.Lab
	origin string
	web    *http.Client
	token  string
}

func newPage(t *testing.T, l *suite.Lab, origin string) *page {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &page{l: l, origin: origin, web: &http.Client{Jar: jar}}
}

// ask sends a request, keeps the token that the page can read, and returns status and body.
func (p *page) ask(t *testing.T, method, path, body string) (*http.Response, map[string]any) {
	t.Helper()
	r, err := http.NewRequest(method, p.l.URL+"/_allauth/browser/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if p.origin != "" {
		r.Header.Set("Origin", p.origin)
	}
	if p.token != "" {
		r.Header.Set("X-CSRFToken", p.token)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.web.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	var said map[string]any
	if err != nil || json.Unmarshal(text, &said) != nil {
		t.Fatalf("%s %s: %v %s", method, path, err, text)
	}
	if answer.Header.Get("Access-Control-Allow-Origin") == p.origin && strings.Contains(answer.Header.Get("Access-Control-Expose-Headers"), "x-csrftoken") {
		if token := answer.Header.Get("X-CSRFToken"); token != "" {
			p.token = token
		}
	}
	return answer, said
}

// TestPageOfAnotherHost signs up, out and in from a page that reads no cookie, by the token in
// the answers alone, across its change at sign-in. Pages that are trusted by half get none.
func TestPageOfAnotherHost(t *testing.T) {
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Account.EmailVerification = "none"
		c.CORSAllowedOrigins = []string{"http://localhost:3000", "http://reads.test"}
		c.CSRFTrustedOrigins = []string{"http://localhost:3000", "http://asks.test"}
	})
	p := newPage(t, l, "http://localhost:3000")
	const ann = `{"email": "ann@example.org", "password": "violet harbour 7"}`
	if answer, _ := p.ask(t, "POST", "/auth/signup", ann); answer.StatusCode != 403 || p.token == "" {
		t.Fatalf("without a token: %d, and is told %q", answer.StatusCode, p.token)
	}
	first := p.token
	if answer, said := p.ask(t, "POST", "/auth/signup", ann); answer.StatusCode != 200 {
		t.Fatalf("with the token of the refusal: %d %v", answer.StatusCode, said)
	}
	if p.token == first {
		t.Error("the token did not change at sign-in, or the page was not told")
	}
	for _, step := range []struct {
		method, path, body string
		want               int
	}{{"DELETE", "/auth/session", "", 401}, {"POST", "/auth/login", ann, 200}, {"GET", "/auth/session", "", 200}, {"DELETE", "/auth/session", "", 401}} {
		answer, said := p.ask(t, step.method, step.path, step.body)
		if answer.StatusCode != step.want {
			t.Errorf("%s %s: %d %v", step.method, step.path, answer.StatusCode, said)
		}
		if h := answer.Header; h.Get("Cache-Control") != "no-store" || !strings.Contains(strings.Join(h["Vary"], ", "), "Cookie") || !strings.Contains(strings.Join(h["Vary"], ", "), "Origin") {
			t.Errorf("%s %s: may be kept: %v", step.method, step.path, h)
		}
	}
	for _, origin := range []string{"", l.URL, "http://reads.test", "http://asks.test", "http://evil.test", "null"} {
		p.origin = origin
		for _, method := range []string{"GET", "POST"} {
			if answer, _ := p.ask(t, method, "/auth/session", ""); answer.Header.Get("X-CSRFToken") != "" {
				t.Errorf("%s from %q is told the token", method, origin)
			}
		}
	}
}

// TestRefusalsAreExplained: the log says what was refused and what would allow it; the answer
// says so in development alone.
func TestRefusalsAreExplained(t *testing.T) {
	for _, development := range []bool{false, true} {
		l := suite.NewLab(t, func(c *config.Config, o *server.Options) {
			if development {
				suite.Development(c, o)
			}
			c.Headless.FrontendURLs = config.FrontendURLs{}
			c.Account.EmailVerificationByCodeEnabled, c.Account.PasswordResetByCodeEnabled = true, true
		})
		p := newPage(t, l, "https://app.example.com")
		_, said := p.ask(t, "POST", "/auth/login", "{}")
		told, _ := said["development"].(map[string]any)
		delete(said, "development")
		plain, err := json.Marshal(said)
		if err != nil || string(plain) != `{"errors":[{"code":"csrf_failed","message":"The request could not be told from a forged one. Reload the page and try again."}],"status":403}` {
			t.Errorf("the contract's part of the answer is another one: %s", plain)
		}
		if development != (told["reason"] == "bad_origin" && len(told["settings"].([]any)) >= 2) {
			t.Errorf("development %v: the answer says %v", development, told)
		}
		for _, want := range []string{`msg="refused by csrf"`, `msg="refused by cors"`, "reason=bad_origin", "reason=origin_not_allowed", "origin=https://app.example.com",
			"csrf_trusted_origins: [https://app.example.com]", "cors_allowed_origins: [https://app.example.com]"} {
			if !strings.Contains(l.Log.String(), want) {
				t.Errorf("development %v: the log lacks %s", development, want)
			}
		}
	}
}

// TestAnyPortInDevelopment: a front end of this machine just works, wherever it runs, and one
// of another does not.
func TestAnyPortInDevelopment(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	for origin, want := range map[string]int{"http://localhost:4321": 401, "http://127.0.0.1:8000": 401, "http://10.0.0.1:4321": 403} {
		p := newPage(t, l, origin)
		p.ask(t, "GET", "/auth/session", "")
		answer, said := p.ask(t, "DELETE", "/auth/session", "")
		if answer.StatusCode != want {
			t.Errorf("%s: %d %v, want %d", origin, answer.StatusCode, said, want)
		}
	}
}
