package provider

import (
	"cmp"
	"slices"
	"strings"
)

// The ways to sign in with a provider, as the contract names them.
const (
	FlowRedirect = "provider_redirect"
	FlowToken    = "provider_token"
)

// ID names the provider on the wire.
func (p *Provider) ID() string { return p.id }

// Kind is the provider's kind; aliases are resolved.
func (p *Provider) Kind() string { return p.kind.ID }

// Name is what people see.
func (p *Provider) Name() string { return p.name }

// ClientID is our client id at the provider as it was configured, "" for dummy.
func (p *Provider) ClientID() string { return p.allClientIDs }

// Flows are the ways to sign in with this provider.
func (p *Provider) Flows() []string {
	if p.SupportsToken() {
		return []string{FlowRedirect, FlowToken}
	}
	return []string{FlowRedirect}
}

// SupportsToken tells whether apps may bring a token they got themselves.
func (p *Provider) SupportsToken() bool { return p.kind.Tokens }

// FormPost tells whether the callback is a POST from the provider's site (OAuth 2.0 Form
// Post Response Mode). Cookies that are SameSite=Lax do not come with it.
func (p *Provider) FormPost() bool {
	return cmp.Or(p.kind.AuthParams["response_mode"], p.authParams["response_mode"]) == "form_post"
}

// Local tells a provider whose page to choose an identity is to be served here (dummy).
func (p *Provider) Local() bool { return p.kind.special == isDummy }

// EmailAuthentication is that of the configuration.
func (p *Provider) EmailAuthentication() bool { return p.emailAuthentication }

// OpenIDConfigurationURL is where a client finds the provider's metadata, for the config
// endpoint. It is "" for kinds that do not tell it.
func (p *Provider) OpenIDConfigurationURL() string {
	switch {
	case !p.kind.Announced:
		return ""
	case strings.HasSuffix(p.serverURL, wellKnown):
		return p.serverURL
	}
	return strings.TrimSuffix(p.serverURL, "/") + wellKnown
}

// Issuer is that of the configuration, "" for providers without OpenID Connect.
func (p *Provider) Issuer() string { return cmp.Or(p.overrides["issuer"], p.issuer) }

// String names the provider. There are secrets in the rest.
func (p *Provider) String() string { return "provider " + p.id }

// GoString is String, so that %#v shows no secret either.
func (p *Provider) GoString() string { return p.String() }

// knows tells whether a client id is ours, and which ones a token of it may be for.
func (p *Provider) knows(clientID string) ([]string, bool) {
	switch {
	case clientID == p.allClientIDs:
		return p.clientIDs, true
	case slices.Contains(p.clientIDs, clientID):
		return []string{clientID}, true
	}
	return nil, false
}
