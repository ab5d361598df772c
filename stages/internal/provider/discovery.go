package provider

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// metadataFresh is how long discovered metadata, and the keys with it, are taken
	// without asking again: so long a withdrawn key may still be trusted.
	metadataFresh = time.Hour
	// metadataStale is how long they do while the provider cannot be reached.
	metadataStale = 24 * time.Hour
	// fetchPause is the least time between two fetches if the first failed.
	fetchPause = 5 * time.Second
	// wellKnown follows the issuer (OpenID Connect Discovery, section 4).
	wellKnown = "/.well-known/openid-configuration"
)

// endpoints are where a provider is spoken to.
type endpoints struct {
	issuer                string // "" where there is none; may hold {tenantid} (microsoft.go)
	auth, token, userinfo string
	style                 oauth2.AuthStyle
	pkce                  bool
	// mustName: each answer to an authorization request has an iss (RFC 9207).
	mustName bool
	algs     []string
	keys     oidc.KeySet
}

// fixed are the endpoints of a provider that has no metadata.
func (p *Provider) fixed() *endpoints {
	return &endpoints{
		auth: p.expand(p.kind.Auth), token: p.expand(p.kind.Token),
		style: p.style(p.kind.Basic), pkce: !p.kind.NoPKCE,
	}
}

// style says where the client's secret goes. Without one the client is public and sends
// its id alone.
func (p *Provider) style(basic bool) oauth2.AuthStyle {
	switch {
	case !p.confidential():
		return oauth2.AuthStyleInParams
	case p.authMethod == "client_secret_post":
		return oauth2.AuthStyleInParams
	case p.authMethod == "client_secret_basic", basic:
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// metadata is what we read of a provider's metadata (OpenID Connect Discovery section 3,
// RFC 8414, RFC 9207).
type metadata struct {
	Issuer      string   `json:"issuer"`
	Auth        string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	UserInfo    string   `json:"userinfo_endpoint"`
	Keys        string   `json:"jwks_uri"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	Challenges  []string `json:"code_challenge_methods_supported"`
	MustName    bool     `json:"authorization_response_iss_parameter_supported"`
}

// discover asks the issuer for its metadata.
func (p *Provider) discover(ctx context.Context) (*endpoints, error) {
	u, err := url.Parse(strings.TrimSuffix(p.issuer, "/") + wellKnown)
	if err != nil {
		return nil, fault(ErrUnreachable, "the issuer is no URL")
	}
	ctx = oidc.ClientContext(ctx, p.web.client)
	found, err := oidc.NewProvider(ctx, p.issuer)
	var other *oidc.IssuerMismatchError
	if errors.As(err, &other) {
		if !p.isIssuer(other.Discovered) {
			return nil, fault(ErrUnreachable, "the metadata of %s is that of another issuer, %s", p.issuer, clip(other.Discovered))
		}
		// Another name of the same issuer: ask again, expecting that one.
		found, err = oidc.NewProvider(oidc.InsecureIssuerURLContext(ctx, other.Discovered), p.issuer)
	}
	if err != nil {
		return nil, unreachable(ctx, u, err)
	}
	var m metadata
	if found.Claims(&m) != nil {
		return nil, fault(ErrUnreachable, "%s: no metadata", place(u))
	}
	return p.resolve(m)
}

// isIssuer tells whether metadata of an issuer that is not spelt as configured may be
// taken: a slash at the end does not matter, and Microsoft's tenants have many names.
func (p *Provider) isIssuer(issuer string) bool {
	return strings.TrimSuffix(issuer, "/") == strings.TrimSuffix(p.issuer, "/") || p.tenantIssuer(issuer)
}

// resolve checks metadata and makes endpoints of it.
func (p *Provider) resolve(m metadata) (*endpoints, error) {
	if m.Issuer != p.issuer && !p.isIssuer(m.Issuer) {
		return nil, fault(ErrUnreachable, "the metadata of %s is that of another issuer, %s", p.issuer, clip(m.Issuer))
	}
	for name, text := range map[string]string{
		"authorization_endpoint": m.Auth, "token_endpoint": m.Token, "jwks_uri": m.Keys, "userinfo_endpoint": m.UserInfo,
	} {
		if text == "" && name == "userinfo_endpoint" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fault(ErrUnreachable, "the metadata of %s has no usable %s", p.issuer, name)
		}
		if u.Scheme != "https" && strings.HasPrefix(p.issuer, "https:") {
			return nil, fault(ErrUnreachable, "the metadata of %s has a plain http %s", p.issuer, name)
		}
	}
	// client_secret_basic is the default, but a client id with a colon does not survive
	// it everywhere.
	basic := !slices.Contains(m.AuthMethods, "client_secret_post")
	return &endpoints{
		issuer: m.Issuer, auth: m.Auth, token: m.Token, userinfo: m.UserInfo,
		style:    p.style(basic),
		pkce:     !p.kind.NoPKCE && (len(m.Challenges) == 0 || slices.Contains(m.Challenges, "S256")),
		mustName: m.MustName, algs: algorithms(m.Algorithms), keys: p.keySet(m.Keys),
	}, nil
}
