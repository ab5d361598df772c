package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// benchmark sends one request to the handler of a lab again and again, as an app whose
// token is given, without a network between.
func benchmark(b *testing.B, l *suite.Lab, token, method, path, body string, want int) {
	h := l.Server
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(method, "/_allauth/app/v1"+path, strings.NewReader(body))
		if token != "" {
			r.Header.Set("X-Session-Token", token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			b.Fatalf("%s %s: status %d, %s", method, path, w.Code, w.Body)
		}
	}
}

// BenchmarkSession reads who is signed in: config and nobody's session ask no store,
// somebody's asks Redis once.
func BenchmarkSession(b *testing.B) {
	l := suite.NewLab(b)
	ann := l.Member("app", "ann@example.com")
	b.Run("config", func(b *testing.B) { benchmark(b, l, "", "GET", "/config", "", 200) })
	b.Run("nobody", func(b *testing.B) { benchmark(b, l, "", "GET", "/auth/session", "", 401) })
	b.Run("signed in", func(b *testing.B) { benchmark(b, l, ann.Token, "GET", "/auth/session", "", 200) })
}

// BenchmarkLogin signs in with a password: with a hash that costs nearly nothing, which
// shows what the server itself costs, and with the default one.
func BenchmarkLogin(b *testing.B) {
	for name, hashing := range map[string]config.Hashing{
		"cheap hash":   {MemoryKiB: 1024, Time: 1, Parallelism: 1, Queue: 128},
		"default hash": config.Default().Hashing,
	} {
		b.Run(name, func(b *testing.B) {
			l := suite.NewLab(b, func(c *config.Config, _ *server.Options) { c.Hashing = hashing })
			l.Member("app", "ann@example.com")
			benchmark(b, l, "", "POST", "/auth/login", `{"email":"ann@example.com","password":"`+suite.Password+`"}`, 200)
		})
	}
}
