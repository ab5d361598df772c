package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Config is one configured provider. Its fields are those of stages.ProviderConfig, which
// says what they mean.
type Config struct {
	ID, Kind, Name                     string
	ClientID, Secret, ServerURL        string
	Scope                              []string
	AuthParams                         map[string]string
	TokenAuthMethod                    string
	VerifiedEmail, EmailAuthentication bool
	SkipEmail                          bool
	Settings                           map[string]string
	IDTokenAlgs                        []string
	Overrides                          map[string]string
	PushedRequests                     bool
	SignOut, BackchannelLogout         bool
	PostLogoutRedirectURI              string
	LogoutTokenMaxAge                  time.Duration
	// Own is the kind itself, where a program has added it; Kind is its ID then.
	Own *Own
}

// String names the provider. There are secrets in the rest.
func (c Config) String() string { return fmt.Sprintf("provider %s of kind %s", c.key(), c.Kind) }

// GoString is String, so that %#v shows no secret either.
func (c Config) GoString() string { return c.String() }

func (c Config) key() string {
	if c.ID == "" {
		return c.Kind
	}
	return c.ID
}

// Deps are what a provider needs of the world.
type Deps struct {
	// Client does the requests: its transport and timeout are used, a timeout of 0 is
	// 10 s for each request. It may be nil.
	Client *http.Client
	// Now is the clock. It is required.
	Now func() time.Time
	// Development permits the kind dummy, where anybody can be anyone.
	Development bool
	// Once, if given, takes a name that must not come twice before the time until, and
	// tells whether this is the first time. It is asked for the jti of id_tokens that
	// apps bring (RFC 7519 section 4.1.7).
	Once func(ctx context.Context, name string, until time.Time) (bool, error)
}

// Provider is one configured provider. It is safe for concurrent use.
type Provider struct {
	id, name, serverURL string
	kind                kind
	clientIDs           []string
	allClientIDs        string // as configured, with the commas
	secret, authMethod  string
	issuer              string // to discover at; "" where nothing is
	scope               []string
	authParams          map[string]string
	uidField            string
	userInfo            bool
	verifiedEmail       bool
	emailAuthentication bool
	skipEmail           bool
	signOut             bool
	backchannel         bool
	afterSignOut        string
	logoutAge           time.Duration
	vars                map[string]string
	apple               *appleKey
	idAlgs              algList
	overrides           map[string]string
	pushes              bool
	signer              *assertionKey

	now  func() time.Time
	once func(context.Context, string, time.Time) (bool, error)
	web  web
	// meta are the endpoints; limited those of id_tokens that only apps bring.
	meta    *remembered[*endpoints]
	static  *endpoints
	limited *endpoints
	// published are the keys at publishedAt. Metadata are fetched one at a time.
	published   *remembered[[]jose.JSONWebKey]
	publishedAt string
}

// New checks a configuration and makes a provider of it. It asks nobody anything: an
// OpenID Connect provider's metadata is fetched when it is first needed. The error tells
// all faults together, each with the key it is about, and no secret.
func New(cfg Config, deps Deps) (*Provider, error) {
	k, ok := kindOf(cfg.Kind)
	if cfg.Own != nil {
		if err := cfg.Own.Check(); err != nil {
			return nil, fmt.Errorf("provider %s: %w", cfg.key(), err)
		}
		k, ok = cfg.Own.kind(), true
	}
	if k.special == isConfigured {
		k = k.configured(cfg.Settings)
	}
	if !ok {
		return nil, fmt.Errorf("provider %s: unknown kind %s: kinds are %v", cfg.key(), clip(cfg.Kind), Kinds())
	}
	p := &Provider{
		id: cfg.key(), name: cfg.Name, serverURL: cfg.ServerURL, kind: k,
		clientIDs: listed(cfg.ClientID), allClientIDs: cfg.ClientID, secret: cfg.Secret, authMethod: cfg.TokenAuthMethod,
		scope: scopeOf(cfg, k), authParams: cfg.AuthParams,
		uidField: cfg.Settings["uid_field"], userInfo: k.UserInfo && cfg.Settings["fetch_userinfo"] != "false",
		verifiedEmail: cfg.VerifiedEmail, emailAuthentication: cfg.EmailAuthentication, skipEmail: cfg.SkipEmail,
		idAlgs: cfg.IDTokenAlgs, overrides: cfg.Overrides, pushes: cfg.PushedRequests,
		signOut: cfg.SignOut, backchannel: cfg.BackchannelLogout, afterSignOut: cfg.PostLogoutRedirectURI,
		logoutAge: cfg.LogoutTokenMaxAge,
		now:       deps.Now, once: deps.Once,
	}
	if p.name == "" {
		p.name = k.Name
	}
	p.vars = varsOf(cfg, k, p.clientID())
	faults := check(cfg, k, deps)
	if k.special == isApple {
		key, err := appleKeyOf(cfg)
		faults = append(faults, err)
		p.apple = key
	}
	if cfg.TokenAuthMethod == byAssertion {
		key, err := assertionKeyOf(cfg, k)
		faults = append(faults, err)
		p.signer = key
	}
	if err := errors.Join(faults...); err != nil {
		return nil, p.named(err)
	}
	headers := map[string]string{}
	for name, text := range k.Headers {
		headers[name] = p.expand(text)
	}
	p.web = newWeb(deps.Client, headers)
	if err := p.prepare(); err != nil {
		return nil, p.named(err)
	}
	return p, nil
}

// prepare says where the endpoints come from.
func (p *Provider) prepare() error {
	p.issuer = p.expand(p.kind.Issuer)
	switch {
	case !p.kind.openID():
		p.static = p.fixed()
	case p.overridesAll():
		at, err := p.resolve(metadata{})
		if err != nil {
			return err
		}
		p.static = at
	default:
		p.meta = &remembered[*endpoints]{
			fetch: p.discover, now: p.now, fresh: metadataFresh, stale: metadataStale, pause: fetchPause,
		}
	}
	if p.kind.TokenIssuer != "" {
		p.limited = &endpoints{issuer: p.kind.TokenIssuer, algs: []string{oidc.RS256}}
		p.limited.keys = p.keySet(p.kind.TokenKeys, p.limited.algs)
	}
	return nil
}

// endpoints are where the provider is spoken to.
func (p *Provider) endpoints(ctx context.Context) (*endpoints, error) {
	if p.static != nil {
		return p.static, nil
	}
	return p.meta.get(ctx)
}

func (p *Provider) expand(text string) string { return expand(text, p.vars) }

// confidential tells a client that can prove who it is.
func (p *Provider) confidential() bool { return p.secret != "" || p.apple != nil || p.signer != nil }

// clientID is the one for redirects.
func (p *Provider) clientID() string {
	if len(p.clientIDs) == 0 {
		return ""
	}
	return p.clientIDs[0]
}
