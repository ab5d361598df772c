package provider

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Request is what an authorization request needs of the run that makes it. State, Nonce
// and Verifier are fresh, random and kept with the run.
type Request struct {
	// State comes back with the callback (RFC 6749 section 10.12).
	State string
	// Nonce comes back in the id_token. It is required for OpenID Connect; others ignore
	// it, except LINE.
	Nonce string
	// Verifier is the PKCE code verifier, 43 to 128 characters of A-Z a-z 0-9 - . _ ~
	// (RFC 7636 section 4.1). It is required unless the kind cannot take one. Only its
	// SHA-256 leaves the house now.
	Verifier string
	// RedirectURI is our callback, an absolute http or https URL without fragment.
	RedirectURI string
	// Scope is asked for besides what is configured.
	Scope []string
	// MaxAge, if not 0, asks an OpenID provider to authenticate a person anew who has done so
	// longer ago, and to say when that was (OpenID Connect Core, section 3.1.2.1, max_age).
	MaxAge time.Duration
	// Prompt is passed on as prompt, if not "" (OpenID Connect Core, section 3.1.2.1).
	Prompt string
}

// verifierForm is a code verifier.
var verifierForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// AuthCodeURL is where to send the browser. The first call for an OpenID Connect
// provider asks for its metadata. Errors: [ErrRequest], [ErrUnreachable], [ErrRefused].
func (p *Provider) AuthCodeURL(ctx context.Context, r Request) (string, error) {
	at, err := p.endpoints(ctx)
	if err != nil {
		return "", p.named(err)
	}
	if err := p.checkRequest(at, r); err != nil {
		return "", p.named(err)
	}
	if p.kind.own != nil && p.kind.own.Begin != nil {
		to, err := p.begin(ctx, r)
		if err != nil {
			return "", p.named(err)
		}
		return to, nil
	}
	if p.kind.special == isSteam {
		to, err := p.steamURL(at, r)
		if err != nil {
			return "", p.named(err)
		}
		return to, nil
	}
	params := maps.Clone(p.authParams)
	if params == nil {
		params = map[string]string{}
	}
	maps.Copy(params, p.kind.AuthParams)
	if scope := p.scopes(r.Scope); len(scope) > 0 {
		params["scope"] = strings.Join(scope, p.separator())
	}
	if p.sendsNonce() {
		params["nonce"] = r.Nonce
	}
	if r.Prompt != "" {
		params["prompt"] = r.Prompt
	}
	if r.MaxAge > 0 && p.kind.openID() && p.kind.special == plain {
		params["max_age"] = strconv.Itoa(int(r.MaxAge / time.Second))
	}
	var options []oauth2.AuthCodeOption
	for name, value := range params {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	if at.pkce && !p.Local() {
		options = append(options, oauth2.S256ChallengeOption(r.Verifier))
	}
	to := p.respelt(p.oauth(at, r.RedirectURI, "").AuthCodeURL(r.State, options...))
	if at.push == "" {
		return to, nil
	}
	if to, err = p.pushed(ctx, at, to); err != nil {
		return "", p.named(err)
	}
	return to, nil
}

// returnable reports whether a person can be sent back to a URL: a page, or an app that has
// a scheme of its own, which has a dot in it (RFC 8252, section 7.1).
func returnable(u *url.URL) bool {
	if u.Fragment != "" || u.Opaque != "" {
		return false
	}
	if u.Scheme == "https" || u.Scheme == "http" {
		return u.Host != ""
	}
	return strings.Contains(u.Scheme, ".")
}

// checkRequest refuses a request that would weaken the way back.
func (p *Provider) checkRequest(at *endpoints, r Request) error {
	u, err := url.Parse(r.RedirectURI)
	switch {
	case r.State == "":
		return fault(ErrRequest, "no state")
	case err != nil || !returnable(u):
		return fault(ErrRequest, "%s is no callback URL", clip(r.RedirectURI))
	case p.sendsNonce() && r.Nonce == "":
		return fault(ErrRequest, "no nonce")
	case at.pkce && !p.Local() && !verifierForm.MatchString(r.Verifier):
		return fault(ErrRequest, "the code verifier is not one: it has 43 to 128 unreserved characters (RFC 7636)")
	}
	return nil
}

// sendsNonce tells whether an id_token will come back. A nonce is sent even to those who
// lose it: they may learn.
func (p *Provider) sendsNonce() bool { return p.kind.openID() || p.kind.special == isLine }

func (p *Provider) separator() string {
	if p.kind.Separator == "" {
		return " "
	}
	return p.kind.Separator
}

// scopes are the configured ones and some more, each once.
func (p *Provider) scopes(more []string) []string {
	var out []string
	for _, s := range slices.Concat(p.scope, more) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// oauth is the library's view of us.
func (p *Provider) oauth(at *endpoints, redirectURI, secret string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.clientID(), ClientSecret: secret, RedirectURL: redirectURI,
		Endpoint: oauth2.Endpoint{AuthURL: at.auth, TokenURL: at.token, AuthStyle: at.style},
	}
}
