package wire

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Names and sizes of the double submit cookie, which clients of the contract know.
const (
	// CSRFCookie is the cookie's name. Scripts may read it.
	CSRFCookie = "csrftoken"
	// CSRFHeader carries the token back.
	CSRFHeader = "X-CSRFToken"
	// CSRFFormField carries it back in a form.
	CSRFFormField = "csrfmiddlewaretoken"
	// CSRFMaxAge is how long the cookie lives: a year of 52 weeks.
	CSRFMaxAge = 364 * 24 * time.Hour

	csrfLength   = 32
	csrfAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// CSRFReason says why a request counts as forged.
type CSRFReason string

// The reasons of a [CSRFError].
const (
	CSRFBadOrigin  CSRFReason = "bad_origin"
	CSRFNoReferer  CSRFReason = "no_referer"
	CSRFBadReferer CSRFReason = "bad_referer"
	CSRFNoCookie   CSRFReason = "no_cookie"
	CSRFBadCookie  CSRFReason = "malformed_cookie"
	CSRFNoToken    CSRFReason = "no_token"
	CSRFBadToken   CSRFReason = "malformed_token"
	CSRFMismatch   CSRFReason = "token_mismatch"
)

// CSRFError is a request that counts as forged. It never holds a token.
type CSRFError struct {
	Reason CSRFReason
	// Origin is what was refused, of [CSRFBadOrigin] and [CSRFBadReferer].
	Origin string
}

// Error says what failed, with a hint.
func (e *CSRFError) Error() string {
	switch e.Reason {
	case CSRFBadOrigin, CSRFBadReferer:
		return fmt.Sprintf("csrf check failed: %s %q, %s", e.Reason, e.Origin, e.Hint())
	}
	return fmt.Sprintf("csrf check failed: %s, %s", e.Reason, e.Hint())
}

// Hint is what whoever builds the page should do.
func (e *CSRFError) Hint() string {
	switch e.Reason {
	case CSRFBadOrigin, CSRFBadReferer:
		if e.Origin == "null" {
			return "browsers send null for files, sandboxed frames and pages with the Referrer-Policy no-referrer: serve the page from an origin, with another policy"
		}
		return "add it to the trusted origins or set the public URL"
	case CSRFNoReferer:
		return "over https a request must carry Origin or Referer"
	case CSRFNoCookie:
		return fmt.Sprintf("read something first, with credentials, so that the browser has the cookie %s, and send its value as %s", CSRFCookie, CSRFHeader)
	}
	return fmt.Sprintf("send the value of the cookie %s as %s; pages of another host find it in the header %s of answers", CSRFCookie, CSRFHeader, CSRFHeader)
}

// CSRFConfig is what [NewCSRF] needs.
type CSRFConfig struct {
	// PublicURL is where browsers find this server, e.g. https://auth.example.com.
	PublicURL string
	// TrustedOrigins may call besides our own, e.g. https://app.example.com or
	// https://*.example.com.
	TrustedOrigins []string
	// LocalOrigins trusts pages of this machine besides, of whatever port: for development.
	LocalOrigins bool
	// ReadableBy are the origins whose pages may read answers, as in [CORSConfig]. Those of them
	// that are trusted are told the token in a header, see [CSRF.Tell].
	ReadableBy []string
	// CookieDomain widens the cookie to a domain that front ends share; "" is this host only.
	CookieDomain string
	// SameSite is when browsers send the cookie; 0 is Lax. None is for front ends of another
	// site, and needs https.
	SameSite http.SameSite
	// Rand is where tokens come from; nil is the system's generator.
	Rand io.Reader
}

// CSRF protects the browser client: a request that changes something must come
// from a page that can read our cookie (double submit) and from an origin we know.
// It is safe for concurrent use.
type CSRF struct {
	trusted  originSet
	readers  originSet
	https    bool
	secure   bool
	domain   string
	sameSite http.SameSite
	rand     io.Reader
}

// NewCSRF checks the configuration and reports every fault of it together.
func NewCSRF(cfg CSRFConfig) (*CSRF, error) {
	own, secure, err := PublicOrigin(cfg.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("csrf: %w", err)
	}
	trusted, err := newOriginSet(cfg.TrustedOrigins, false)
	if err != nil {
		return nil, fmt.Errorf("csrf: trusted origins: %w", err)
	}
	readers, err := newOriginSet(cfg.ReadableBy, false)
	if err != nil {
		return nil, fmt.Errorf("csrf: origins that may read: %w", err)
	}
	trusted.local, readers.local = cfg.LocalOrigins, cfg.LocalOrigins
	trusted.addOwn(own)
	c := &CSRF{
		trusted: trusted, readers: readers, https: strings.HasPrefix(own, "https:"), secure: secure,
		domain: cfg.CookieDomain, sameSite: cmp.Or(cfg.SameSite, http.SameSiteLaxMode), rand: cfg.Rand,
	}
	if c.rand == nil {
		c.rand = rand.Reader
	}
	return c, nil
}

// Check judges whether a request may change something. It returns a [*CSRFError]
// if not, and nil for GET, HEAD, OPTIONS and TRACE, which must change nothing.
//
// A form's token counts if the form was read before ([ReadForm]), and then decides
// alone; otherwise the header's. Tokens may be masked (64 characters) or not (32).
func (c *CSRF) Check(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	if err := c.checkOrigin(r); err != nil {
		return err
	}
	cookie, ok := csrfCookie(r)
	if !ok {
		return &CSRFError{Reason: CSRFNoCookie}
	}
	secret, ok := unmask(cookie)
	if !ok {
		return &CSRFError{Reason: CSRFBadCookie}
	}
	sent := r.PostForm.Get(CSRFFormField)
	if sent == "" {
		sent = r.Header.Get(CSRFHeader)
	}
	if sent == "" {
		return &CSRFError{Reason: CSRFNoToken}
	}
	token, ok := unmask(sent)
	if !ok {
		return &CSRFError{Reason: CSRFBadToken}
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(secret)) != 1 {
		return &CSRFError{Reason: CSRFMismatch}
	}
	return nil
}

// Trusts reports whether an origin, as a browser writes it, is ours or a trusted one.
func (c *CSRF) Trusts(origin string) bool { return c.trusted.has(origin) }

// checkOrigin refuses what comes from a page we do not know. Over https a request
// without Origin must have a Referer that we know: somebody on the network could
// plant a cookie and post a form from a plain http page.
func (c *CSRF) checkOrigin(r *http.Request) error {
	if origins := r.Header["Origin"]; len(origins) > 0 {
		if len(origins) > 1 || !c.trusted.has(origins[0]) && !c.sameHost(r, origins[0]) {
			return &CSRFError{Reason: CSRFBadOrigin, Origin: short(strings.Join(origins, " "), 100)}
		}
		return nil
	}
	if !c.https {
		return nil
	}
	referer := r.Header.Get("Referer")
	if referer == "" {
		return &CSRFError{Reason: CSRFNoReferer}
	}
	u, err := url.Parse(referer)
	if err != nil || u.Scheme != "https" || u.Host == "" || !c.trusted.has("https://"+browserHost(u)) && !c.sameHost(r, "https://"+browserHost(u)) {
		e := &CSRFError{Reason: CSRFBadReferer}
		if err == nil {
			e.Origin = short(u.Scheme+"://"+u.Host, 100)
		}
		return e
	}
	return nil
}

// sameHost reports whether a page has the very host that the request was sent to, such as one
// behind a development proxy that keeps the header Host. Over plain http only names that no
// stranger can point at this server count, or any website could; a public URL of https takes
// none of http. A header of a proxy that names another host or scheme decides against it.
func (c *CSRF) sameHost(r *http.Request, origin string) bool {
	scheme, host, ok := strings.Cut(origin, "://")
	if !ok || host == "" || r.Host == "" || origin != scheme+"://"+browserHost(&url.URL{Scheme: scheme, Host: r.Host}) {
		return false
	}
	switch scheme {
	case "https":
	case "http":
		if c.https || !isLocalName(r.Host) {
			return false
		}
	default:
		return false
	}
	for _, forwarded := range r.Header["X-Forwarded-Host"] {
		if !strings.EqualFold(forwarded, r.Host) {
			return false
		}
	}
	for _, forwarded := range r.Header["X-Forwarded-Proto"] {
		if forwarded != scheme {
			return false
		}
	}
	return len(r.Header["Forwarded"]) == 0
}
