package wire

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// telling is a CORS handler whose refusals are told into a buffer.
func telling(t *testing.T, log *bytes.Buffer, f *Refusals, cfg CORSConfig) http.Handler {
	t.Helper()
	f.Log = slog.New(slog.NewTextHandler(log, nil))
	f.Settings = func(origin string) []string { return []string{"cors_allowed_origins: [" + origin + "]"} }
	cfg.PublicURL, cfg.Credentials, cfg.Refusals = "http://localhost:8080", true, f
	return newCORS(t, cfg)
}

// TestCORSRefusalsAreTold: each request whose answer a page may not read is a line with what
// would allow it, and the answer is what it would be without; a development server says it
// there, too.
func TestCORSRefusalsAreTold(t *testing.T) {
	for _, tt := range []struct {
		about, method, path, origin, asks, mode string
		told                                    bool
	}{
		{"foreign", "POST", "/x", "https://evil.example", "", "", true},
		{"foreign, by a script", "GET", "/x", "https://evil.example", "", "cors", true},
		{"preflight", "OPTIONS", "/x", "https://evil.example", "PUT", "cors", true},
		{"null", "GET", "/x", "null", "", "", true},
		{"allowed", "POST", "/x", "https://app.example.com", "", "", false},
		{"no origin", "POST", "/x", "", "", "", false},
		{"our own page", "POST", "/x", "http://localhost:8080", "", "", false},
		{"our own page by another name", "POST", "/x", "http://127.0.0.1:8080", "", "", false},
		{"behind a proxy that keeps Host", "POST", "/x", "https://example.test", "", "", false},
		{"a form that leads away", "POST", "/x", "https://evil.example", "", "navigate", false},
		{"a file that everybody may read", "GET", "/_stagedoor/v1/stagedoor.js", "https://evil.example", "", "cors", false},
	} {
		for _, on := range []bool{true, false} {
			var log bytes.Buffer
			cfg := CORSConfig{AllowedOrigins: []string{"https://app.example.com"}}
			if !on {
				cfg.AllowedOrigins = nil
			}
			quiet, dev := &Refusals{}, &Refusals{InAnswers: true}
			r, w := httptest.NewRequest(tt.method, "http://example.test"+tt.path, nil), httptest.NewRecorder()
			for name, value := range map[string]string{"Origin": tt.origin, "Access-Control-Request-Method": tt.asks, "Sec-Fetch-Mode": tt.mode} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			told := tt.told || !on && tt.about == "allowed"
			telling(t, &log, quiet, cfg).ServeHTTP(w, r)
			if got := strings.Contains(log.String(), "refused by cors"); got != told {
				t.Errorf("%s, on %v: told %v: %s", tt.about, on, got, log.String())
			}
			if told && !strings.Contains(log.String(), `allowed_by="cors_allowed_origins: [`+tt.origin+`]"`) {
				t.Errorf("%s: the line does not say what would allow it: %s", tt.about, log.String())
			}
			if told && (w.Code == http.StatusForbidden || w.Header().Get(RefusalHeader) != "" || w.Body.Len() > 0) {
				t.Errorf("%s: the answer is another one: %d %v", tt.about, w.Code, w.Header())
			}
			w = httptest.NewRecorder()
			telling(t, &log, dev, cfg).ServeHTTP(w, r)
			if got := strings.Contains(w.Header().Get(RefusalHeader), "write cors_allowed_origins"); got != told {
				t.Errorf("%s, on %v: in the answer %v: %v", tt.about, on, got, w.Header())
			}
		}
	}
}

// TestCSRFRefusalsAreTold has every reason in the log with its origin and what to do, no token,
// and the answer's problem without more than it had.
func TestCSRFRefusalsAreTold(t *testing.T) {
	c := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com", TrustedOrigins: []string{"https://app.example.com"}})
	secret := strings.Repeat("s", 32)
	for _, tt := range []struct {
		origin, referer, cookie, sent, reason string
	}{
		{"https://evil.example", "", secret, secret, "bad_origin"},
		{"", "", secret, secret, "no_referer"},
		{"", "https://evil.example/x", secret, secret, "bad_referer"},
		{"https://app.example.com", "", "", "", "no_cookie"},
		{"https://app.example.com", "", secret, "", "no_token"},
		{"https://app.example.com", "", secret, strings.Repeat("x", 32), "token_mismatch"},
	} {
		var log bytes.Buffer
		quiet, dev := &Refusals{}, &Refusals{InAnswers: true}
		telling(t, &log, quiet, CORSConfig{})
		telling(t, &log, dev, CORSConfig{})
		r := httptest.NewRequest("POST", "/x", nil)
		for name, value := range map[string]string{"Origin": tt.origin, "Referer": tt.referer, CSRFHeader: tt.sent} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if tt.cookie != "" {
			r.Header.Set("Cookie", "csrftoken="+tt.cookie)
		}
		p := quiet.CSRF(r, c.Check(r))
		line := log.String()
		if p.Status != 403 || p.Code != CodeCSRF || p.Refusal != nil {
			t.Errorf("%s: %+v", tt.reason, p)
		}
		if !strings.Contains(line, "refused by csrf") || !strings.Contains(line, "reason="+tt.reason+" ") || !strings.Contains(line, "hint=") || strings.Contains(line, secret) {
			t.Errorf("%s: %s", tt.reason, line)
		}
		if from := tt.origin + strings.TrimSuffix(tt.referer, "/x"); from != "" && !strings.Contains(line, "["+from+"]") {
			t.Errorf("%s: the line does not say what would allow %s: %s", tt.reason, from, line)
		}
		if p := dev.CSRF(r, c.Check(r)); p.Refusal == nil || p.Refusal.Reason != tt.reason || p.Refusal.Hint == "" {
			t.Errorf("%s: a development server answers %+v", tt.reason, p.Refusal)
		}
		var nobody *Refusals
		if p := nobody.CSRF(r, c.Check(r)); p.Status != 403 || p.Refusal != nil {
			t.Errorf("%s: %+v", tt.reason, p)
		}
	}
}

// TestRefusalsHoldNoKeys: a path that leads to a page by the key of a link is told without it.
func TestRefusalsHoldNoKeys(t *testing.T) {
	var log bytes.Buffer
	key := "1.ABr71mhPseUAAAGiK9nEN6XV7b0mh5s8QwSeDmD9Vks"
	h := telling(t, &log, &Refusals{}, CORSConfig{})
	for _, path := range []string{"/account/password/reset/key/" + key, "/_allauth/browser/v1/auth/stages/mfa_authenticate"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Origin", "https://evil.example")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	if said := log.String(); strings.Contains(said, key[:20]) || !strings.Contains(said, "path=/account/password/reset/key/...") || !strings.Contains(said, "/auth/stages/mfa_authenticate") {
		t.Errorf("%s", said)
	}
}

// TestRefusalOfAnotherSite: where everything is configured and no cookie comes, it is for the
// browser to send one, and for the page to do without.
func TestRefusalOfAnotherSite(t *testing.T) {
	c := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com", TrustedOrigins: []string{"https://app.example.org", "https://app.example.com"}})
	for origin, want := range map[string]bool{"https://app.example.org": true, "https://app.example.com": false} {
		var log bytes.Buffer
		f := &Refusals{OtherSite: func(origin string) bool { return strings.HasSuffix(origin, ".org") }}
		telling(t, &log, f, CORSConfig{})
		f.Settings = func(string) []string { return nil }
		r := httptest.NewRequest("POST", "/x", nil)
		r.Header.Set("Origin", origin)
		f.CSRF(r, c.Check(r))
		if got := strings.Contains(log.String(), "use the client app"); got != want {
			t.Errorf("%s: %s", origin, log.String())
		}
	}
}

// TestRefusalOfAnotherName: 127.0.0.1 and localhost are one machine and two sites.
func TestRefusalOfAnotherName(t *testing.T) {
	c := newCSRF(t, CSRFConfig{PublicURL: "http://localhost:8080", LocalOrigins: true})
	for origin, want := range map[string]bool{"http://127.0.0.1:3000": true, "http://[::1]:3000": true, "http://localhost:3000": false} {
		var log bytes.Buffer
		f := &Refusals{}
		telling(t, &log, f, CORSConfig{})
		f.Settings = func(string) []string { return nil }
		r := httptest.NewRequest("POST", "http://localhost:8080/x", nil)
		r.Header.Set("Origin", origin)
		f.CSRF(r, c.Check(r))
		if got := strings.Contains(log.String(), "open the page at localhost"); got != want {
			t.Errorf("%s: %s", origin, log.String())
		}
	}
}

// TestRefusalsAreNotToldWithoutEnd: who floods the server with refused requests does not flood
// the log, which says how many it left out.
func TestRefusalsAreNotToldWithoutEnd(t *testing.T) {
	var log bytes.Buffer
	now := time.Unix(1e9, 0)
	f := &Refusals{Now: func() time.Time { return now }}
	h := telling(t, &log, f, CORSConfig{})
	ask := func() {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("Origin", "https://evil.example")
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	for range mostToldOf + 12 {
		ask()
	}
	if lines := strings.Count(log.String(), "\n"); lines != mostToldOf {
		t.Errorf("%d lines, want %d", lines, mostToldOf)
	}
	now = now.Add(toldEach)
	ask()
	if want := fmt.Sprintf("not_told_before=%d", 12); strings.Count(log.String(), want) != 1 {
		t.Errorf("want %s once: %s", want, log.String()[log.Len()-300:])
	}
}
