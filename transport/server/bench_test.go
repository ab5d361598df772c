package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// bareWriter is a writer that costs what that of net/http costs, and keeps nothing.
type bareWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *bareWriter) Header() http.Header         { return w.header }
func (w *bareWriter) WriteHeader(status int)      { w.status = status }
func (w *bareWriter) Write(b []byte) (int, error) { return w.body.Write(b) }

// again returns what sends one request to the handler of a lab again and again, as an app whose
// token is given, without a network between. What is made for a request is made by the server,
// but for the map of the answer's headers.
func again(t testing.TB, l *suite.Lab, token, method, path, body string, want int) func() {
	var sent *strings.Reader
	r := httptest.NewRequest(method, "/_allauth/app/v1"+path, nil)
	if body != "" {
		sent = strings.NewReader(body)
		r.Body, r.ContentLength = io.NopCloser(sent), int64(len(body))
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("X-Session-Token", token)
	}
	w := &bareWriter{}
	return func() {
		w.header, w.status = make(http.Header), 0
		w.body.Reset()
		if sent != nil {
			_, _ = sent.Seek(0, io.SeekStart)
		}
		l.Server.ServeHTTP(w, r)
		if w.status != want {
			t.Fatalf("%s %s: status %d, %s", method, path, w.status, &w.body)
		}
	}
}

// onRedis has the lab keep its records in a Redis of its own, so that what the store does is
// not counted as the server's, and log nothing.
func onRedis(t testing.TB) suite.SetUp {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().(*net.TCPAddr)
	_ = free.Close()
	statetest.NewRedis(t, "--bind", "127.0.0.1", "--port", strconv.Itoa(address.Port))
	return func(c *config.Config, o *server.Options) {
		c.Redis.URL = config.Secret("redis://" + address.String())
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// BenchmarkSession reads who is signed in: config and nobody's session ask no store,
// somebody's asks Redis once.
func BenchmarkSession(b *testing.B) {
	l := suite.NewLab(b, onRedis(b))
	ann := l.Member("app", "ann@example.com")
	for name, do := range map[string]func(){
		"config":    again(b, l, "", "GET", "/config", "", 200),
		"nobody":    again(b, l, "", "GET", "/auth/session", "", 401),
		"signed in": again(b, l, ann.Token, "GET", "/auth/session", "", 200),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}

// TestReadsMakeLittle holds how much memory reads make, in pieces.
func TestReadsMakeLittle(t *testing.T) {
	l := suite.NewLab(t, onRedis(t))
	ann := l.Member("app", "ann@example.com")
	l.Quiet()
	for _, c := range []struct {
		name string
		most float64
		do   func()
	}{
		{"config", 8, again(t, l, "", "GET", "/config", "", 200)},
		{"session of nobody", 9, again(t, l, "", "GET", "/auth/session", "", 401)},
		{"session", 30, again(t, l, ann.Token, "GET", "/auth/session", "", 200)},
	} {
		if got := testing.AllocsPerRun(200, c.do); got > c.most {
			t.Errorf("%s: %.0f allocations, want at most %.0f", c.name, got, c.most)
		}
	}
}

// BenchmarkLogin signs in with a password: with a hash that costs nearly nothing, which
// shows what the server itself costs, and with the default one.
func BenchmarkLogin(b *testing.B) {
	for name, hashing := range map[string]config.Hashing{
		"cheap hash":   {MemoryKiB: 1024, Time: 1, Parallelism: 1, Queue: 128},
		"default hash": config.Default().Hashing,
	} {
		b.Run(name, func(b *testing.B) {
			l := suite.NewLab(b, func(c *config.Config, _ *server.Options) { c.Hashing = hashing }, onRedis(b))
			l.Member("app", "ann@example.com")
			do := again(b, l, "", "POST", "/auth/login", `{"email":"ann@example.com","password":"`+suite.Password+`"}`, 200)
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
