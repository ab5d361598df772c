package suite

import (
	"html"
	"net/http/httptest"
	"net/url"
	"strings"
)

// NotMe is the link of a letter by which its reader disowns the account, below the server.
func (l *Lab) NotMe(email string) *url.URL {
	l.T.Helper()
	data := l.Mail(email).Data
	u, err := url.Parse(data["disown_url"])
	if err != nil || data["disown_key"] == "" || u.Scheme+"://"+u.Host != l.Config.Origin() || u.Query().Get("key") != data["disown_key"] {
		l.T.Fatalf("the letter to %s has the link %q for the key %q", email, data["disown_url"], data["disown_key"])
	}
	return u
}

// Press presses the button of the page that a link leads to.
func (l *Lab) Press(link *url.URL) *httptest.ResponseRecorder {
	l.T.Helper()
	return l.Get("POST", l.Host(), link.Path, link.RawQuery, "Content-Type", "application/x-www-form-urlencoded")
}

// Says ends the test unless the page has the status and says something.
func (l *Lab) Says(w *httptest.ResponseRecorder, status int, want string) {
	l.T.Helper()
	h := w.Header()
	policy := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "style-src 'sha256-", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			l.T.Errorf("policy %q is without %s", policy, part)
		}
	}
	if strings.Contains(policy, "script") || strings.Contains(policy, "unsafe") || h.Get("X-Frame-Options") != "DENY" ||
		h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "same-origin" || len(h.Values("Set-Cookie")) != 0 {
		l.T.Errorf("headers %v", h)
	}
	text := html.UnescapeString(w.Body.String())
	if w.Code != status || !strings.Contains(text, "<h1>"+want+"</h1>") || strings.Contains(text, "<script") || strings.Contains(text, "ZgotmplZ") {
		l.T.Errorf("status %d, want %d and %q:\n%s", w.Code, status, want, text)
	}
}
