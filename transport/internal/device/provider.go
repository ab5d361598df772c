package device

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The client that a provider knows, unless its configuration names another.
const (
	ClientID     = "client"
	ClientSecret = "secret"
)

// How long a provider's codes and tokens work.
const (
	codeLife  = 10 * time.Minute // RFC 6749, section 4.1.2: at most
	tokenLife = 10 * time.Minute
)

// ProviderConfig says what a provider is called and what it stands on.
type ProviderConfig struct {
	// Issuer is the address that the provider's handler is reached at, without a slash
	// at the end: http://127.0.0.1:2590.
	Issuer string
	// ClientID and ClientSecret are what the server under test signs in with; those of
	// this package if empty.
	ClientID, ClientSecret string
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Entropy is for codes and tokens; the system's if nil.
	Entropy io.Reader
	// Key signs id tokens by RS256. If nil it is the same for all providers of stories, in
	// every process: making it takes a tenth of a second, once.
	Key *rsa.PrivateKey
}

// Provider is an OpenID Connect provider (OpenID Connect Core 1.0; discovery, code flow,
// PKCE, userinfo) with one client, whose users are those that a story names. It is an
// [http.Handler] and safe for concurrent use. Besides the endpoints of the standard it
// has PUT /identity, which sets the person that signs in when a request names none.
type Provider struct {
	cfg ProviderConfig
	key jwk
	mux *http.ServeMux

	mu      sync.Mutex
	someone Identity
	codes   map[string]grant
	access  map[string]grant
}

// grant is what a code or an access token stands for.
type grant struct {
	who                 persona
	nonce, redirect     string
	challenge, transfer string // PKCE: code_challenge and its method
	until               time.Time
}

// NewProvider makes a provider with one person, somebody@example.org, until another is set. It refuses an
// issuer that is no http or https address.
func NewProvider(c ProviderConfig) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("device: provider: the issuer %q is no web address; write http://127.0.0.1:2590", c.Issuer)
	}
	if c.ClientID == "" && c.ClientSecret == "" {
		c.ClientID, c.ClientSecret = ClientID, ClientSecret
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Entropy == nil {
		c.Entropy = rand.Reader
	}
	if c.Key == nil {
		if c.Key, err = usualKey(); err != nil {
			return nil, err
		}
	}
	p := &Provider{
		cfg: c, codes: map[string]grant{}, access: map[string]grant{},
		someone: Identity{"sub": "somebody", "email": "somebody@example.org", "email_verified": true, "name": "Somebody"},
	}
	if p.key, err = publish(&c.Key.PublicKey); err != nil {
		return nil, err
	}
	p.routes()
	return p, nil
}

// random makes a text that nobody guesses.
func (p *Provider) random() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := make([]byte, 16)
	if _, err := io.ReadFull(p.cfg.Entropy, b); err != nil {
		return "", fmt.Errorf("device: provider: randomness: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// Issuer is the provider's own name, as it stands in its tokens.
func (p *Provider) Issuer() string { return p.cfg.Issuer }

// SetDefault sets the person that signs in when a request names none. An identity that
// cannot be understood is an error and changes nothing.
func (p *Provider) SetDefault(who Identity) error {
	if _, err := who.read(p.cfg.Now()); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.someone = maps.Clone(who)
	return nil
}

// Authorize plays a person at the provider: request is the address that the server sent
// the browser to, and the answer is the address that the provider sends it back to, with
// a code or an error (OpenID Connect Core 1.0, section 3.1.2). A nil identity is the
// person set by [Provider.SetDefault]. A request that names no address to go back to, or is not of
// the provider's client, is an error, since a provider must not follow it anywhere.
func (p *Provider) Authorize(request string, who Identity) (string, error) {
	u, err := url.Parse(request)
	if err != nil {
		return "", errors.New("device: provider: the request is no address")
	}
	if u.Scheme+"://"+u.Host+u.Path != p.cfg.Issuer+"/authorize" {
		return "", fmt.Errorf("device: provider: the browser was not sent to %s/authorize but to %s://%s%s", p.cfg.Issuer, u.Scheme, u.Host, u.Path)
	}
	return p.authorize(u.Query(), who)
}

// authorize answers an authorization request that was already found to be for us.
func (p *Provider) authorize(q url.Values, who Identity) (string, error) {
	if who == nil {
		p.mu.Lock()
		who = p.someone
		p.mu.Unlock()
	}
	person, err := who.read(p.cfg.Now())
	if err != nil {
		return "", err
	}
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || back.Fragment != "" {
		return "", fmt.Errorf("device: provider: redirect_uri %q is no address to go back to", q.Get("redirect_uri"))
	}
	if got := q.Get("client_id"); got != p.cfg.ClientID {
		return "", fmt.Errorf("device: provider: client_id is %q; the client is called %q", got, p.cfg.ClientID)
	}
	answer := back.Query()
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	if person.state != nil {
		answer.Set("state", *person.state)
		if *person.state == "" {
			answer.Del("state")
		}
	}
	g := grant{
		who: person, nonce: q.Get("nonce"), redirect: q.Get("redirect_uri"),
		challenge: q.Get("code_challenge"), transfer: q.Get("code_challenge_method"),
	}
	refusal := person.refusal
	if refusal == "" {
		refusal = g.unusable(q)
	}
	if refusal != "" {
		answer.Set("error", refusal)
		back.RawQuery = answer.Encode()
		return back.String(), nil
	}
	code, err := p.keep(p.codes, g, codeLife)
	if err != nil {
		return "", err
	}
	if person.badCode {
		code = "not" + code
	}
	answer.Set("code", code)
	back.RawQuery = answer.Encode()
	return back.String(), nil
}

// unusable names the fault of a request that its client may learn (RFC 6749, section
// 4.1.2.1); empty if there is none.
func (g grant) unusable(q url.Values) string {
	switch {
	case q.Get("response_type") != "code":
		return "unsupported_response_type"
	case g.challenge == "" && g.transfer != "", g.transfer != "" && g.transfer != "S256" && g.transfer != "plain":
		return "invalid_request"
	}
	return ""
}

// keep files a grant under a new name and throws away those whose time is over.
func (p *Provider) keep(where map[string]grant, g grant, life time.Duration) (string, error) {
	name, err := p.random()
	if err != nil {
		return "", err
	}
	now := p.cfg.Now()
	g.until = now.Add(life)
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(where, func(_ string, old grant) bool { return !old.until.After(now) })
	where[name] = g
	return name, nil
}

// find looks a grant up, and takes it away if it works once only.
func (p *Provider) find(where map[string]grant, name string, once bool) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := where[name]
	if once {
		delete(where, name)
	}
	return g, ok && g.until.After(p.cfg.Now())
}
