package wire

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestCSRFTellsWhoMayKnow: pages that may read answers and are trusted find the token in the
// header; nobody else does, whatever cookie is sent.
func TestCSRFTellsWhoMayKnow(t *testing.T) {
	c := newCSRF(t, CSRFConfig{
		PublicURL:      "https://auth.example.com",
		TrustedOrigins: []string{"https://app.example.com", "https://asks.example.com"},
		ReadableBy:     []string{"https://app.example.com", "https://reads.example.com"},
	})
	token := strings.Repeat("t", 32)
	for _, tt := range []struct {
		about, cookie string
		origins       []string
		want          string
	}{
		{"both", token, []string{"https://app.example.com"}, token},
		{"a masked cookie", mask(token, strings.Repeat("x", 32)), []string{"https://app.example.com"}, token},
		{"no cookie yet", "", []string{"https://app.example.com"}, ""},
		{"a cookie that is none", "short", []string{"https://app.example.com"}, ""},
		{"trusted, but may not read", token, []string{"https://asks.example.com"}, ""},
		{"may read, but is not trusted", token, []string{"https://reads.example.com"}, ""},
		{"neither", token, []string{"https://evil.example"}, ""},
		{"our own pages read the cookie", token, []string{"https://auth.example.com"}, ""},
		{"no origin", token, nil, ""},
		{"null", token, []string{"null"}, ""},
		{"two origins", token, []string{"https://app.example.com", "https://app.example.com"}, ""},
		{"another scheme", token, []string{"http://app.example.com"}, ""},
	} {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		r.Header["Origin"] = tt.origins
		if tt.cookie != "" {
			r.Header.Set("Cookie", "csrftoken="+tt.cookie)
		}
		c.Tell(w, r)
		if got := w.Header().Get(CSRFHeader); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.about, got, tt.want)
		}
		if told := tt.want != ""; told != slices.Contains(w.Header()["Vary"], "Cookie") {
			t.Errorf("%s: Vary is %v", tt.about, w.Header()["Vary"])
		}
	}
}

// TestCSRFTellsTheNewToken: a token that is set or rotated replaces the one that was told.
func TestCSRFTellsTheNewToken(t *testing.T) {
	c := newCSRF(t, CSRFConfig{
		PublicURL: "https://auth.example.com", TrustedOrigins: []string{"https://app.example.com"}, ReadableBy: []string{"https://app.example.com"},
	})
	r, w := httptest.NewRequest("POST", "/", nil), httptest.NewRecorder()
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Cookie", "csrftoken="+strings.Repeat("o", 32))
	c.Tell(w, r)
	c.Rotate(w, r)
	told, set := w.Header()[http.CanonicalHeaderKey(CSRFHeader)], w.Result().Cookies()
	if len(told) != 1 || len(set) != 1 || told[0] != set[0].Value || told[0] == strings.Repeat("o", 32) {
		t.Errorf("told %v, set %v", told, set)
	}
	if got := w.Header()["Vary"]; len(got) != 1 {
		t.Errorf("Vary is %v, want Cookie once", got)
	}
	w = httptest.NewRecorder()
	r.Header.Set("Origin", "https://evil.example")
	c.Rotate(w, r)
	if told := w.Header().Get(CSRFHeader); told != "" {
		t.Errorf("a stranger is told %q", told)
	}
}

// TestCSRFCookieOfAnotherSite: front ends of another site need the cookie to be sent from there.
func TestCSRFCookieOfAnotherSite(t *testing.T) {
	for attribute, want := range map[http.SameSite]string{
		0: "SameSite=Lax", http.SameSiteLaxMode: "SameSite=Lax", http.SameSiteStrictMode: "SameSite=Strict", http.SameSiteNoneMode: "Secure; SameSite=None",
	} {
		c, w := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com", SameSite: attribute}), httptest.NewRecorder()
		c.Rotate(w, httptest.NewRequest("POST", "/", nil))
		if got := w.Header().Get("Set-Cookie"); !strings.HasSuffix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestLocalOrigins: in development pages of this machine count, whatever their port, and no
// others do.
func TestLocalOrigins(t *testing.T) {
	c := newCSRF(t, CSRFConfig{LocalOrigins: true})
	strict := newCSRF(t, CSRFConfig{})
	for origin, want := range map[string]bool{
		"http://localhost:4321": true, "http://127.0.0.1:1": true, "http://[::1]:5000": true, "https://localhost": true, "http://app.localhost:3000": true,
		"http://localhost.evil.example": false, "http://10.0.0.1:3000": false, "ftp://localhost": false, "null": false, "": false,
		"http://evil.example/@localhost": false, "http://localhost:1@evil.example": false,
	} {
		if got := c.Trusts(origin); got != want {
			t.Errorf("%s: %v, want %v", origin, got, want)
		}
		if strict.Trusts(origin) {
			t.Errorf("%s is trusted without being asked for", origin)
		}
	}
}

// TestCSRFHintOfNull: null is no origin that anybody could add to a list.
func TestCSRFHintOfNull(t *testing.T) {
	c := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com"})
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Origin", "null")
	if err := c.Check(r); err == nil || strings.Contains(err.Error(), "trusted origins") || !strings.Contains(err.Error(), "no-referrer") {
		t.Errorf("the hint: %v", err)
	}
}
