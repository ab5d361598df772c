package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// adminTries is how often a client may show a wrong token.
func adminTries() engine.Rates {
	return engine.Rates{"admin": {{Max: 20, Per: time.Minute, By: "ip"}}}
}

const (
	// adminRuns is how many runs of an account are explained where nobody says, and
	// adminRunsMost at most.
	adminRuns     = 20
	adminRunsMost = 200
)

// admin is what operators ask, under a mount and a token of their own.
type admin struct {
	server *Server
	// token is the SHA-256 of the token.
	token   [sha256.Size]byte
	explain *Explainer
	mux     *http.ServeMux
	// next answers everybody else, as it would where there is no such endpoint.
	next http.Handler
}

// withAdmin puts the operators' endpoint before a handler. Without a token there is none.
func (s *Server) withAdmin(next http.Handler) http.Handler {
	c := s.config.Admin
	if c.Token == "" {
		return next
	}
	a := &admin{server: s, token: sha256.Sum256([]byte(c.Token.Reveal())), explain: s.Explainer(), mux: http.NewServeMux(), next: next}
	a.mux.HandleFunc("GET "+c.Mount+"/runs/{id}", a.run)
	a.mux.HandleFunc("GET "+c.Mount+"/users/{who}/runs", a.user)
	a.mux.HandleFunc("GET "+c.Mount+"/stories", s.stories)
	a.mux.HandleFunc("GET "+c.Mount+"/stories/{id}", s.story)
	return a
}

// ServeHTTP answers who shows the token below the mount. To anybody else nothing is there,
// not even a path that would be tidied up.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	shown, ok := token.Credential("Bearer", r.Header.Get("Authorization"))
	if !ok || !isBelow(r.URL.Path, a.server.config.Admin.Mount) {
		a.next.ServeHTTP(w, r)
		return
	}
	s := a.server
	takes := adminTries().Takes("admin", engine.Counted{IP: wire.ClientIP(r, s.config.TrustedProxyCount).String()})
	// The use is taken before the token is looked at, and given back by the right one: who
	// guesses on learns nothing.
	refusal, err := s.records.Take(r.Context(), takes, s.options.Now())
	sum := sha256.Sum256([]byte(shown))
	if subtle.ConstantTimeCompare(sum[:], a.token[:]) != 1 || err == nil && refusal != nil {
		a.next.ServeHTTP(w, r)
		return
	}
	if err == nil {
		give := make([]engine.Refund, len(takes))
		for i, t := range takes {
			give[i] = engine.Refund{Take: t}
		}
		_, _, err = s.records.Swap(r.Context(), engine.Swap{Refunds: give, Now: s.options.Now()})
	}
	if err != nil {
		headless.WriteProblem(w, r, wire.Unavailable(0, err))
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	a.mux.ServeHTTP(w, r)
}

// run answers the explanation of a run.
func (a *admin) run(w http.ResponseWriter, r *http.Request) {
	if a.explain == nil {
		refuse(w, http.StatusConflict, ErrNoTrails)
		return
	}
	x, err := a.explain.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	tell(w, http.StatusOK, x)
}

// user answers the explanations of the latest runs of an account, ?limit= at most.
func (a *admin) user(w http.ResponseWriter, r *http.Request) {
	limit := adminRuns
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > adminRunsMost {
			refuse(w, http.StatusBadRequest, errors.New("limit is a number from 1 to "+strconv.Itoa(adminRunsMost)))
			return
		}
		limit = n
	}
	if a.explain == nil {
		refuse(w, http.StatusConflict, ErrNoTrails)
		return
	}
	list, err := a.explain.User(r.Context(), r.PathValue("who"), limit)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	tell(w, http.StatusOK, map[string]any{"runs": list})
}

// fail answers an error of an explanation.
func (a *admin) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, ErrNoRun) || errors.Is(err, ErrNobody) {
		refuse(w, http.StatusNotFound, err)
		return
	}
	headless.WriteProblem(w, r, wire.Unavailable(0, err))
}

func refuse(w http.ResponseWriter, status int, err error) {
	tell(w, status, map[string]string{"error": err.Error()})
}

// tell answers an operator. Nothing on the way may keep it.
func tell(w http.ResponseWriter, status int, body any) {
	wire.SetAPIHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client is gone if this fails; nobody is left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// isBelow reports whether a path is another one, or below it.
func isBelow(path, above string) bool { return path == above || strings.HasPrefix(path, above+"/") }
