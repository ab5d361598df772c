package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// corsMaxAge is how long a browser may remember a preflight.
const corsMaxAge = time.Hour

// corsHeaders are the request headers that clients of the contracts send. The last three mean
// nothing here: libraries add them to every request, whose preflight must not fail for it.
const corsHeaders = "content-type, x-csrftoken, x-session-token, authorization, dpop, " +
	"x-email-verification-key, x-password-reset-key, accept, user-agent, x-requested-with"

// corsExposed are the answer headers that scripts may read besides the usual ones.
const corsExposed = "retry-after, x-request-id, x-csrftoken, dpop-nonce, www-authenticate, date"

// openPath is where files are that say themselves who may read them.
const openPath = "/_stagedoor/"

// CORSConfig is what [NewCORS] needs.
type CORSConfig struct {
	// AllowedOrigins are pages on other origins that may read the answers, e.g.
	// https://app.example.com or https://*.example.com; * (all) only without
	// Credentials. None turns CORS off.
	AllowedOrigins []string
	// Credentials lets those pages send cookies: for the browser contract.
	Credentials bool
	// ExtraHeaders are request headers that custom clients send besides ours.
	ExtraHeaders []string
	// LocalOrigins allows pages of this machine besides, of whatever port: for development.
	LocalOrigins bool
	// PublicURL, if not empty, is where browsers find this server: its own pages are refused
	// nothing.
	PublicURL string
	// Refusals, if not nil, tells of pages that may not read answers.
	Refusals *Refusals
}

// CORS answers preflights and marks answers as readable by the allowed origins
// (WHATWG Fetch, section CORS protocol). It protects nothing: a request of another
// page is still served, its answer is only not shown to the page; see [CSRF].
// It is safe for concurrent use.
type CORS struct {
	origins     originSet
	own         originSet
	on          bool
	credentials bool
	headers     string
	maxAge      string
	refusals    *Refusals
}

// NewCORS checks the configuration and reports every fault of it together.
func NewCORS(cfg CORSConfig) (*CORS, error) {
	origins, err := newOriginSet(cfg.AllowedOrigins, true)
	if origins.any && cfg.Credentials {
		err = errors.Join(err, errors.New(`origin "*" cannot go with credentials, list the origins`))
	}
	for _, h := range cfg.ExtraHeaders {
		if !isToken(h) {
			err = errors.Join(err, fmt.Errorf("%q is not the name of a header", h))
		}
	}
	own := originSet{exact: make(map[string]bool)}
	if cfg.PublicURL != "" {
		origin, _, urlErr := PublicOrigin(cfg.PublicURL)
		own.addOwn(origin)
		err = errors.Join(err, urlErr)
	}
	if err != nil {
		return nil, fmt.Errorf("cors: %w", err)
	}
	origins.local = cfg.LocalOrigins
	return &CORS{
		origins:     origins,
		own:         own,
		on:          len(cfg.AllowedOrigins) > 0 || cfg.LocalOrigins,
		credentials: cfg.Credentials,
		headers:     strings.ToLower(strings.Join(append([]string{corsHeaders}, cfg.ExtraHeaders...), ", ")),
		maxAge:      strconv.Itoa(int(corsMaxAge / time.Second)),
		refusals:    cfg.Refusals,
	}, nil
}

// Handler answers preflights itself, with 204, and passes everything else on.
// Answers say Vary: Origin wherever they could differ by it.
func (c *CORS) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var origin string
		if sent := r.Header["Origin"]; len(sent) > 0 {
			origin = sent[0]
		}
		if origin == "" && !c.on {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		preflight := r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != ""
		if c.on {
			h.Add("Vary", "Origin")
		}
		if c.origins.has(origin) {
			c.allow(h, origin, preflight)
		} else if c.refuses(r, origin, preflight) {
			c.refusals.cors(w, r)
		}
		if c.on && preflight {
			h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuses reports whether a browser will keep the answer from a page that has asked by script:
// one of an origin that is neither allowed nor our own. What it opens as a document, a form
// that is posted included, is none of it (Fetch metadata, section 2.2).
func (c *CORS) refuses(r *http.Request, origin string, preflight bool) bool {
	if c.refusals == nil || origin == "" || c.own.has(origin) || strings.HasPrefix(r.URL.Path, openPath) {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "cors" && !preflight {
		return false
	}
	_, host, _ := strings.Cut(origin, "://")
	return !strings.EqualFold(host, r.Host)
}

// allow sets the headers that let the origin read this answer, or send the request
// that the preflight asks about.
func (c *CORS) allow(h http.Header, origin string, preflight bool) {
	h.Set("Access-Control-Allow-Origin", origin)
	if c.credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if !preflight {
		h.Set("Access-Control-Expose-Headers", corsExposed)
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", c.headers)
	h.Set("Access-Control-Max-Age", c.maxAge)
}

// AnswerOptions answers an OPTIONS request that is no preflight: 200, and the
// methods of the path in Allow (RFC 9110 section 9.3.7). HEAD goes with GET, and
// OPTIONS is always there.
func AnswerOptions(w http.ResponseWriter, methods ...string) {
	var allow []string
	for _, m := range methods {
		allow = append(allow, m)
		if m == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	w.Header().Set("Allow", strings.Join(append(allow, http.MethodOptions), ", "))
	w.WriteHeader(http.StatusOK)
}

// isToken reports whether s can be the name of a header (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) < 0 {
			return false
		}
	}
	return s != ""
}
