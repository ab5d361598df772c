package stages

import (
	"errors"
	"net/url"
	"time"

	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// The flows that are entered through a provider.
const (
	ProviderTokenFlow    engine.FlowID = "provider_token"
	ProviderRedirectFlow engine.FlowID = "provider_redirect"
	ProviderSignupFlow   engine.FlowID = "provider_signup"
)

// ProviderConfig is one provider that people may sign in with.
type ProviderConfig struct {
	// ID names it on the wire and in connected accounts: small letters, digits, - and _, at
	// most 64. Empty is the same as Kind.
	ID string
	// Kind is one of [ProviderKinds], or the ID of Own.
	Kind string
	// Own is the kind itself, where the program has added it; nil for the shipped ones.
	Own *ProviderKind
	// Name is what people see; empty is the kind's own.
	Name string
	// ClientID is ours at the provider. It may be several, separated by commas, where apps
	// and web site have their own: the first is used for redirects, id_tokens are accepted
	// for all. All kinds but dummy and Steam need it.
	ClientID string
	// Secret is the client's. Without it the client is public (RFC 6749 section 2.1).
	Secret string
	// ServerURL is the issuer of a kind that is hosted in many places, with or without
	// /.well-known/openid-configuration; the address of one's own GitHub or GitLab; for
	// dummy the path or URL of the page that asks who to be. Whether plain http will do is
	// for the caller to say; an https issuer is never left for http.
	ServerURL string
	// Scope replaces the kind's own list. OpenID Connect providers get openid in any case.
	Scope []string
	// AuthParams go along with each authorization request. They cannot replace what the
	// protocol needs.
	AuthParams map[string]string
	// TokenAuthMethod is client_secret_basic, client_secret_post or private_key_jwt; empty lets
	// the kind or the provider's metadata decide between the first two (OpenID Connect Core,
	// section 9).
	TokenAuthMethod string
	// IDTokenAlgs are the algorithms of id_tokens that are accepted; empty are those with key
	// pairs that the provider announces. HS256, HS384 and HS512 are verified with the secret
	// (OpenID Connect Core, section 3.1.3.7, 8) and cannot be mixed with others.
	IDTokenAlgs []string
	// Overrides stand in place of members of the provider's metadata: issuer,
	// authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint,
	// pushed_authorization_request_endpoint, end_session_endpoint. With the first four there, or but for jwks_uri
	// where the secret verifies, no metadata are asked for.
	Overrides map[string]string
	// PushedRequests hands authorization requests in before the browser is sent (RFC 9126), also
	// where the provider does not demand that.
	PushedRequests bool
	// VerifiedEmail takes this provider's addresses as verified although it does not say so.
	// EmailAuthentication lets a verified address sign in to the account that has it.
	VerifiedEmail, EmailAuthentication bool
	// SkipEmail asks for no addresses: it leaves out the scopes and requests that bring
	// nothing else.
	SkipEmail bool
	// SignOut keeps the id_token of a session, sealed, and has who signs out here sign out at the
	// provider, too, where that has an end_session_endpoint (OpenID Connect RP-Initiated Logout).
	// PostLogoutRedirectURI is where it sends people after that, as it was registered there; empty
	// leaves them on its page.
	SignOut               bool
	PostLogoutRedirectURI string
	// BackchannelLogout ends sessions here whose person has signed out at the provider (OpenID
	// Connect Back-Channel Logout).
	BackchannelLogout bool
	// LogoutTokenMaxAge takes logout_tokens without exp for so long after their iat, ten minutes
	// at most; 0 takes none (section 2.4: exp is required).
	LogoutTokenMaxAge time.Duration
	// Settings are the kind's own. All kinds have uid_field, the path of the UID in the
	// profile, if it is to be another than the kind's. Those with a userinfo endpoint have
	// fetch_userinfo (true or false; false takes the id_token alone). Those that speak OpenID
	// Connect have private_key (PEM, with the key's certificate where the provider knows it by that, as
	// Microsoft does), key_id and assertion_audience (issuer or token_endpoint) for private_key_jwt. Apple has team_id,
	// key_id and private_key (PKCS #8 PEM), Microsoft tenant and graph, GitHub api, Facebook
	// and Shopify version, Reddit user_agent, PayPal host, Weixin page.
	//
	// The kind oauth2 is any OAuth 2.0 server, and its settings say all of it: authorize_url,
	// token_url, profile_url and uid_field are required; profile_method (get, post),
	// profile_root, scope_separator (a space, a comma, a semicolon), pkce (false for a server
	// that refuses a code_challenge); username_field, name_field, given_name_field,
	// family_name_field, email_field, email_verified_field, phone_field,
	// phone_verified_field, picture_field; emails_url, an API that lists addresses, with
	// emails_root, emails_email_field, emails_primary_field, emails_verified_field. A root or
	// field is a path: names and indices joined by dots. Without email_verified_field no
	// address of the profile is verified.
	Settings map[string]string
}

// String names the provider. There are secrets in the rest.
func (c ProviderConfig) String() string { return c.inner().String() }

// GoString is String, so that %#v shows no secret either.
func (c ProviderConfig) GoString() string { return c.String() }

// inner is the configuration as the package of providers takes it.
func (c ProviderConfig) inner() provider.Config {
	out := provider.Config{
		ID: c.ID, Kind: c.Kind, Name: c.Name, ClientID: c.ClientID, Secret: c.Secret, ServerURL: c.ServerURL, Scope: c.Scope,
		AuthParams: c.AuthParams, TokenAuthMethod: c.TokenAuthMethod, VerifiedEmail: c.VerifiedEmail,
		EmailAuthentication: c.EmailAuthentication, SkipEmail: c.SkipEmail, Settings: c.Settings,
		IDTokenAlgs: c.IDTokenAlgs, Overrides: c.Overrides, PushedRequests: c.PushedRequests,
		SignOut: c.SignOut, PostLogoutRedirectURI: c.PostLogoutRedirectURI, BackchannelLogout: c.BackchannelLogout,
		LogoutTokenMaxAge: c.LogoutTokenMaxAge,
	}
	if c.Own != nil {
		out.Kind, out.Own = c.Own.ID, c.Own.own(c)
	}
	return out
}

// SetProviders makes the providers that people may sign in with. Nobody is asked anything
// yet. HTTP, Now and Once are used from here on; development permits the kind dummy, where
// anybody can be anyone. The error tells all faults together, and no secret.
func (e *Env) SetProviders(list []ProviderConfig, development bool) error {
	deps := provider.Deps{Client: e.HTTP, Now: e.Now, Development: development, Once: e.Once}
	e.providers = nil
	var errs []error
	for _, c := range list {
		one, err := provider.New(c.inner(), deps)
		e.providers, errs = append(e.providers, one), append(errs, err)
	}
	return errors.Join(errs...)
}

// CheckProvider finds the faults of a provider's configuration, all together, one a line.
func CheckProvider(c ProviderConfig) error {
	_, err := provider.New(c.inner(), provider.Deps{Now: time.Now, Development: true})
	return err
}

// ProviderKinds lists the kinds of provider that there are without a program, aliases too,
// sorted.
func ProviderKinds() []string { return provider.Kinds() }

// SelfHostedProvider reports whether a kind of provider runs in many places, so that
// ServerURL is required, and whether there is such a kind at all.
func SelfHostedProvider(kind string) (hosted, known bool) { return provider.SelfHosted(kind) }

// ProviderNeedsClient reports whether a kind of provider gives its clients an id, so that
// ClientID is required.
func ProviderNeedsClient(kind string) bool { return provider.NeedsClient(kind) }

// DummyCode is the authorization code that the page of the provider dummy answers with, for
// the form that was filled in there.
func DummyCode(form url.Values) string { return provider.DummyCode(form) }

// PublicProviders are what everybody may know of the providers.
func (e *Env) PublicProviders() []state.Provider {
	out := make([]state.Provider, 0, len(e.providers))
	for _, p := range e.providers {
		out = append(out, publicProvider(p))
	}
	return out
}

func publicProvider(p *provider.Provider) state.Provider {
	return state.Provider{
		ID: p.ID(), Name: p.Name(), ClientID: p.ClientID(), Flows: p.Flows(), OpenID: p.OpenIDConfigurationURL(),
	}
}

// provider returns a configured provider, or nil.
func (e *Env) provider(id string) *provider.Provider {
	for _, p := range e.providers {
		if p.ID() == id {
			return p
		}
	}
	return nil
}

// ProviderIDs names the providers that a flow is entered through.
func (e *Env) ProviderIDs(flow engine.FlowID) []string {
	var out []string
	for _, p := range e.providers {
		switch flow {
		case ProviderTokenFlow:
			if !p.SupportsToken() {
				continue
			}
		case ProviderRedirectFlow, ProviderSignupFlow:
		default:
			continue
		}
		out = append(out, p.ID())
	}
	return out
}
