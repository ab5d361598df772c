package bench

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// answers serves one answer after the other to whatever is asked, on as many connections as come, and
// returns where, and a function that says how many came.
func answers(t *testing.T, texts ...string) (*url.URL, func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	came := make(chan int, 1)
	came <- 0
	go func() {
		for len(texts) > 0 {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			came <- <-came + 1
			in := bufio.NewReader(nc)
			for len(texts) > 0 {
				if _, err := http.ReadRequest(in); err != nil {
					break
				}
				text, last := strings.CutSuffix(texts[0], "FIN")
				texts = texts[1:]
				_, _ = nc.Write([]byte(text))
				if last {
					break
				}
			}
			_ = nc.Close()
		}
	}()
	return &url.URL{Scheme: "http", Host: l.Addr().String()}, func() int { n := <-came; came <- n; return n }
}

// TestConn reads answers as servers may write them, and keeps the connection where it may.
func TestConn(t *testing.T) {
	at, came := answers(t,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Auth-Token:  t1 \r\n\r\nhello",
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 401 Unauthorized\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\nFIN",
		"HTTP/1.0 200 OK\r\n\r\nto the endFIN",
		"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nnoFIN",
	)
	c := newConn(at, time.Second)
	defer c.hangUp()
	for i, want := range []struct {
		status int
		body   string
		conns  int
	}{{200, "hello", 1}, {401, "abcde", 1}, {204, "", 1}, {200, "", 1}, {200, "to the end", 2}, {500, "no", 3}} {
		got, err := c.send(t.Context(), encode(nil, "GET", c.host, "/", nil, nil))
		if err != nil || got.status != want.status || string(got.body) != want.body || came() != want.conns {
			t.Fatalf("answer %d: %d %q, %v, connection %d; want %v", i, got.status, got.body, err, came(), want)
		}
		if i == 0 && (got.header("x-auth-TOKEN") != "t1" || got.header("none") != "") {
			t.Errorf("headers %q", got.head)
		}
	}
}

// TestConnFailures names what went wrong, and opens another connection for what comes next.
func TestConnFailures(t *testing.T) {
	for text, want := range map[string]Kind{
		"FIN": KindClosed,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelFIN":                       KindClosed,
		"SSH-2.0-OpenSSH_9.2\r\nFIN":                                               KindAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nFIN":                         KindAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nFIN":                   KindAnswer,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nFIN":           KindAnswer,
		"HTTP/1.1 2x0 OK\r\n\r\nFIN":                                               KindAnswer,
		"HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 20000) + "\r\n\r\nFIN": KindAnswer,
		"": KindTimeout,
	} {
		at, _ := answers(t, text, "HTTP/1.1 204 No Content\r\n\r\nFIN")
		c := newConn(at, 100*time.Millisecond)
		ask := encode(nil, "GET", c.host, "/", nil, nil)
		_, err := c.send(t.Context(), ask)
		if f, ok := errors.AsType[*Failure](err); !ok || f.Kind != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
		if got, err := c.send(t.Context(), ask); text != "" && (err != nil || got.status != 204) {
			t.Errorf("after %.40q: %d, %v", text, got.status, err)
		}
		c.hangUp()
	}
	c := newConn(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, time.Second)
	if _, err := c.send(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), string(KindConnect)) {
		t.Errorf("where nobody listens: %v", err)
	}
}

// TestConnRequests are read by a real server as they were meant, over TLS too.
func TestConnRequests(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body strings.Builder
		_, _ = bufio.NewReader(r.Body).WriteTo(&body)
		fmt.Fprintf(w, "%s %s %s %s %d %s", r.Method, r.URL, r.Header.Get("X-Session-Token"), r.Header.Get("Content-Type"), r.ContentLength, body.String())
	})
	plain, secured := httptest.NewServer(h), httptest.NewTLSServer(h)
	defer plain.Close()
	defer secured.Close()
	for _, s := range []*httptest.Server{plain, secured} {
		at, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		c := newConn(at, time.Second)
		if c.tls != nil {
			c.tls.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		}
		for _, want := range []string{`GET /a?b=c tok  0 `, `POST /a?b=c tok application/json 2 {}`} {
			method, _, _ := strings.Cut(want, " ")
			var body []byte
			if method == "POST" {
				body = []byte("{}")
			}
			got, err := c.send(t.Context(), encode(nil, method, c.host, "/a?b=c", []string{"X-Session-Token", "tok"}, body))
			if err != nil || string(got.body) != want {
				t.Errorf("%s: %q, %v, want %q", s.URL, got.body, err, want)
			}
		}
		c.hangUp()
	}
}

// TestText finds a token in what servers write, with spaces or without.
func TestText(t *testing.T) {
	for body, want := range map[string]string{
		`{"meta":{"session_token":"abc","x":1}}`:     "abc",
		`{"meta": {"session_token": "abc"}}`:         "abc",
		"{\n\t\"session_token\" :\n \"abc\"}":        "abc",
		`{"session_token":null}`:                     "",
		`{"session_token":"a\"c"}`:                   "",
		`{"session_tokens":"no"}`:                    "",
		`{"session_token"`:                           "",
		``:                                           "",
		`{"session_token":"","session_token":"abc"}`: "",
	} {
		if got := (answer{body: []byte(body)}).text("session_token"); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
