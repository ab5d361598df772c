package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestMounts holds what a program's mux answers under the server's mounts against what the
// server answers itself, for every configuration that has another set of them.
func TestMounts(t *testing.T) {
	paths := []string{
		"/_allauth/browser/v1/config", "/_allauth/app/v1/auth/session", "/_allauth/openapi.json", "/_allauth/nothing", "/in/app/v1/config",
		"/accounts/acme/login/callback/", "/accounts/oidc/acme/login/callback/", "/accounts/in/acme/login/callback/", "/accounts/dummy/authenticate/", "/auth/user/", "/auth/openapi.yaml", "/auth/nothing",
		config.DisownPath + "?key=x", "/healthz", "/readyz", "/.well-known/jwks.json", "/admin/runs/x", "/admin", "/operators/runs/x",
		"/", "/account/verify-email/a-key", "/account/signup", "/account/provider/callback", "/dev/mailbox.json", "/dev/runs.json",
		"/dev/graph/login.svg", "/dev/assets/page.js",
	}
	token := strings.Repeat("t", 32)
	for name, x := range map[string]struct {
		change suite.SetUp
		// has and not are mounts that there are, and that there are not.
		has, not []string
	}{
		"as it is":    {func(*config.Config, *server.Options) {}, []string{"/_allauth/", "/auth/", "/accounts/{provider}/login/callback/{$}", "/accounts/oidc/{provider}/login/callback/{$}", "/account/not-me", "/healthz", "/readyz"}, []string{"/", "/{$}", "/admin/", "/.well-known/jwks.json"}},
		"development": {func(c *config.Config, _ *server.Options) { c.Dev.Enabled = true }, []string{"/{$}", "/dev/mailbox.json"}, []string{"/"}},
		"signed":      {suite.JWT, []string{"/.well-known/jwks.json"}, nil},
		"elsewhere": {func(c *config.Config, _ *server.Options) {
			c.Headless.Mount, c.Admin.Token, c.Admin.Mount = "/in", config.Secret(token), "/operators"
			c.SocialAccount.OpenIDConnectURLPrefix = "in"
		}, []string{"/in/", "/accounts/in/{provider}/login/callback/{$}", "/operators", "/operators/"}, []string{"/_allauth/", "/admin/"}},
		"one contract": {func(c *config.Config, _ *server.Options) { c.Serve.Headless = false }, []string{"/auth/"}, []string{"/_allauth/"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := suite.NewLab(t, x.change)
			mounts := l.Mounts()
			for _, m := range x.has {
				if !slices.Contains(mounts, m) {
					t.Errorf("%s is no mount: %q", m, mounts)
				}
			}
			for _, m := range x.not {
				if slices.Contains(mounts, m) {
					t.Errorf("%s is a mount: %q", m, mounts)
				}
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
			for _, m := range mounts {
				mux.Handle(m, l.Server)
			}
			ask := func(h http.Handler, path, bearer string) int {
				r := httptest.NewRequest("GET", path, nil)
				r.Host = l.Host()
				if bearer != "" {
					r.Header.Set("Authorization", "Bearer "+bearer)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return w.Code
			}
			for _, path := range paths {
				for _, bearer := range []string{"", token} {
					want, got := ask(l, path, bearer), ask(mux, path, bearer)
					mine := got == http.StatusTeapot && want == http.StatusNotFound || path == "/" && got == http.StatusAccepted
					if got != want && !mine {
						t.Errorf("%s: %d under the mounts, %d of the server", path, got, want)
					}
				}
			}
		})
	}
}
