package headless

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Config is what an API is made of.
type Config struct {
	contract.Base

	// Mount is the path before /browser/v1 and /app/v1.
	Mount string
	// Clients are the kinds served, of browser and app.
	Clients []string
	CSRF    *wire.CSRF
	// Refusals, if not nil, tells of requests that count as forged.
	Refusals *wire.Refusals
	// JWTScheme is the scheme of the Authorization header that carries an access token.
	JWTScheme string
	// ProviderSignupOpen lets anybody make an account by a third party; ProviderError is
	// the front end's page for what goes wrong there and belongs to no request.
	ProviderSignupOpen bool
	ProviderError      string
	// ServeSpecification serves the OpenAPI document and its page beside the clients.
	ServeSpecification bool
	// Extended answers have what django-allauth's do not: timeouts and transports in WebAuthn
	// options, the ids by which browsers know credentials, and whether sessions are bound.
	Extended bool
	// OfferTrust is set where browsers can be trusted.
	OfferTrust bool
	// TrackActivity shows when a session was last seen.
	TrackActivity bool
	// TrustCookie is the cookie by which a browser is trusted, but for its value.
	TrustCookie http.Cookie
	// KeepTrust, if not nil, returns the trust cookie of a browser whose session has been bound, and
	// lies under the key, where one that it has has waited for that; "" where none has.
	KeepTrust func(ctx context.Context, account engine.AccountID, session engine.Key, cookie string, now time.Time) (string, error)

	// Secure, CookieDomain, SameSite and SessionAge are of the session cookie.
	Secure       bool
	CookieDomain string
	SameSite     http.SameSite
	SessionAge   time.Duration
}

// API answers the contract.
type API struct {
	Config
	router *httprouter.Router
	fixed  map[token.Kind]fixed
	// prefixes are what the paths of the clients begin with.
	prefixes []string
	// files are the forms of the document by their paths.
	files map[string]http.HandlerFunc
}

// endpoint answers one method of a route.
type endpoint func(ctx context.Context, c *call) (*answer, error)

// route is a path and what it answers.
type route struct {
	path    string
	methods map[string]endpoint
	// early, if not nil, runs before a method the route does not have is refused: the
	// contract looks at the state or the input of some routes first.
	early endpoint
	// off routes belong to a feature that is switched off: they do not exist.
	off bool
	// harmless routes show no secret and change nothing, where they are read.
	harmless bool
	// browserOnly routes do not exist for apps, and appOnly routes not for browsers.
	browserOnly, appOnly bool
	// posted routes take an HTML form rather than JSON, with the forgery token in it.
	posted bool
	// form, if not nil, is the one form of the route: it is held against the body of whatever
	// method but GET, before the method is looked at.
	form form
}

// form reads a body into the input.
type form func(ctx context.Context, c *call) error

// exists reports whether clients of the kind have the route.
func (r *route) exists(kind token.Kind) bool {
	browser := kind == token.Browser
	return !r.off && (browser || !r.browserOnly) && (!browser || !r.appOnly)
}

// kindOf is the kind of client that a name of the configuration means.
func kindOf(client string) (token.Kind, error) {
	switch client {
	case "browser":
		return token.Browser, nil
	case "app":
		return token.App, nil
	}
	return 0, fmt.Errorf("headless: client %q; there are browser and app", client)
}

// New returns the API.
func New(c Config) (*API, error) {
	a := &API{Config: c, router: wire.NewRouter(notFound), fixed: make(map[token.Kind]fixed), files: make(map[string]http.HandlerFunc)}
	mount := "/" + strings.Trim(c.Mount, "/")
	if mount == "/" {
		mount = ""
	}
	// Guards answer clients that have no routes here, too.
	for _, kind := range []token.Kind{token.Browser, token.App} {
		a.fixed[kind] = a.newFixed(kind)
	}
	for _, client := range c.Clients {
		kind, err := kindOf(client)
		if err != nil {
			return nil, err
		}
		prefix := mount + "/" + client + "/v1"
		a.prefixes = append(a.prefixes, prefix+"/")
		for _, r := range a.routes() {
			if !r.exists(kind) {
				continue
			}
			a.handle(prefix+r.path, kind, r)
		}
	}
	if c.ServeSpecification {
		a.specify(mount)
	}
	return a, nil
}

// Prefixes are what every path of the contract begins with, one for each kind of client. The
// document is elsewhere.
func (a *API) Prefixes() []string { return a.prefixes }

// handle registers a route for every method: which of them it has is checked late.
func (a *API) handle(path string, kind token.Kind, r route) {
	h := func(w http.ResponseWriter, req *http.Request, p httprouter.Params) { a.serve(w, req, kind, r, p) }
	for _, m := range wire.Methods() {
		a.router.Handle(m, path, h)
	}
}

// ServeHTTP answers a request, 404 for a path that is not part of the contract. A method that
// no path has is answered like any other that the path does not have.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if file, is := a.files[r.URL.Path]; is {
		wire.ServeFile(w, r, file, WriteProblem)
		return
	}
	if !wire.IsMethod(r.Method) {
		if h, params, _ := a.router.Lookup(http.MethodGet, r.URL.Path); h != nil {
			h(w, r, params)
			return
		}
	}
	a.router.ServeHTTP(w, r)
}

func notFound(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, r, wire.NotFound())
}

// serve answers a request to a route.
func (a *API) serve(w http.ResponseWriter, r *http.Request, kind token.Kind, rt route, params httprouter.Params) {
	switch {
	case r.Method == http.MethodOptions:
		wire.AnswerOptions(w, sortedMethods(rt.methods)...)
		return
	case !wire.IsMethod(r.Method):
		WriteProblem(w, r, wire.MethodNotAllowed(sortedMethods(rt.methods)...))
		return
	}
	wire.SetAPIHeaders(w.Header())
	c := a.newCall(w, r, kind)
	c.params, c.Harmless = params, rt.harmless
	c.TellNonce(w.Header())
	ans, err := a.dispatch(r.Context(), c, &rt)
	if err != nil {
		c.refuse(err, rt.path)
		return
	}
	c.write(ans)
}

// refuse answers an error of a route: by what the client can do next, or as a problem.
func (c *call) refuse(err error, path string) {
	if ans := c.answerError(err); ans != nil {
		c.write(ans)
		return
	}
	c.setBinding()
	WriteProblem(c.w, c.Request, c.Problem(path, err))
}

// answerError answers errors by what the client can do next; nil are those that are answered
// as problems.
func (c *call) answerError(err error) *answer {
	if errors.Is(err, contract.ErrReauthenticate) {
		return c.reauthenticate(err)
	}
	var p *wire.Problem
	if !errors.As(err, &p) {
		return nil
	}
	p.SetHeader(c.w.Header())
	switch p.Status {
	case http.StatusGone:
		return c.gone()
	case http.StatusUnauthorized:
		return c.session()
	}
	return nil
}

// dispatch does what every route does first, in the contract's order: the forgery check
// of browsers, the token of apps, then the method.
func (a *API) dispatch(ctx context.Context, c *call, rt *route) (*answer, error) {
	if rt.posted {
		if _, err := wire.ReadForm(c.Request, a.BodyLimit); err != nil {
			return nil, err
		}
	}
	if c.Kind == token.Browser {
		a.CSRF.Tell(c.w, c.Request)
		if err := a.CSRF.Check(c.Request); err != nil {
			a.CSRF.Supply(c.w, c.Request, err)
			return nil, a.Refusals.CSRF(c.Request, err)
		}
	}
	method := c.Request.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method == http.MethodGet && c.Kind == token.Browser {
		if tok, fresh := a.CSRF.Token(c.Request); fresh {
			a.CSRF.SetCookie(c.w, c.Request, tok)
		}
	}
	do := rt.methods[method]
	if do == nil {
		return c.lateMethod(ctx, rt)
	}
	if c.Request.Method == http.MethodHead && rt.form != nil {
		if _, err := c.account(ctx); err != nil {
			return nil, err
		}
		if err := c.lateBody(ctx, rt); err != nil {
			return nil, err
		}
	}
	return do(ctx, c)
}
