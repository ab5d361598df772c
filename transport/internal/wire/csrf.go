package wire

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
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
		return fmt.Sprintf("csrf check failed: %s %q, add it to the trusted origins or set the public URL", e.Reason, e.Origin)
	case CSRFNoReferer:
		return "csrf check failed: no_referer, over https a request must carry Origin or Referer"
	}
	return fmt.Sprintf("csrf check failed: %s, send the value of the cookie %s as %s", e.Reason, CSRFCookie, CSRFHeader)
}

// CSRFConfig is what [NewCSRF] needs.
type CSRFConfig struct {
	// PublicURL is where browsers find this server, e.g. https://auth.example.com.
	PublicURL string
	// TrustedOrigins may call besides our own, e.g. https://app.example.com or
	// https://*.example.com.
	TrustedOrigins []string
	// CookieDomain widens the cookie to a domain that front ends share; "" is this host only.
	CookieDomain string
	// Rand is where tokens come from; nil is the system's generator.
	Rand io.Reader
}

// CSRF protects the browser client: a request that changes something must come
// from a page that can read our cookie (double submit) and from an origin we know.
// It is safe for concurrent use.
type CSRF struct {
	trusted originSet
	https   bool
	secure  bool
	domain  string
	rand    io.Reader
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
	trusted.exact[own] = true
	for _, o := range loopbackOrigins(own) {
		trusted.exact[o] = true
	}
	c := &CSRF{trusted: trusted, secure: secure, domain: cfg.CookieDomain, rand: cfg.Rand}
	c.https = strings.HasPrefix(own, "https:")
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

// Token returns the token of the client's cookie if it is well-formed, even if it
// is not one of ours, and else a new one; fresh says that [CSRF.SetCookie] should follow.
// The token is "" only if the configured Rand failed.
func (c *CSRF) Token(r *http.Request) (token string, fresh bool) {
	if cookie, ok := csrfCookie(r); ok {
		if secret, ok := unmask(cookie); ok {
			return secret, false
		}
	}
	return c.newToken(), true
}

// SetCookie sends the token as a cookie that scripts may read. It does nothing for
// a token that is not well-formed.
func (c *CSRF) SetCookie(w http.ResponseWriter, token string) {
	if len(token) != csrfLength {
		return
	}
	w.Header().Add("Vary", "Cookie")
	http.SetCookie(w, &http.Cookie{
		Name:     CSRFCookie,
		Value:    token,
		Path:     "/",
		Domain:   c.domain,
		MaxAge:   int(CSRFMaxAge / time.Second),
		Secure:   c.secure,
		SameSite: http.SameSiteLaxMode,
	})
}

// Supply gives a token to who was refused for having none, so that the next try of a page that
// never reads before it writes succeeds. Pages of origins that are not trusted get none.
func (c *CSRF) Supply(w http.ResponseWriter, r *http.Request, refusal error) {
	var e *CSRFError
	if !errors.As(refusal, &e) || e.Reason != CSRFNoCookie && e.Reason != CSRFBadCookie {
		return
	}
	if token, fresh := c.Token(r); fresh {
		c.SetCookie(w, token)
	}
}

// Rotate gives the client a new token, to be done at sign-in: a token that was
// planted before is worth nothing after.
func (c *CSRF) Rotate(w http.ResponseWriter) { c.SetCookie(w, c.newToken()) }

// csrfCookie finds the cookie; of several the last counts.
func csrfCookie(r *http.Request) (string, bool) {
	if !mentions(r.Header["Cookie"], CSRFCookie) {
		return "", false
	}
	all := r.CookiesNamed(CSRFCookie)
	if len(all) == 0 {
		return "", false
	}
	return all[len(all)-1].Value, true
}

func mentions(lines []string, what string) bool {
	for _, l := range lines {
		if strings.Contains(l, what) {
			return true
		}
	}
	return false
}

// newToken draws 32 characters, evenly: bytes beyond the last full alphabet are
// drawn again. It returns "" if the source fails.
func (c *CSRF) newToken() string {
	const even = 256 / len(csrfAlphabet) * len(csrfAlphabet)
	var draw [2 * csrfLength]byte
	token := make([]byte, 0, csrfLength)
	for {
		if _, err := io.ReadFull(c.rand, draw[:]); err != nil {
			return ""
		}
		for _, b := range draw {
			if int(b) < even {
				token = append(token, csrfAlphabet[int(b)%len(csrfAlphabet)])
			}
			if len(token) == csrfLength {
				return string(token)
			}
		}
	}
}

// unmask gives the 32 characters that a token stands for. A masked token is a mask
// and the sum of mask and secret, character by character in the alphabet; pages
// send one so that a compressed answer does not give the secret away (BREACH).
func unmask(token string) (string, bool) {
	if len(token) != csrfLength && len(token) != 2*csrfLength {
		return "", false
	}
	for i := range len(token) {
		if !isAlnum(token[i]) {
			return "", false
		}
	}
	if len(token) == csrfLength {
		return token, true
	}
	secret := make([]byte, csrfLength)
	for i := range secret {
		mask := alphabetIndex(token[i])
		sum := alphabetIndex(token[csrfLength+i])
		secret[i] = csrfAlphabet[(sum-mask+len(csrfAlphabet))%len(csrfAlphabet)]
	}
	return string(secret), true
}

// alphabetIndex is the place of a letter or digit in the alphabet.
func alphabetIndex(c byte) int {
	switch {
	case c >= 'a':
		return int(c - 'a')
	case c >= 'A':
		return int(c-'A') + 26
	}
	return int(c-'0') + 52
}
