package server

import (
	"net/http"
	"strings"

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
	p := devpage.Config{
		Version: Version(), Notes: s.config.Notes(), Origin: s.config.Origin(),
		API:         "/" + strings.Trim(s.config.Headless.Mount, "/") + "/browser/v1/",
		AllowRemote: s.config.Dev.AllowRemote, RedirectURIs: s.config.Rest.RedirectURIs,
		Flows: s.flows, Mailbox: s.mailbox, Started: s.options.Now(), Tokens: s.contracts.tokens,
		Recorded: stories.Has, Stories: stories.List, Story: stories.File,
	}
	if x := s.Explainer(); x != nil {
		p.Latest = x.Latest
	}
	return devpage.New(p)
}

// mux sends requests to the contracts, to the page of a development server, and to what
// watches over the server.
func (s *Server) mux(api *headless.API, plain http.Handler) http.Handler {
	mount := "/" + strings.Trim(s.config.Headless.Mount, "/") + "/"
	mux := http.NewServeMux()
	if s.config.Serve.Headless {
		mux.Handle(mount, api)
		mux.HandleFunc("/accounts/{provider}/login/callback/{$}", api.ProviderCallback)
	}
	if s.config.Serve.Rest {
		mux.Handle(rest.Mount+"/", plain)
	}
	mux.Handle(config.DisownPath, s.disown)
	mux.HandleFunc("GET /healthz", s.health)
	if s.jwt != nil {
		mux.HandleFunc("GET /.well-known/jwks.json", s.keySet)
	}
	if s.devpage != nil {
		s.devpage.Routes(mux)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		headless.WriteProblem(w, r, wire.NotFound())
	})
	return mux
}

// health answers 200 while both stores can be asked.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.database.Ping(r.Context()); err != nil {
		headless.WriteProblem(w, r, wire.Unavailable(0, err))
		return
	}
	if err := s.records.Ping(r.Context()); err != nil {
		headless.WriteProblem(w, r, wire.Unavailable(0, err))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}
