package wire

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCSRFOrigin(t *testing.T) {
	trusted := []string{"https://app.example.com", "https://*.example.net", "http://front.test:3000", "HTTPS://Upper.Example.org:443/"}
	own := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com/base/", TrustedOrigins: trusted})
	local := newCSRF(t, CSRFConfig{PublicURL: "http://localhost:8080"})
	for _, tt := range []struct {
		c      *CSRF
		origin string
		ok     bool
	}{
		{own, "https://auth.example.com", true},
		{own, "https://app.example.com", true},
		{own, "https://upper.example.org", true},
		{own, "http://front.test:3000", true},
		{own, "https://a.example.net", true},
		{own, "https://a.b.example.net", true},
		{own, "https://example.net", true},
		{own, "http://auth.example.com", false},
		{own, "https://auth.example.com:8443", false},
		{own, "https://auth.example.com/", false},
		{own, "HTTPS://auth.example.com", false},
		{own, "https://evil.example", false},
		{own, "https://evilexample.net", false},
		{own, "https://example.net.evil.example", false},
		{own, "http://a.example.net", false},
		{own, "https://a.example.net:8443", false},
		{own, "https://evil.example/.example.net", false},
		{own, "https://evil.example?.example.net", false},
		{own, "https://evil.example#.example.net", false},
		{own, "https://user@a.example.net", false},
		{own, "https://evil.example\\.example.net", false},
		{own, "null", false},
		{own, "", false},
		{own, "://.example.net", false},
		{own, "https://", false},
		{own, "http://localhost:8080", false},
		{local, "http://localhost:8080", true},
		{local, "http://127.0.0.1:8080", true},
		{local, "http://[::1]:8080", true},
		{local, "http://localhost:3000", false},
		{local, "http://localhost", false},
		{local, "https://localhost:8080", false},
	} {
		r := httptest.NewRequest("POST", "http://internal/", nil)
		r.Header.Set("Cookie", "csrftoken="+strings.Repeat("a", 32))
		r.Header.Set(CSRFHeader, strings.Repeat("a", 32))
		r.Header["Origin"] = []string{tt.origin}
		want := CSRFBadOrigin
		if tt.ok {
			want = ""
		}
		if got := reasonOf(t, tt.c.Check(r)); got != want {
			t.Errorf("origin %q: %q, want %q", tt.origin, got, want)
		}
	}
}

func TestCSRFTwoOrigins(t *testing.T) {
	own := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com"})
	r := httptest.NewRequest("POST", "/", nil)
	r.Header["Origin"] = []string{"https://auth.example.com", "https://auth.example.com"}
	if got := reasonOf(t, own.Check(r)); got != CSRFBadOrigin {
		t.Errorf("%q, want %q", got, CSRFBadOrigin)
	}
}

// TestCSRFReferer: over https, a request without Origin has to say where it comes from.
func TestCSRFReferer(t *testing.T) {
	own := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com", TrustedOrigins: []string{"https://*.example.net"}})
	for _, tt := range []struct {
		referer string
		want    CSRFReason
	}{
		{"https://auth.example.com/login?next=/", ""},
		{"https://auth.example.com:443/", ""},
		{"https://AUTH.example.com/", ""},
		{"https://a.example.net/page", ""},
		{"", CSRFNoReferer},
		{"http://auth.example.com/", CSRFBadReferer},
		{"https://evil.example/auth.example.com", CSRFBadReferer},
		{"https://auth.example.com:8443/", CSRFBadReferer},
		{"https://auth.example.com@evil.example/", CSRFBadReferer},
		{"https:///auth.example.com", CSRFBadReferer},
		{"https://[::1", CSRFBadReferer},
		{"about:blank", CSRFBadReferer},
		{"auth.example.com", CSRFBadReferer},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Cookie", "csrftoken="+strings.Repeat("a", 32))
		r.Header.Set(CSRFHeader, strings.Repeat("a", 32))
		if tt.referer != "" {
			r.Header.Set("Referer", tt.referer)
		}
		if got := reasonOf(t, own.Check(r)); got != tt.want {
			t.Errorf("referer %q: %q, want %q", tt.referer, got, tt.want)
		}
	}
}

func TestNewCSRFReportsAllFaults(t *testing.T) {
	_, err := NewCSRF(CSRFConfig{PublicURL: "https://a.example", TrustedOrigins: []string{
		"app.example.com", "https://a.*.example", "https://**.example", "https://x.example/path", "https://good.example", "*", "ftp://x.example", "https://u:p@x.example", "https://%zz",
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, bad := range []string{`"app.example.com"`, `"https://a.*.example"`, `"https://**.example"`, `"https://x.example/path"`, `"*"`, `"ftp://x.example"`, `"https://u:p@x.example"`, `"https://%zz"`} {
		if !strings.Contains(err.Error(), bad) {
			t.Errorf("%s is not reported in: %v", bad, err)
		}
	}
	if strings.Contains(err.Error(), "good.example") {
		t.Errorf("a good origin is reported: %v", err)
	}
	for _, url := range []string{"auth.example.com", "/", "ftp://x", "http://", "https://%zz"} {
		if _, err := NewCSRF(CSRFConfig{PublicURL: url}); err == nil {
			t.Errorf("public URL %q: accepted", url)
		}
	}
}

func TestPublicOrigin(t *testing.T) {
	for _, tt := range []struct {
		url, origin string
		secure      bool
	}{
		{"https://auth.example.com", "https://auth.example.com", true},
		{"https://Auth.Example.com:443/base/?q#f", "https://auth.example.com", true},
		{"https://auth.example.com:8443", "https://auth.example.com:8443", true},
		{"http://auth.example.com:80", "http://auth.example.com", true},
		{"http://localhost:8080", "http://localhost:8080", false},
		{"http://app.localhost", "http://app.localhost", false},
		{"http://127.8.9.1:80", "http://127.8.9.1", false},
		{"http://[::1]:8080", "http://[::1]:8080", false},
		{"http://localhost.example.com", "http://localhost.example.com", true},
		{"https://localhost", "https://localhost", true},
	} {
		origin, secure, err := PublicOrigin(tt.url)
		if err != nil || origin != tt.origin || secure != tt.secure {
			t.Errorf("%s: %s, %v, %v; want %s, %v", tt.url, origin, secure, err, tt.origin, tt.secure)
		}
	}
}

// TestLoopbackOrigins: only this machine's own names stand for each other.
func TestLoopbackOrigins(t *testing.T) {
	for origin, want := range map[string]string{
		"http://localhost:8080":    "http://localhost:8080 http://127.0.0.1:8080 http://[::1]:8080",
		"https://[::1]":            "https://localhost https://127.0.0.1 https://[::1]",
		"http://app.localhost":     "",
		"http://192.0.2.1":         "",
		"https://auth.example.com": "",
	} {
		if got := strings.Join(loopbackOrigins(origin), " "); got != want {
			t.Errorf("%s: %s, want %s", origin, got, want)
		}
	}
}

func BenchmarkCSRFCheck(b *testing.B) {
	c := newCSRF(b, CSRFConfig{PublicURL: "https://auth.example.com"})
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", "sessionid=x; csrftoken="+strings.Repeat("a", 32))
	r.Header.Set(CSRFHeader, strings.Repeat("a", 32))
	r.Header.Set("Origin", "https://auth.example.com")
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Check(r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestCSRFSameHost: a page on the very host that it asks is at home there, unless a stranger
// could have that name or a proxy says otherwise.
func TestCSRFSameHost(t *testing.T) {
	own := newCSRF(t, CSRFConfig{PublicURL: "https://auth.example.com"})
	local := newCSRF(t, CSRFConfig{PublicURL: "http://localhost:8080"})
	for _, tt := range []struct {
		c            *CSRF
		host, origin string
		headers      []string
		ok           bool
	}{
		{local, "localhost:5173", "http://localhost:5173", nil, true},
		{local, "app.localhost:5173", "http://app.localhost:5173", nil, true},
		{local, "App.Test:80", "http://app.test", nil, true},
		{local, "192.168.1.5:5173", "http://192.168.1.5:5173", nil, true},
		{local, "[fd00::1]:5173", "http://[fd00::1]:5173", nil, true},
		{local, "web:5173", "http://web:5173", nil, true},
		{local, "dev.example.com", "https://dev.example.com", nil, true},
		{own, "other.example.com", "https://other.example.com", nil, true},
		{own, "other.example.com", "https://other.example.com", []string{"X-Forwarded-Host", "other.example.com", "X-Forwarded-Proto", "https"}, true},
		{local, "localhost:5173", "http://localhost:5174", nil, false},
		{local, "localhost:5173", "http://localhost", nil, false},
		{local, "evil.example", "http://evil.example", nil, false},
		{local, "evil.example.", "http://evil.example.", nil, false},
		{local, "eviltest.example:80", "http://eviltest.example", nil, false},
		{own, "auth.example.com", "http://auth.example.com", nil, false},
		{own, "localhost:5173", "http://localhost:5173", nil, false},
		{own, "other.example.com", "ftp://other.example.com", nil, false},
		{own, "other.example.com", "https://other.example.com/", nil, false},
		{own, "other.example.com", "null", nil, false},
		{own, "", "https://", nil, false},
		{own, "inside", "https://inside", []string{"X-Forwarded-Host", "auth.example.com"}, false},
		{own, "inside", "https://inside", []string{"X-Forwarded-Proto", "http"}, false},
		{own, "inside", "https://inside", []string{"Forwarded", "host=auth.example.com"}, false},
	} {
		for _, header := range []string{"Origin", "Referer"} {
			if header == "Referer" && (tt.c == local || strings.HasSuffix(tt.origin, "/")) {
				continue // over plain http nothing is asked of it, and it may have a path
			}
			r := httptest.NewRequest("POST", "/", nil)
			r.Host = tt.host
			r.Header.Set("Cookie", "csrftoken="+strings.Repeat("a", 32))
			r.Header.Set(CSRFHeader, strings.Repeat("a", 32))
			r.Header.Set(header, tt.origin)
			for i := 0; i < len(tt.headers); i += 2 {
				r.Header.Set(tt.headers[i], tt.headers[i+1])
			}
			if got := reasonOf(t, tt.c.Check(r)); (got == "") != tt.ok {
				t.Errorf("%s %q at %q, %q: %q, want accepted %v", header, tt.origin, tt.host, tt.headers, got, tt.ok)
			}
		}
	}
}
