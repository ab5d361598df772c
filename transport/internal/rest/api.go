package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// Mount is the path before every route of the contract.
const Mount = "/auth"

// Config is what an API is made of.
type Config struct {
	contract.Base

	// RedirectURIs are where third parties may send people back to, the first one unless
	// a request names another.
	RedirectURIs []string
}

// API answers the contract. It is safe for concurrent use.
type API struct {
	Config
	router *httprouter.Router
	table  []route
	// offers is the answer of GET config, encoded once.
	offers *answer
	// files are the forms of the document by their paths.
	files map[string]http.HandlerFunc
}

// endpoint answers one route.
type endpoint func(ctx context.Context, c *call) (*answer, error)

// New returns the API.
func New(c Config) (*API, error) {
	a := &API{Config: c, router: wire.NewRouter(notFound), files: make(map[string]http.HandlerFunc)}
	if err := a.reserved(); err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(a.Offers)
	if err != nil {
		return nil, fmt.Errorf("rest: config: %w", err)
	}
	a.offers = &answer{http.StatusOK, encodedBody(encoded)}
	a.table = a.routes()
	methods := make(map[string][]string)
	for _, r := range a.table {
		methods[r.path] = append(methods[r.path], r.method)
	}
	for _, r := range a.table {
		h := func(w http.ResponseWriter, req *http.Request, p httprouter.Params) { a.serve(w, req, r, p) }
		a.router.Handle(r.method, Mount+r.path, h)
		if r.method == http.MethodGet {
			a.router.Handle(http.MethodHead, Mount+r.path, h)
			methods[r.path] = append(methods[r.path], http.MethodHead)
		}
	}
	for path, has := range methods {
		a.others(Mount+path, has)
	}
	a.specify()
	return a, nil
}

// reserved refuses stages with a field of the name that runs are named by.
func (a *API) reserved() error {
	var errs []error
	for _, s := range append(a.stages(), a.beginnings()...) {
		all := slices.Clone(s.fields)
		for _, x := range s.actions {
			all = append(all, x.Fields...)
		}
		if slices.ContainsFunc(all, func(f engine.Field) bool { return f.Name == tokenField }) {
			errs = append(errs, fmt.Errorf("rest: stage %s has a field %q; the contract names the run by it, call the field otherwise", s.wireID, tokenField))
		}
	}
	return errors.Join(errs...)
}

// others answers the methods that a path does not have.
func (a *API) others(path string, has []string) {
	slices.Sort(has)
	for _, m := range append(wire.Methods(), otherMethod) {
		if m != http.MethodOptions && !slices.Contains(has, m) {
			a.router.HandlerFunc(m, path, func(w http.ResponseWriter, r *http.Request) {
				WriteProblem(w, r, wire.MethodNotAllowed(has...))
			})
		}
	}
	a.router.HandlerFunc(http.MethodOptions, path, func(w http.ResponseWriter, _ *http.Request) {
		wire.AnswerOptions(w, has...)
	})
}

// ServeHTTP answers a request, 404 for a path that is not part of the contract. A slash
// at the end may be left out.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, slashed := strings.CutSuffix(r.URL.Path, "/"); slashed && !strings.HasSuffix(path, "/") {
		bare := *r.URL
		bare.Path, bare.RawPath = path, ""
		r = r.WithContext(r.Context())
		r.URL = &bare
	}
	if file, is := a.files[r.URL.Path]; is {
		wire.ServeFile(w, r, file, WriteProblem)
		return
	}
	if !wire.IsMethod(r.Method) {
		if h, params, _ := a.router.Lookup(otherMethod, r.URL.Path); h != nil {
			h(w, r, params)
			return
		}
	}
	a.router.ServeHTTP(w, r)
}

// otherMethod stands for the methods that no path has.
const otherMethod = http.MethodTrace

func notFound(w http.ResponseWriter, r *http.Request) {
	WriteProblem(w, r, wire.NotFound())
}

// serve answers a request to a route.
func (a *API) serve(w http.ResponseWriter, r *http.Request, rt route, params httprouter.Params) {
	wire.SetAPIHeaders(w.Header())
	c := a.newCall(r, params)
	c.TellNonce(w.Header())
	ans, err := c.dispatch(r.Context(), &rt)
	if err == nil {
		writeJSON(w, ans.status, ans.body)
		return
	}
	c.refuse(w, err, Mount+rt.path)
}

// refuse answers an error of a route: by what the client can do next, or as a problem.
func (c *call) refuse(w http.ResponseWriter, err error, path string) {
	if errors.Is(err, contract.ErrReauthenticate) {
		ans := c.proveAgain(err)
		writeJSON(w, ans.status, ans.body)
		return
	}
	p := c.Problem(path, err)
	if p.Status == http.StatusGone || p.Status == http.StatusUnauthorized {
		// A client that holds nothing good is answered how to begin.
		if p.Status == http.StatusUnauthorized {
			c.challenge(w.Header(), p)
		}
		writeJSON(w, p.Status, strangerBody{Flows: c.offered()})
		return
	}
	WriteProblem(w, c.Request, p)
}

// challenge says by which schemes a token is shown, or what was wrong with how it was.
func (c *call) challenge(h http.Header, p *wire.Problem) {
	if p.Challenge != "" {
		p.SetHeader(h)
		return
	}
	h.Set("WWW-Authenticate", contract.BearerScheme)
	if c.Proofs != nil {
		h.Add("WWW-Authenticate", contract.ProofScheme+" "+contract.Algorithms())
	}
}

// dispatch does what every route does first: it reads the body, opens the session where the
// route is for signed-in clients, and decodes the declared fields.
func (c *call) dispatch(ctx context.Context, rt *route) (*answer, error) {
	if err := c.ReadBody(); err != nil {
		return nil, err
	}
	if rt.bearer {
		if err := c.openSession(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.Read(rt.input); err != nil {
		return nil, err
	}
	return rt.do(ctx, c)
}
