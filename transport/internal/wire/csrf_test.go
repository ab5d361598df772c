package wire

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// zeros is a source of randomness that is none.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func newCSRF(t testing.TB, cfg CSRFConfig) *CSRF {
	t.Helper()
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://localhost:8080"
	}
	c, err := NewCSRF(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reasonOf gives the reason of a refusal, "" for none.
func reasonOf(t *testing.T, err error) CSRFReason {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *CSRFError
	if !errors.As(err, &e) {
		t.Fatalf("%T is not a *CSRFError", err)
	}
	return e.Reason
}

// mask is what a page does that sends a masked token.
func mask(secret, mask string) string {
	b := []byte(mask)
	for i := range secret {
		sum := strings.IndexByte(csrfAlphabet, secret[i]) + strings.IndexByte(csrfAlphabet, mask[i])
		b = append(b, csrfAlphabet[sum%len(csrfAlphabet)])
	}
	return string(b)
}

func TestCSRFToken(t *testing.T) {
	c := newCSRF(t, CSRFConfig{})
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	mixed := "aZ09bY18cX27dW36eV45fU54gT63hS72"
	for _, tt := range []struct {
		about, cookie, header, form string
		want                        CSRFReason
	}{
		{"no cookie", "", a, "", CSRFNoCookie},
		{"another cookie", "sessionid=x; xcsrftoken=" + a, a, "", CSRFNoCookie},
		{"short cookie", "csrftoken=short", "short", "", CSRFBadCookie},
		{"cookie of odd characters", "csrftoken=" + a[:31] + "-", a[:31] + "-", "", CSRFBadCookie},
		{"no token", "csrftoken=" + a, "", "", CSRFNoToken},
		{"null, as a first call sends", "csrftoken=" + a, "null", "", CSRFBadToken},
		{"short token", "csrftoken=" + a, "short", "", CSRFBadToken},
		{"token of 33", "csrftoken=" + a, a + "a", "", CSRFBadToken},
		{"token not in ASCII", "csrftoken=" + a, a[:30] + "\u00e9", "", CSRFBadToken},
		{"another token", "csrftoken=" + a, b, "", CSRFMismatch},
		{"other case", "csrftoken=" + a, strings.ToUpper(a), "", CSRFMismatch},
		{"a cookie the client wrote itself", "csrftoken=" + a, a, "", ""},
		{"masked token", "csrftoken=" + mixed, mask(mixed, b), "", ""},
		{"masked with itself", "csrftoken=" + mixed, mask(mixed, mixed), "", ""},
		{"masked token of another", "csrftoken=" + mixed, mask(a, b), "", CSRFMismatch},
		{"masked cookie", "csrftoken=" + mask(mixed, b), mixed, "", ""},
		{"both masked", "csrftoken=" + mask(mixed, b), mask(mixed, a), "", ""},
		{"halves of the masked one swapped", "csrftoken=" + mixed, mask(mixed, b)[32:] + b, "", CSRFMismatch},
		{"two cookies, the last counts", "csrftoken=" + a + "; csrftoken=" + b, b, "", ""},
		{"two cookies, the first does not", "csrftoken=" + a + "; csrftoken=" + b, a, "", CSRFMismatch},
		{"in a form", "csrftoken=" + a, "", a, ""},
		{"form before header", "csrftoken=" + a, a, b, CSRFMismatch},
	} {
		r := httptest.NewRequest("POST", "http://localhost:8080/x", nil)
		r.Header["Cookie"] = []string{tt.cookie}
		if tt.header != "" {
			r.Header["X-Csrftoken"] = []string{tt.header}
		}
		if tt.form != "" {
			r.PostForm = url.Values{CSRFFormField: {tt.form}}
		}
		if got := reasonOf(t, c.Check(r)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.about, got, tt.want)
		}
	}
}

func TestCSRFMethods(t *testing.T) {
	c := newCSRF(t, CSRFConfig{})
	for method, want := range map[string]CSRFReason{
		"GET": "", "HEAD": "", "OPTIONS": "", "TRACE": "",
		"POST": CSRFNoCookie, "PUT": CSRFNoCookie, "PATCH": CSRFNoCookie, "DELETE": CSRFNoCookie, "get": CSRFNoCookie, "BREW": CSRFNoCookie,
	} {
		if got := reasonOf(t, c.Check(httptest.NewRequest(method, "/", nil))); got != want {
			t.Errorf("%s: %q, want %q", method, got, want)
		}
	}
}

func TestCSRFErrorsHelpAndKeepSecrets(t *testing.T) {
	c := newCSRF(t, CSRFConfig{})
	secret, other := strings.Repeat("s", 32), strings.Repeat("o", 32)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", "csrftoken="+secret)
	r.Header.Set(CSRFHeader, other)
	msg := c.Check(r).Error()
	if strings.Contains(msg, secret) || strings.Contains(msg, other) || !strings.Contains(msg, CSRFHeader) {
		t.Errorf("%s: want the hint and no token", msg)
	}
	r.Header.Set("Origin", "https://evil.example"+strings.Repeat("e", 1000))
	msg = c.Check(r).Error()
	if !strings.Contains(msg, "https://evil.example") || !strings.Contains(msg, "trusted origins") || len(msg) > 300 {
		t.Errorf("%s: want the origin, the hint, and no more", msg)
	}
}

func TestCSRFTokenOfRequest(t *testing.T) {
	c := newCSRF(t, CSRFConfig{Rand: rand.NewChaCha8([32]byte{})})
	a := strings.Repeat("a", 32)
	for _, tt := range []struct {
		cookie, want string
		fresh        bool
	}{
		{"csrftoken=" + a, a, false},
		{"csrftoken=" + mask(a, strings.Repeat("x", 32)), a, false},
		{"csrftoken=short", "", true},
		{"sessionid=1", "", true},
		{"", "", true},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", tt.cookie)
		got, fresh := c.Token(r)
		if fresh != tt.fresh || !fresh && got != tt.want || fresh && len(got) != 32 {
			t.Errorf("%q: %q, %v", tt.cookie, got, fresh)
		}
	}
}

func TestCSRFCookie(t *testing.T) {
	for _, tt := range []struct {
		cfg  CSRFConfig
		want string
	}{
		{CSRFConfig{PublicURL: "http://localhost:8080"}, "; Path=/; Max-Age=31449600; SameSite=Lax"},
		{CSRFConfig{PublicURL: "http://127.0.0.1"}, "; Path=/; Max-Age=31449600; SameSite=Lax"},
		{CSRFConfig{PublicURL: "https://localhost"}, "; Path=/; Max-Age=31449600; Secure; SameSite=Lax"},
		{CSRFConfig{PublicURL: "http://auth.example.com"}, "; Path=/; Max-Age=31449600; Secure; SameSite=Lax"},
		{CSRFConfig{PublicURL: "https://auth.example.com", CookieDomain: "example.com"}, "; Path=/; Domain=example.com; Max-Age=31449600; Secure; SameSite=Lax"},
	} {
		c, w := newCSRF(t, tt.cfg), httptest.NewRecorder()
		token := strings.Repeat("t", 32)
		c.SetCookie(w, httptest.NewRequest("GET", "/", nil), token)
		if got := w.Header().Get("Set-Cookie"); got != "csrftoken="+token+tt.want {
			t.Errorf("%s: %s, want %s", tt.cfg.PublicURL, got, tt.want)
		}
		if w.Header().Get("Vary") != "Cookie" {
			t.Error("an answer that sets the cookie must say Vary: Cookie")
		}
	}
}

// TestCSRFRotate: what Rotate sets passes Check, and is another token each time.
func TestCSRFRotate(t *testing.T) {
	c := newCSRF(t, CSRFConfig{})
	seen := map[string]bool{}
	for range 50 {
		w := httptest.NewRecorder()
		c.Rotate(w, httptest.NewRequest("POST", "/", nil))
		cookie := w.Result().Cookies()[0]
		if cookie.HttpOnly || seen[cookie.Value] {
			t.Fatalf("%v: scripts must be able to read it, and it must be new", cookie)
		}
		seen[cookie.Value] = true
		r := httptest.NewRequest("POST", "/", nil)
		r.AddCookie(cookie)
		r.Header.Set(CSRFHeader, cookie.Value)
		if err := c.Check(r); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCSRFTokensAreEven: no character is drawn more often than another.
func TestCSRFTokensAreEven(t *testing.T) {
	c := newCSRF(t, CSRFConfig{Rand: rand.NewChaCha8([32]byte{1})})
	count := map[byte]int{}
	for range 4000 {
		for _, b := range []byte(c.newToken()) {
			count[b]++
		}
	}
	if len(count) != 62 {
		t.Fatalf("%d different characters, want 62", len(count))
	}
	for b, n := range count { // 128000 draws of 62: 2065, standard deviation 45
		if n < 1800 || n > 2330 {
			t.Errorf("%c was drawn %d times, want about 2065", b, n)
		}
	}
}

func TestCSRFWithoutRandomness(t *testing.T) {
	c := newCSRF(t, CSRFConfig{Rand: iotestErr{}})
	if got, _ := c.Token(httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("a token out of nothing: %q", got)
	}
	w := httptest.NewRecorder()
	c.Rotate(w, httptest.NewRequest("POST", "/", nil))
	if len(w.Header()) != 0 {
		t.Errorf("a cookie out of nothing: %v", w.Header())
	}
	if got := newCSRF(t, CSRFConfig{Rand: zeros{}}).newToken(); got != strings.Repeat("a", 32) {
		t.Errorf("the source handed in is not used: %q", got)
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzCSRF: a token passes only if it stands for the secret in the cookie, and
// masking and unmasking is the identity.
func FuzzCSRF(f *testing.F) {
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	f.Add(a, a)
	f.Add(a, b)
	f.Add(mask(a, b), a)
	f.Add("short", "\u00e9"+a[:30])
	c := newCSRF(f, CSRFConfig{})
	f.Fuzz(func(t *testing.T, cookie, sent string) {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header["Cookie"] = []string{CSRFCookie + "=" + cookie}
		cookie, _ = csrfCookie(r) // a fuzzed header may hold another cookie, or none
		r.Header[http.CanonicalHeaderKey(CSRFHeader)] = []string{sent}
		secret, okCookie := unmask(cookie)
		token, okSent := unmask(sent)
		if got, want := c.Check(r) == nil, okCookie && okSent && secret == token; got != want {
			t.Fatalf("cookie %q, token %q: passes %v, want %v", cookie, sent, got, want)
		}
		if okCookie && okSent {
			back, ok := unmask(mask(secret, token))
			if !ok || back != secret || len(secret) != csrfLength {
				t.Fatalf("%q masked with %q is %q", secret, token, back)
			}
		}
		if !okSent && token != "" {
			t.Fatalf("%q: refused and still %q", sent, token)
		}
	})
}

// TestCSRFForm takes a form as a browser posts it, from the socket to the check.
func TestCSRFForm(t *testing.T) {
	c := newCSRF(t, CSRFConfig{})
	a := strings.Repeat("a", 32)
	for _, tt := range []struct{ contentType, body string }{
		{"application/x-www-form-urlencoded", "provider=mock&csrfmiddlewaretoken=" + a},
		{"multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"csrfmiddlewaretoken\"\r\n\r\n" + a +
			"\r\n--B\r\nContent-Disposition: form-data; name=\"provider\"\r\n\r\nmock\r\n--B--\r\n"},
	} {
		r := httptest.NewRequest("POST", "/", bytes.NewReader([]byte(tt.body)))
		r.Header.Set("Content-Type", tt.contentType)
		r.Header.Set("Cookie", "csrftoken="+a)
		form, err := ReadForm(r, 1000)
		if err != nil || form.Get("provider") != "mock" {
			t.Fatalf("%s: %v, %v", tt.contentType, form, err)
		}
		if err := c.Check(r); err != nil {
			t.Errorf("%s: %v", tt.contentType, err)
		}
	}
}
