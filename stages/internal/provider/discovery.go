package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// metadataFresh is how long discovered metadata are taken without asking again, keysFresh
	// the keys: so long a withdrawn key may still be trusted. A key that is new is asked for when
	// it is first met.
	metadataFresh = 24 * time.Hour
	keysFresh     = 24 * time.Hour
	// metadataStale is how long they do while the provider cannot be reached.
	metadataStale = 48 * time.Hour
	// fetchPause is the least time between two fetches of what is not fresh or not there.
	fetchPause = 5 * time.Second
	// keysSpare is how many more fetches of keys a minute may come sooner.
	keysSpare = 3
	// wellKnown follows the issuer (OpenID Connect Discovery, section 4).
	wellKnown = "/.well-known/openid-configuration"
)

// endpoints are where a provider is spoken to.
type endpoints struct {
	issuer                string // "" where there is none; may hold {tenantid} (microsoft.go)
	server                string // where the account lives, for kinds that have several (zoho.go)
	auth, token, userinfo string
	endSession            string // "" where it has none
	style                 oauth2.AuthStyle
	pkce                  bool
	// mustName: each answer to an authorization request has an iss (RFC 9207).
	mustName bool
	// algs are those of id_tokens, userAlgs of a userinfo that is signed, assertionAlgs of an
	// assertion that stands for the client's secret: empty where nothing is said of that.
	algs, userAlgs, assertionAlgs []string
	keys, userKeys                oidc.KeySet
	// push is where authorization requests are handed in before (RFC 9126), "" where they go
	// with the browser.
	push string
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
	case p.authMethod == "client_secret_basic", p.authMethod == "" && basic:
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// metadata is what we read of a provider's metadata (OpenID Connect Discovery section 3,
// RFC 8414, RFC 9101, RFC 9126, RFC 9207).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Auth          string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Push          string   `json:"pushed_authorization_request_endpoint"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	UserAlgs      []string `json:"userinfo_signing_alg_values_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	AssertionAlgs []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	MustName      bool     `json:"authorization_response_iss_parameter_supported"`
	MustPush      bool     `json:"require_pushed_authorization_requests"`
	MustSign      bool     `json:"require_signed_request_object"`
}

// discover asks the issuer for its metadata, in one request.
func (p *Provider) discover(ctx context.Context) (*endpoints, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.issuer, "/")+wellKnown, http.NoBody)
	if err != nil {
		return nil, fault(ErrUnreachable, "the issuer is no URL")
	}
	data, err := p.web.answer(r)
	if err != nil {
		return nil, fault(ErrUnreachable, "no metadata: %v", err)
	}
	if _, err := parse(data); err != nil {
		return nil, fault(ErrUnreachable, "%s: no metadata", place(r.URL))
	}
	var m metadata
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fault(ErrUnreachable, "%s: no metadata", place(r.URL))
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
	if p.overrides["issuer"] == "" && m.Issuer != p.issuer && !p.isIssuer(m.Issuer) {
		return nil, misfit(ErrUnreachable, "the metadata of %s is that of another issuer, %s: if that is right, say so in openid_configuration_overrides.issuer", p.issuer, clip(m.Issuer))
	}
	m = p.overridden(m)
	for _, e := range []struct {
		name, text string
		optional   bool
	}{
		{"authorization_endpoint", m.Auth, false}, {"token_endpoint", m.Token, false}, {"jwks_uri", m.Keys, p.idAlgs.secret()},
		{"userinfo_endpoint", m.UserInfo, true}, {"pushed_authorization_request_endpoint", m.Push, true},
	} {
		if err := p.usable(e.name, e.text); err != nil && (e.text != "" || !e.optional) {
			return nil, err
		}
	}
	if err := p.asksTooMuch(m); err != nil {
		return nil, err
	}
	// client_secret_basic is the default, but a client id with a colon does not survive
	// it everywhere.
	basic := !slices.Contains(m.AuthMethods, "client_secret_post")
	at := &endpoints{
		issuer: m.Issuer, auth: m.Auth, token: m.Token, userinfo: m.UserInfo, endSession: p.signOutPage(m.EndSession),
		style:    p.style(basic),
		pkce:     !p.kind.NoPKCE && (len(m.Challenges) == 0 || slices.Contains(m.Challenges, "S256")),
		mustName: m.MustName, assertionAlgs: m.AssertionAlgs,
	}
	if p.pushes || m.MustPush {
		at.push = m.Push
	}
	p.provide(at, m)
	return at, nil
}

// provide says by what id_tokens and signed userinfo are verified: by the provider's keys, or
// where the configuration says so by the secret, never by both.
func (p *Provider) provide(at *endpoints, m metadata) {
	if p.idAlgs.secret() {
		at.algs, at.keys = p.idAlgs, secretKey{signatures(p.idAlgs), []byte(p.secret)}
		at.userAlgs, at.userKeys = at.algs, at.keys
		return
	}
	at.algs, at.userAlgs = p.idAlgs, p.idAlgs
	if len(p.idAlgs) == 0 {
		at.algs, at.userAlgs = algorithms(m.Algorithms), algorithms(m.UserAlgs)
	}
	at.keys = p.keySet(m.Keys, at.algs)
	at.userKeys = p.keySet(m.Keys, at.userAlgs)
}

// usable checks the URL of an endpoint. One that the configuration names may be plain http.
func (p *Provider) usable(name, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fault(ErrUnreachable, "the metadata of %s has no usable %s", p.issuer, name)
	}
	if u.Scheme != "https" && strings.HasPrefix(p.issuer, "https:") && p.overrides[name] == "" {
		return fault(ErrUnreachable, "the metadata of %s has a plain http %s", p.issuer, name)
	}
	return nil
}

// asksTooMuch says what of the things that a provider demands we cannot do.
func (p *Provider) asksTooMuch(m metadata) error {
	beyond := []string{byAssertion, "client_secret_jwt", "tls_client_auth", "self_signed_tls_client_auth"}
	other := slices.ContainsFunc(m.AuthMethods, func(method string) bool { return !slices.Contains(beyond, method) })
	switch {
	case m.MustSign:
		return misfit(ErrUnreachable, "%s takes signed authorization requests only (JAR, RFC 9101), which this server does not make", p.issuer)
	case (m.MustPush || p.pushes) && m.Push == "":
		return misfit(ErrUnreachable, "%s has no pushed_authorization_request_endpoint, and requests are to be pushed there", p.issuer)
	case p.authMethod == "" && p.confidential() && len(m.AuthMethods) > 0 && !other:
		hint := "which this server does not know"
		if slices.Contains(m.AuthMethods, byAssertion) {
			hint = "set token_auth_method to " + byAssertion
		}
		return misfit(ErrUnreachable, "%s takes no client secret, but %s: %s", p.issuer, listOf(m.AuthMethods), hint)
	}
	return nil
}
