package wire

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func newCORS(t *testing.T, cfg CORSConfig) http.Handler {
	t.Helper()
	c, err := NewCORS(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
}

func TestCORS(t *testing.T) {
	h := newCORS(t, CORSConfig{AllowedOrigins: []string{"https://app.example.com", "https://*.example.net"}, Credentials: true, ExtraHeaders: []string{"X-Acme"}})
	for _, tt := range []struct {
		about, method, origin, asks string
		status                      int
		allowed                     bool
	}{
		{"same origin", "POST", "", "", 418, false},
		{"allowed", "POST", "https://app.example.com", "", 418, true},
		{"allowed by wildcard", "GET", "https://a.example.net", "", 418, true},
		{"not allowed", "POST", "https://evil.example", "", 418, false},
		{"null", "POST", "null", "", 418, false},
		{"other scheme", "POST", "http://app.example.com", "", 418, false},
		{"preflight", "OPTIONS", "https://app.example.com", "PUT", 204, true},
		{"preflight not allowed", "OPTIONS", "https://evil.example", "PUT", 204, false},
		{"OPTIONS that is no preflight", "OPTIONS", "https://app.example.com", "", 418, true},
		{"OPTIONS without origin", "OPTIONS", "", "PUT", 418, false},
	} {
		r, w := httptest.NewRequest(tt.method, "/", nil), httptest.NewRecorder()
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		if tt.asks != "" {
			r.Header.Set("Access-Control-Request-Method", tt.asks)
		}
		h.ServeHTTP(w, r)
		got := w.Header()
		if w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.about, w.Code, tt.status)
		}
		want, cred := "", ""
		if tt.allowed {
			want, cred = tt.origin, "true"
		}
		if got.Get("Access-Control-Allow-Origin") != want || got.Get("Access-Control-Allow-Credentials") != cred {
			t.Errorf("%s: %v, want it allowed: %v", tt.about, got, tt.allowed)
		}
		if !slices.Contains(got["Vary"], "Origin") {
			t.Errorf("%s: Vary is %v, want Origin in it", tt.about, got["Vary"])
		}
		if pre := tt.status == 204 && tt.allowed; pre != (got.Get("Access-Control-Max-Age") != "") {
			t.Errorf("%s: %v", tt.about, got)
		}
	}
}

func TestCORSPreflightHeaders(t *testing.T) {
	h := newCORS(t, CORSConfig{AllowedOrigins: []string{"https://app.example.com"}, ExtraHeaders: []string{"X-Acme"}})
	r, w := httptest.NewRequest("OPTIONS", "/", nil), httptest.NewRecorder()
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", "PATCH")
	h.ServeHTTP(w, r)
	headers := strings.Split(w.Header().Get("Access-Control-Allow-Headers"), ", ")
	for _, want := range []string{"content-type", "x-csrftoken", "x-session-token", "authorization", "dpop", "x-email-verification-key", "x-password-reset-key", "accept", "user-agent", "x-requested-with", "x-acme"} {
		if !slices.Contains(headers, want) {
			t.Errorf("%s is not allowed: %v", want, headers)
		}
	}
	for _, want := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if !slices.Contains(strings.Split(w.Header().Get("Access-Control-Allow-Methods"), ", "), want) {
			t.Errorf("%s is not allowed: %v", want, w.Header())
		}
	}
	if _, ok := w.Header()["Access-Control-Allow-Credentials"]; ok {
		t.Error("credentials are allowed without being configured")
	}
}

// TestCORSExposes has pages of other origins read what proofs of possession are made by (RFC 9449,
// section 8): the nonce, what was wrong, and the time.
func TestCORSExposes(t *testing.T) {
	h := newCORS(t, CORSConfig{AllowedOrigins: []string{"https://app.example.com"}})
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	r.Header.Set("Origin", "https://app.example.com")
	h.ServeHTTP(w, r)
	exposed := strings.Split(w.Header().Get("Access-Control-Expose-Headers"), ", ")
	for _, want := range []string{"retry-after", "x-request-id", "x-csrftoken", "dpop-nonce", "www-authenticate", "date"} {
		if !slices.Contains(exposed, want) {
			t.Errorf("%s cannot be read: %v", want, exposed)
		}
	}
}

func TestCORSOff(t *testing.T) {
	h := newCORS(t, CORSConfig{})
	r, w := httptest.NewRequest("OPTIONS", "/", nil), httptest.NewRecorder()
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", "PATCH")
	h.ServeHTTP(w, r)
	if w.Code != http.StatusTeapot || len(w.Header()) != 0 {
		t.Errorf("%d %v, want the request passed on untouched", w.Code, w.Header())
	}
}

func TestCORSAnyOrigin(t *testing.T) {
	h := newCORS(t, CORSConfig{AllowedOrigins: []string{"*"}})
	for origin, want := range map[string]string{"https://who.ever": "https://who.ever", "null": ""} {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		r.Header.Set("Origin", origin)
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: %q, want %q", origin, got, want)
		}
	}
	_, err := NewCORS(CORSConfig{AllowedOrigins: []string{"*", "nonsense"}, Credentials: true, ExtraHeaders: []string{"X Y", ""}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"credentials", `"nonsense"`, `"X Y"`, `""`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in: %v", want, err)
		}
	}
}

func TestAnswerOptions(t *testing.T) {
	w := httptest.NewRecorder()
	AnswerOptions(w, "GET", "DELETE")
	if w.Code != 200 || w.Header().Get("Allow") != "GET, HEAD, DELETE, OPTIONS" || w.Body.Len() != 0 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	AnswerOptions(w)
	if w.Header().Get("Allow") != "OPTIONS" {
		t.Errorf("%v", w.Header())
	}
}
