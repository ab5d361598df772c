package wire

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
)

// newChain puts the parts together as a server does, in the order of the package's
// documentation, around an endpoint that greets.
func newChain(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	csrf := newCSRF(t, CSRFConfig{PublicURL: "http://" + srv.Listener.Addr().String(), TrustedOrigins: []string{"https://app.example.com"}})
	cors, err := NewCORS(CORSConfig{AllowedOrigins: []string{"https://app.example.com"}, Credentials: true})
	if err != nil {
		t.Fatal(err)
	}
	front := Front{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Problem: writeProblem}
	srv.Config.Handler = NewDrain(front.Handler(cors.Handler(greeter(csrf))), writeProblem)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv
}

// greeter is an endpoint of the browser client.
func greeter(csrf *CSRF) http.HandlerFunc {
	fields := []Field{{Name: "name", Type: Text, Required: true, MaxLength: 10}}
	greet := func(w http.ResponseWriter, r *http.Request) error {
		SetAPIHeaders(w.Header())
		if token, fresh := csrf.Token(r); fresh {
			csrf.SetCookie(w, r, token)
		}
		switch r.Method {
		case http.MethodOptions:
			AnswerOptions(w, "GET", "POST")
			return nil
		case http.MethodGet:
			return nil
		case http.MethodPost:
		default:
			return MethodNotAllowed("GET", "POST", "OPTIONS")
		}
		if err := csrf.Check(r); err != nil {
			return Forbidden(CodeCSRF, err)
		}
		body, err := ReadBody(r, 1000)
		if err != nil {
			return err
		}
		values, errs, err := Decode(body, fields)
		if err != nil {
			return err
		}
		if errs != nil {
			return Invalid(errs...)
		}
		csrf.Rotate(w, r)
		fmt.Fprintf(w, "hello %s", values.Text("name"))
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if p := AsProblem(greet(w, r)); p != nil {
			writeProblem(w, r, p)
		}
	}
}

// browser sends requests with a cookie jar and the token from it, as pages do.
type browser struct {
	t      *testing.T
	base   string
	client http.Client
}

func (b *browser) token() string {
	r, _ := http.NewRequest("GET", b.base, nil)
	for _, c := range b.client.Jar.Cookies(r.URL) {
		if c.Name == CSRFCookie {
			return c.Value
		}
	}
	return "null"
}

func (b *browser) send(method, body string, headers ...string) (*http.Response, string) {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set(CSRFHeader, b.token())
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp, string(answer)
}

func TestChain(t *testing.T) {
	srv := newChain(t)
	jar, _ := cookiejar.New(nil)
	b := &browser{t, srv.URL, http.Client{Jar: jar}}
	for _, tt := range []struct {
		about, method, body string
		headers             []string
		status              int
		want                string
	}{
		{"before the first GET there is no token", "POST", `{"name":"Ann"}`, nil, 403, CodeCSRF},
		{"but the refusal brought one", "POST", `{"name":"Ann"}`, nil, 200, "hello Ann"},
		{"after a rotation the new one counts", "POST", `{"name":"Bob"}`, nil, 200, "hello Bob"},
		{"safe requests need none", "GET", ``, []string{CSRFHeader, ""}, 200, ""},
		{"of the server's own page", "POST", `{"name":"Ann"}`, []string{"Origin", srv.URL}, 200, "hello Ann"},
		{"of a trusted page", "POST", `{"name":"Ann"}`, []string{"Origin", "https://app.example.com"}, 200, "hello Ann"},
		{"of another page", "POST", `{"name":"Ann"}`, []string{"Origin", "https://evil.example"}, 403, CodeCSRF},
		{"forged before malformed", "POST", `{`, []string{"Origin", "https://evil.example"}, 403, CodeCSRF},
		{"malformed", "POST", `{`, nil, 400, CodeMalformed},
		{"too large", "POST", `{"name":"` + strings.Repeat("x", 1000) + `"}`, nil, 400, CodeTooLarge},
		{"compressed", "POST", `x`, []string{"Content-Encoding", "gzip"}, 400, CodeEncoding},
		{"too long", "POST", `{"name":"` + strings.Repeat("x", 11) + `"}`, nil, 400, CodeInvalid},
		{"as text", "POST", `{"name":"Ann"}`, []string{"Content-Type", "text/plain"}, 200, "hello Ann"},
		{"wrong method", "PUT", `{}`, nil, 405, CodeMethodNotAllowed},
		{"preflight", "OPTIONS", ``, []string{"Origin", "https://app.example.com", "Access-Control-Request-Method", "POST"}, 204, ""},
		{"OPTIONS of nobody in particular", "OPTIONS", ``, nil, 200, ""},
	} {
		resp, answer := b.send(tt.method, tt.body, tt.headers...)
		if resp.StatusCode != tt.status || !strings.Contains(answer, tt.want) {
			t.Errorf("%s: %d %s, want %d %s", tt.about, resp.StatusCode, answer, tt.status, tt.want)
		}
		h := resp.Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get(RequestIDHeader) == "" || !strings.Contains(strings.Join(h["Vary"], ","), "Origin") {
			t.Errorf("%s: headers are missing: %v", tt.about, h)
		}
		if tt.status != 204 && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the answer may be stored: %v", tt.about, h)
		}
		if tt.status == 405 && h.Get("Allow") != "GET, POST, OPTIONS" {
			t.Errorf("%s: Allow is %q", tt.about, h.Get("Allow"))
		}
	}
}
