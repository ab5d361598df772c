package server

import (
	"net/http"
	"slices"
	"strings"

	"stagedoor/transport/client"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/operate"
	"stagedoor/transport/internal/rest"
	"stagedoor/transport/internal/wire"
)

// newDevPage makes the page of a development server.
func (s *Server) newDevPage() (*devpage.Page, error) {
	stories := operate.Stories{Recorder: s.recorder}
	_, embedded := redisConfig(s.config.Redis)
	p := devpage.Config{
		Version: Version(), Notes: s.config.Notes(), Origin: s.config.Origin(),
		AllowRemote: s.config.Dev.AllowRemote, RedirectURIs: s.config.Rest.RedirectURIs,
		Mailbox: s.mailbox, Started: s.options.Now(), Tokens: s.contracts.tokens,
		Stories: stories.List, Story: stories.File, Inspector: s.inspector,
		Clock: s.clock, Passed: s.passed, Follows: embedded, DeviceBound: s.config.Session.DeviceBound, Bindings: s.bindings,
	}
	return devpage.New(p)
}

// passed has everything notice at once that the clock was put ahead.
func (s *Server) passed() {
	s.records.CatchUp()
	s.committed()
}

// mux sends requests to the contracts, to the page of a development server, and to what
// watches over the server. What it has a route for is a mount; the operators' endpoint is
// before it.
func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, h http.Handler) {
		mux.Handle(pattern, h)
		s.mounts = append(s.mounts, pattern[strings.Index(pattern, "/"):])
	}
	if s.config.Serve.Headless {
		handle("/"+strings.Trim(s.config.Headless.Mount, "/")+"/", s.headless)
		back := http.HandlerFunc(s.headless.ProviderCallback)
		handle("/accounts/{provider}/login/callback/{$}", back)
		if prefix := s.config.SocialAccount.OpenIDConnectURLPrefix; prefix != "" {
			handle("/accounts/"+prefix+"/{provider}/login/callback/{$}", back)
		}
	}
	s.keyedRoutes(handle)
	if s.backchannel != nil {
		handle("/accounts/{provider}/logout/backchannel/{$}", s.backchannel)
	}
	if s.config.Serve.Rest {
		handle(rest.Mount+"/", s.rest)
	}
	handle(config.DisownPath, s.disown)
	library := client.New()
	handle(client.Mount, readOnly(func(w http.ResponseWriter, r *http.Request) {
		if !library(w, r) {
			headless.WriteProblem(w, r, wire.NotFound())
		}
	}))
	handle("/healthz", readOnly(s.health))
	handle("/readyz", readOnly(s.isReady))
	if s.jwt != nil {
		handle("/.well-known/jwks.json", readOnly(s.keySet))
	}
	if slices.Contains(s.config.MFA.SupportedTypes, "webauthn") && len(s.config.MFA.WebAuthnRelatedOrigins) > 0 {
		handle("/.well-known/webauthn", readOnly(s.relatedOrigins))
	}
	if s.config.Admin.Token != "" {
		s.mounts = append(s.mounts, s.config.Admin.Mount, s.config.Admin.Mount+"/")
	}
	if s.pages != nil {
		s.pages.Routes(handle)
	}
	if s.devpage != nil {
		s.devpage.Routes(handle)
		if s.pages == nil {
			s.devpage.Document(handle)
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if s.pages == nil || !s.pages.Lost(w, r) {
			headless.WriteProblem(w, r, wire.NotFound())
		}
	})
	if s.bindings != nil {
		return s.bindings.Watch(s.front(mux))
	}
	return s.front(mux)
}

// mount is where a contract is.
type mount struct {
	path string
	api  http.Handler
}

// front sends requests to the contracts by the beginnings of their paths, before the mux that
// has all other routes: a contract has a router of its own, and most requests are for one.
func (s *Server) front(mux http.Handler) http.Handler {
	var mounts []mount
	if s.config.Serve.Headless {
		for _, prefix := range s.headless.Prefixes() {
			mounts = append(mounts, mount{prefix, s.headless})
		}
	}
	if s.config.Serve.Rest {
		// Last, as the other one may be below it.
		mounts = append(mounts, mount{rest.Mount + "/", s.rest})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, m := range mounts {
			if strings.HasPrefix(r.URL.Path, m.path) {
				m.api.ServeHTTP(w, r)
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

// readOnly answers what can only be read.
func readOnly(file http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wire.ServeFile(w, r, file, headless.WriteProblem) })
}

// Mounts are the patterns under which a program's [http.ServeMux] hands requests to the
// server, as its configuration has them: the contracts, what providers and letters lead to,
// /healthz and /readyz, the public keys of signed tokens, the pages that share passkeys, the operators' endpoint, the pages of
// serve.pages and, in development, the page. They name no methods, so that the program's own
// GET /{$} may stand beside the /{$} of the page.
func (s *Server) Mounts() []string {
	all := slices.Sorted(slices.Values(s.mounts))
	return slices.Compact(all)
}
