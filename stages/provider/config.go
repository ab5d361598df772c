package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Config is one configured provider.
type Config struct {
	// ID names it on the wire and in [Assertion.Provider]: small letters, digits, - and
	// _, at most 64. Empty is the same as Kind.
	ID string
	// Kind is one of [Kinds].
	Kind string
	// Name is what people see; empty is the kind's own.
	Name string
	// ClientID is ours at the provider. It may be several, separated by commas, where
	// apps and web site have their own: the first is used for redirects, id_tokens are
	// accepted for all. All kinds but dummy need it.
	ClientID string
	// Secret is the client's. Without it the client is public (RFC 6749 section 2.1).
	Secret string
	// ServerURL is the issuer of a kind that is hosted in many places, with or without
	// /.well-known/openid-configuration; the address of one's own GitHub or GitLab; for
	// dummy the path or URL of the page that asks who to be. Whether plain http will do
	// is for the caller to say; an https issuer is never left for http.
	ServerURL string
	// Scope replaces the kind's own list. OpenID Connect providers get openid in any
	// case.
	Scope []string
	// AuthParams go along with each authorization request. They cannot replace what the
	// protocol needs.
	AuthParams map[string]string
	// TokenAuthMethod is client_secret_basic or client_secret_post; empty lets the kind
	// or the provider's metadata decide (OpenID Connect Core, section 9).
	TokenAuthMethod string
	// VerifiedEmail takes this provider's addresses as verified although it does not say
	// so. EmailAuthentication is only kept for the caller: it lets a verified address
	// sign in to the account that has it.
	VerifiedEmail, EmailAuthentication bool
	// SkipEmail asks for no addresses: it leaves out the scopes and requests that bring
	// nothing else.
	SkipEmail bool
	// Settings are the kind's own. All kinds have uid_field, the path of the UID in the
	// profile, if it is to be another than the kind's. Those with a userinfo endpoint
	// have fetch_userinfo (true or false; false takes the id_token alone). Apple has
	// team_id, key_id and private_key (PKCS #8 PEM), Microsoft tenant and graph, GitHub
	// api, Facebook version, Reddit user_agent.
	Settings map[string]string
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
	vars                map[string]string
	apple               *appleKey

	now  func() time.Time
	once func(context.Context, string, time.Time) (bool, error)
	web  web
	// meta are the endpoints; limited those of id_tokens that only apps bring.
	meta    *remembered[*endpoints]
	static  *endpoints
	limited *endpoints
}

// New checks a configuration and makes a provider of it. It asks nobody anything: an
// OpenID Connect provider's metadata is fetched when it is first needed. The error tells
// all faults together, each with the key it is about, and no secret.
func New(cfg Config, deps Deps) (*Provider, error) {
	k, ok := kindOf(cfg.Kind)
	if !ok {
		return nil, fmt.Errorf("provider %s: unknown kind %s: kinds are %v", cfg.key(), clip(cfg.Kind), Kinds())
	}
	p := &Provider{
		id: cfg.key(), name: cfg.Name, serverURL: cfg.ServerURL, kind: k,
		clientIDs: listed(cfg.ClientID), allClientIDs: cfg.ClientID, secret: cfg.Secret, authMethod: cfg.TokenAuthMethod,
		scope: scopeOf(cfg, k), authParams: cfg.AuthParams,
		uidField: cfg.Settings["uid_field"], userInfo: k.UserInfo && cfg.Settings["fetch_userinfo"] != "false",
		verifiedEmail: cfg.VerifiedEmail, emailAuthentication: cfg.EmailAuthentication, skipEmail: cfg.SkipEmail,
		now: deps.Now, once: deps.Once,
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
	if err := errors.Join(faults...); err != nil {
		return nil, p.named(err)
	}
	headers := map[string]string{}
	for name, text := range k.Headers {
		headers[name] = p.expand(text)
	}
	p.web = newWeb(deps.Client, headers)
	p.prepare()
	return p, nil
}

// prepare says where the endpoints come from.
func (p *Provider) prepare() {
	if !p.kind.openID() {
		p.static = p.fixed()
	} else {
		p.issuer = p.expand(p.kind.Issuer)
		p.meta = &remembered[*endpoints]{
			fetch: p.discover, now: p.now, fresh: metadataFresh, stale: metadataStale, pause: fetchPause,
		}
	}
	if p.kind.TokenIssuer != "" {
		p.limited = &endpoints{issuer: p.kind.TokenIssuer, algs: algorithms(nil), keys: p.keySet(p.kind.TokenKeys)}
	}
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
func (p *Provider) confidential() bool { return p.secret != "" || p.apple != nil }

// clientID is the one for redirects.
func (p *Provider) clientID() string {
	if len(p.clientIDs) == 0 {
		return ""
	}
	return p.clientIDs[0]
}
