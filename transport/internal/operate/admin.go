package operate

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/inspector"
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

// Limits counts how often a client shows a token; [engine.Store] has both.
type Limits interface {
	Take(ctx context.Context, takes []engine.Take, now time.Time) (*engine.Refusal, error)
	Swap(ctx context.Context, s engine.Swap) (engine.Entry, bool, error)
}

// AdminConfig is what an [Admin] is made of. All of it is needed but Explainer, which is
// nil where no trails are kept.
type AdminConfig struct {
	// Mount is where it stands, such as /_stagedoor, and Token what opens it.
	Mount, Token string
	Explainer    *Explainer
	Stories      Stories
	// Inspector has what its page asks. With ShowPage the page itself is there for anybody, below
	// Mount/inspector: it asks for the token.
	Inspector *inspector.Inspector
	ShowPage  bool
	Limits    Limits
	// Network tells clients apart.
	Network wire.Network
	Now     func() time.Time
}

// Admin is the endpoint that operators ask, under a mount and a token of their own.
type Admin struct {
	AdminConfig
	// token is the SHA-256 of the token.
	token [sha256.Size]byte
	mux   *http.ServeMux
	// page is the inspector's, nil where it is not to be shown.
	page http.Handler
	// next answers everybody else, as it would where there is no such endpoint.
	next http.Handler
}

// NewAdmin puts the operators' endpoint before a handler.
func NewAdmin(c AdminConfig, next http.Handler) *Admin {
	a := &Admin{AdminConfig: c, token: sha256.Sum256([]byte(c.Token)), mux: http.NewServeMux(), next: next}
	a.mux.HandleFunc("GET "+c.Mount+"/runs/{id}", a.run)
	c.Inspector.Routes(c.Mount+"/", func(pattern string, h http.HandlerFunc) { a.mux.HandleFunc(pattern, h) })
	a.mux.HandleFunc("GET "+c.Mount+"/users/{who}/runs", a.user)
	if c.ShowPage {
		a.page = c.Inspector.Page(c.Mount + pagePath)
	}
	a.mux.HandleFunc("GET "+c.Mount+"/stories", c.Stories.List)
	a.mux.HandleFunc("GET "+c.Mount+"/stories/{id}", c.Stories.File)
	a.profileRoutes()
	return a
}

// pagePath is where the inspector's page is, below the mount.
const pagePath = "/inspector"

// ServeHTTP answers requests below the mount that show the token. To anybody else nothing
// is there, not even a path that would be tidied up; but for the inspector's page, where that is
// switched on.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.page != nil && r.URL.Path == path.Clean(r.URL.Path) && isBelow(r.URL.Path, a.Mount+pagePath) {
		a.page.ServeHTTP(w, r)
		return
	}
	shown, ok := token.Credential("Bearer", r.Header.Get("Authorization"))
	if !ok || !isBelow(r.URL.Path, a.Mount) {
		a.next.ServeHTTP(w, r)
		return
	}
	takes := adminTries().Takes("admin", engine.Counted{IP: a.Network.LimitKey(a.Network.ClientIP(r))})
	// The use is taken before the token is looked at, and given back by the right one:
	// guessing on teaches nothing.
	refusal, err := a.Limits.Take(r.Context(), takes, a.Now())
	sum := sha256.Sum256([]byte(shown))
	if subtle.ConstantTimeCompare(sum[:], a.token[:]) != 1 || err == nil && refusal != nil {
		a.next.ServeHTTP(w, r)
		return
	}
	if err == nil {
		_, _, err = a.Limits.Swap(r.Context(), engine.Swap{Refunds: engine.Refunds(takes, nil), Now: a.Now()})
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
func (a *Admin) run(w http.ResponseWriter, r *http.Request) {
	if a.Explainer == nil {
		refuse(w, http.StatusConflict, ErrNoTrails)
		return
	}
	x, err := a.Explainer.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, inspector.Told(x))
}

// user answers the explanations of the latest runs of an account, ?limit= at most.
func (a *Admin) user(w http.ResponseWriter, r *http.Request) {
	limit := adminRuns
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > adminRunsMost {
			refuse(w, http.StatusBadRequest, errors.New("limit is a number from 1 to "+strconv.Itoa(adminRunsMost)))
			return
		}
		limit = n
	}
	if a.Explainer == nil {
		refuse(w, http.StatusConflict, ErrNoTrails)
		return
	}
	list, err := a.Explainer.User(r.Context(), r.PathValue("who"), limit)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"runs": list})
}

// fail answers an error of an explanation.
func (a *Admin) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, ErrNoRun) || errors.Is(err, ErrNobody) {
		refuse(w, http.StatusNotFound, err)
		return
	}
	headless.WriteProblem(w, r, wire.Unavailable(0, err))
}

// isBelow reports whether a path is another one, or below it.
func isBelow(at, above string) bool { return at == above || strings.HasPrefix(at, above+"/") }
