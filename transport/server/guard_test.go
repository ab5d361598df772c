package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestGuardsOfOneClient: a program's own routes tell whoever comes how to sign in, also where the contract has
// routes for one kind of client alone.
func TestGuardsOfOneClient(t *testing.T) {
	for _, only := range []string{"browser", "app"} {
		l := suite.NewLab(t, func(c *config.Config, _ *server.Options) { c.Headless.Clients = []string{only} })
		guarded := l.RequireUser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
		for header, want := range map[string]int{"": 401, "X-Session-Token": 410} {
			r, w := httptest.NewRequest("GET", "/own", nil), httptest.NewRecorder()
			if header != "" {
				r.Header.Set(header, "made-up")
			}
			guarded.ServeHTTP(w, r)
			if w.Code != want || !strings.Contains(w.Body.String(), `"id":"login"`) {
				t.Errorf("%s only, %q shown: %d %s, want %d", only, header, w.Code, w.Body, want)
			}
		}
	}
}
