package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// writeProblem encodes a problem in a form of its own, for tests.
func writeProblem(w http.ResponseWriter, _ *http.Request, p *Problem) {
	p.SetHeader(w.Header())
	w.WriteHeader(p.Status)
	fmt.Fprintf(w, `{"status":%d,"code":%q}`, p.Status, p.Code)
}

// serve runs one request through a Front and gives the answer and the log lines.
func serve(t *testing.T, f Front, r *http.Request, h http.HandlerFunc) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	f.Log, f.Problem = slog.New(slog.NewJSONHandler(&out, nil)), writeProblem
	w := httptest.NewRecorder()
	func() {
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				t.Errorf("a panic got through: %v", p)
			}
		}()
		f.Handler(h).ServeHTTP(w, r)
	}()
	var lines []map[string]any
	for dec := json.NewDecoder(&out); ; {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			return w, lines
		}
		lines = append(lines, line)
	}
}

func TestFrontLogsNoSecrets(t *testing.T) {
	now := time.Unix(0, 0)
	f := Front{Now: func() time.Time { now = now.Add(time.Millisecond); return now }, Network: Network{Proxies: 1}}
	r := httptest.NewRequest("POST", "/auth/login?code=SECRET", strings.NewReader(`{"password":"SECRET"}`))
	for _, h := range []string{"Cookie", "Authorization", "X-Session-Token", "X-CSRFToken", "Referer"} {
		r.Header.Set(h, "SECRET")
	}
	r.Header.Set("X-Forwarded-For", "198.51.100.7")
	w, lines := serve(t, f, r, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "SECRET")
	})
	if len(lines) != 1 || strings.Contains(fmt.Sprint(lines), "SECRET") {
		t.Fatalf("%v: want one line and no secret", lines)
	}
	for k, want := range map[string]any{
		"method": "POST", "path": "/auth/login", "status": 418.0, "bytes": 6.0, "ip": "198.51.100.7", "took": 1e6,
		"request_id": w.Header().Get(RequestIDHeader),
	} {
		if lines[0][k] != want {
			t.Errorf("%s is %v, want %v", k, lines[0][k], want)
		}
	}
}

// wrapped is a writer around another, as a middleware may put between.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestQuiet(t *testing.T) {
	for _, c := range []struct {
		status int
		quiet  func(http.ResponseWriter)
		lines  int
	}{
		{200, Quiet, 0},
		{0, Quiet, 0},
		{304, Quiet, 0},
		{403, Quiet, 1},
		{500, Quiet, 1},
		{200, func(w http.ResponseWriter) { Quiet(wrapped{wrapped{w}}) }, 0},
		{200, func(http.ResponseWriter) {}, 1},
		{200, func(http.ResponseWriter) { Quiet(httptest.NewRecorder()); Quiet(nil) }, 1},
	} {
		_, lines := serve(t, Front{}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
			c.quiet(w)
			if c.status != 0 {
				w.WriteHeader(c.status)
			}
		})
		if len(lines) != c.lines {
			t.Errorf("status %d: %d lines, want %d", c.status, len(lines), c.lines)
		}
	}
}

func TestFrontCutsWhatAnybodyMaySend(t *testing.T) {
	r := httptest.NewRequest("GET", "/"+strings.Repeat("x", 5000), nil)
	r.Method = strings.Repeat("M", 5000)
	_, lines := serve(t, Front{}, r, func(http.ResponseWriter, *http.Request) {})
	if len(lines) != 1 || len(fmt.Sprint(lines[0])) > 600 || lines[0]["status"] != 200.0 {
		t.Errorf("%.700v: want a short line with the implied status", lines)
	}
}

func TestFrontHeaders(t *testing.T) {
	w, _ := serve(t, Front{}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		SetAPIHeaders(w.Header())
		w.Header().Add("X-Frame-Options", "EXTRA")
	})
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v, want %s", name, got, want)
		}
	}
	if got := w.Header()["X-Frame-Options"]; fmt.Sprint(got) != "[DENY EXTRA]" {
		t.Errorf("adding to one header spilt over: %v", got)
	}
}

func TestFrontRequestID(t *testing.T) {
	var inside string
	handler := func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) }
	seen := map[string]bool{}
	for _, tt := range []struct {
		sent    string
		proxies int
		keep    bool
	}{
		{"", 0, false}, {"abc-1_2.3", 0, false}, {"abc-1_2.3", 1, true}, {"", 1, false},
		{"a b", 1, false}, {"a\nb", 1, false}, {strings.Repeat("a", 64), 1, true}, {strings.Repeat("a", 65), 1, false}, {"é", 1, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[RequestIDHeader] = []string{tt.sent}
		w, _ := serve(t, Front{Network: Network{Proxies: tt.proxies}}, r, handler)
		id := w.Header().Get(RequestIDHeader)
		if id != inside || (id == tt.sent) != tt.keep || !tt.keep && (len(id) != 32 || seen[id]) {
			t.Errorf("sent %q with %d proxies: %q outside, %q inside", tt.sent, tt.proxies, id, inside)
		}
		seen[id] = true
	}
	if RequestID(context.Background()) != "" {
		t.Error("there is no id outside of a request")
	}
	a, _ := serve(t, Front{Rand: rand.NewChaCha8([32]byte{})}, httptest.NewRequest("GET", "/", nil), handler)
	b, _ := serve(t, Front{Rand: rand.NewChaCha8([32]byte{})}, httptest.NewRequest("GET", "/", nil), handler)
	if a.Header().Get(RequestIDHeader) != b.Header().Get(RequestIDHeader) {
		t.Error("the source handed in is not used")
	}
	if serve(t, Front{Rand: iotestErr{}}, httptest.NewRequest("GET", "/", nil), handler); inside != "unknown" {
		t.Errorf("without randomness the id is %q", inside)
	}
}

func TestFrontPanic(t *testing.T) {
	var none *Problem
	for _, tt := range []struct {
		about string
		h     http.HandlerFunc
		says  string
	}{
		{"text", func(http.ResponseWriter, *http.Request) { panic("password SECRET") }, "string"},
		{"error", func(http.ResponseWriter, *http.Request) { panic(errors.New("SECRET")) }, "*errors.errorString"},
		{"of the runtime", func(http.ResponseWriter, *http.Request) { none.Status = 1 }, "nil pointer"},
	} {
		w, lines := serve(t, Front{}, httptest.NewRequest("GET", "/x", nil), tt.h)
		if w.Code != 500 || w.Body.String() != `{"status":500,"code":"internal_error"}` {
			t.Errorf("%s: answered %d %s", tt.about, w.Code, w.Body)
		}
		if len(lines) != 2 || lines[0]["level"] != "ERROR" || lines[1]["status"] != 500.0 {
			t.Fatalf("%s: %v, want the panic and the request", tt.about, lines)
		}
		if says, _ := lines[0]["panic"].(string); !strings.Contains(says, tt.says) {
			t.Errorf("%s: the log says %q, want %q in it", tt.about, says, tt.says)
		}
		if stack, _ := lines[0]["stack"].(string); strings.Contains(stack, "SECRET") || !strings.Contains(stack, "headers_test.go") {
			t.Errorf("%s: the stack must say where, not what: %s", tt.about, stack)
		}
		if lines[0]["request_id"] != lines[1]["request_id"] || lines[0]["request_id"] == "" {
			t.Errorf("%s: the lines do not belong together", tt.about)
		}
	}
}

// TestFrontPanicAfterTheAnswerBegan: half an answer must not look like a whole one.
func TestFrontPanicAfterTheAnswerBegan(t *testing.T) {
	f := Front{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Problem: writeProblem}
	for name, h := range map[string]http.HandlerFunc{
		"panic": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half")
			http.NewResponseController(w).Flush()
			panic("bug")
		},
		"abort": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		srv := httptest.NewServer(f.Handler(h))
		resp, err := http.Get(srv.URL)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the client saw a whole answer", name)
		}
		srv.Close()
	}
}

// TestFrontInformational: a 103 is not the answer.
func TestFrontInformational(t *testing.T) {
	_, lines := serve(t, Front{}, httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusAccepted)
	})
	if len(lines) != 1 || lines[0]["status"] != 201.0 {
		t.Errorf("%v, want status 201", lines)
	}
}
