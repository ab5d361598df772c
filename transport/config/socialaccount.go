package config

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stagedoor/stages"
)

// SocialAccount is about signing in with an account elsewhere.
type SocialAccount struct {
	// Only leaves providers as the one way in: there is no sign-in by name, no sign-up by form,
	// no password, address or number to change. It goes with account.email_verification none
	// and empty mfa.supported_types.
	Only bool `koanf:"only"`
	// SignupOpen lets strangers make accounts by a provider; nil is as account.signup_enabled.
	SignupOpen *bool `koanf:"signup_open"`
	// AutoSignup makes the account without a form where nothing is missing.
	AutoSignup bool `koanf:"auto_signup"`
	// EmailAuthentication signs in to the local account that has the verified
	// address a provider calls verified. Only for providers that can be trusted.
	EmailAuthentication            bool `koanf:"email_authentication"`
	EmailAuthenticationAutoConnect bool `koanf:"email_authentication_auto_connect"`
	// EmailVerification is that of account.email_verification when empty.
	EmailVerification string `koanf:"email_verification"`
	// EmailRequired wants an address of who signs up by a provider; nil is "where
	// account.signup_fields does".
	EmailRequired *bool `koanf:"email_required"`
	// QueryEmail asks the provider for the address; nil is "where sign-up has one".
	QueryEmail *bool `koanf:"query_email"`
	// ReauthenticationRequired asks signed-in clients for a recent proof of whose
	// session it is before accounts are connected and disconnected; nil is
	// "as account.reauthentication_required".
	ReauthenticationRequired *bool `koanf:"reauthentication_required"`
	// OpenIDConnectURLPrefix stands in the path on which providers of the kind openid_connect
	// send browsers back, /accounts/oidc/ID/login/callback/; empty is /accounts/ID/login/callback/,
	// which always answers, too.
	OpenIDConnectURLPrefix string `koanf:"openid_connect_url_prefix"`
	// RequestsTimeout is for one request to a provider, in seconds.
	RequestsTimeout Seconds `koanf:"requests_timeout"`
	// Providers are offered in this order. In the environment a provider is
	// named by its id: STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MOCK__SECRET.
	Providers []Provider `koanf:"providers"`
	// Kinds are kinds of provider that the program around the server adds, for providers to
	// name. They cannot be set in a file; server.Options.Providers sets them.
	Kinds []stages.ProviderKind `koanf:"-"`
}

// SocialSignupOpen says whether strangers may make accounts by a provider.
func (c Config) SocialSignupOpen() bool {
	if open := c.SocialAccount.SignupOpen; open != nil {
		return *open
	}
	return c.Account.SignupEnabled
}

// ProofMethods are the ways to prove again who one is, of password, code and mfa. Where
// third parties are the one way in, no code is sent.
func (c Config) ProofMethods() []string {
	return slices.DeleteFunc(slices.Clone(c.Account.ReauthenticationMethods), func(method string) bool {
		return method == "code" && c.SocialAccount.Only
	})
}

// SocialEmailRequired says whether who signs up by a provider must have an address.
func (c Config) SocialEmailRequired() bool {
	if required := c.SocialAccount.EmailRequired; required != nil {
		return *required
	}
	return required(c.Account, "email")
}

// socialVerification is account.email_verification, or that of who comes by a provider.
func (c Config) socialVerification() string {
	return cmp.Or(c.SocialAccount.EmailVerification, c.Account.EmailVerification)
}

// ReauthenticatesProviders says whether accounts are connected and disconnected only
// by clients that have proved lately whose session it is.
func (c Config) ReauthenticatesProviders() bool {
	if own := c.SocialAccount.ReauthenticationRequired; own != nil {
		return *own
	}
	return c.Account.ReauthenticationRequired
}

// FollowsSignOuts says whether any provider has sign_out or backchannel_logout.
func (c Config) FollowsSignOuts() bool {
	return slices.ContainsFunc(c.SocialAccount.Providers, func(p Provider) bool { return p.SignOut || p.BackchannelLogout })
}

// kind returns a kind that the program adds, or nil.
func (s SocialAccount) kind(id string) *stages.ProviderKind {
	for i := range s.Kinds {
		if s.Kinds[i].ID == id {
			return &s.Kinds[i]
		}
	}
	return nil
}

// Provider is one third party that people sign in with.
type Provider struct {
	// ID names it on the wire; empty is the same as Provider.
	ID string `koanf:"id"`
	// Provider is its kind: openid_connect, google, github, ...
	Provider string `koanf:"provider"`
	// Name is what people see; empty is the kind's own name.
	Name     string `koanf:"name"`
	ClientID string `koanf:"client_id"`
	// Secret may be empty for a public client.
	Secret Secret `koanf:"secret"`
	// ServerURL is the issuer, for kinds that are hosted in many places.
	ServerURL string `koanf:"server_url"`
	// Scope replaces the kind's own list.
	Scope []string `koanf:"scope"`
	// AuthParams go along with the authorization request.
	AuthParams map[string]string `koanf:"auth_params"`
	// TokenAuthMethod is client_secret_basic, client_secret_post or private_key_jwt; empty
	// lets discovery decide between the first two (OpenID Connect Core, section 9). The last
	// signs with settings.private_key (PEM).
	TokenAuthMethod string `koanf:"token_auth_method"`
	// IDTokenAlgs are the algorithms of id_tokens; empty is what the provider announces of
	// those with key pairs. HS256, HS384 and HS512 are verified with the secret, and go with
	// no other.
	IDTokenAlgs []string `koanf:"id_token_algs"`
	// OpenIDConfigurationOverrides stand in place of what the provider's metadata say: issuer,
	// authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint and
	// pushed_authorization_request_endpoint.
	OpenIDConfigurationOverrides map[string]string `koanf:"openid_configuration_overrides"`
	// PushedAuthorizationRequests hands authorization requests in before (RFC 9126); it is
	// done in any case where the provider demands it.
	PushedAuthorizationRequests bool `koanf:"pushed_authorization_requests"`
	// EmailAuthentication is that of socialaccount.email_authentication for this
	// provider alone; VerifiedEmail takes its addresses as verified although it
	// does not say so.
	EmailAuthentication bool `koanf:"email_authentication"`
	VerifiedEmail       bool `koanf:"verified_email"`
	// SignOut has who signs out here sign out at the provider, too, and PostLogoutRedirectURI is
	// where that sends them next, as it is registered there (OpenID Connect RP-Initiated Logout).
	// BackchannelLogout ends sessions here when the provider says that their person has signed
	// out there (OpenID Connect Back-Channel Logout).
	SignOut               bool   `koanf:"sign_out"`
	PostLogoutRedirectURI string `koanf:"post_logout_redirect_uri"`
	BackchannelLogout     bool   `koanf:"backchannel_logout"`
	// LogoutTokenMaxAge takes words of such a provider that do not say until when they are good
	// for so many seconds, 600 at most; 0 takes none.
	LogoutTokenMaxAge Seconds `koanf:"logout_token_max_age"`
	// Settings are the kind's own, such as the tenant or a signing key.
	Settings map[string]Secret `koanf:"settings"`
}

// Key is the provider's id on the wire: ID, or the kind where that is empty.
func (p Provider) Key() string {
	if p.ID == "" {
		return p.Provider
	}
	return p.ID
}

// CallbackPath is where a provider sends browsers back to. Amazon Cognito takes no address with
// an underscore in it, and has a hyphen there, as django-allauth does.
func (s SocialAccount) CallbackPath(p Provider) string {
	if p.Provider == "amazon_cognito" || p.Provider == "cognito" {
		return "/accounts/" + strings.ReplaceAll(p.Key(), "_", "-") + "/login/callback/"
	}
	if p.Provider == "openid_connect" && s.OpenIDConnectURLPrefix != "" {
		return "/accounts/" + s.OpenIDConnectURLPrefix + "/" + p.Key() + "/login/callback/"
	}
	return "/accounts/" + p.Key() + "/login/callback/"
}

// BackchannelPath is where a provider says that somebody has signed out there.
func (s SocialAccount) BackchannelPath(p Provider) string {
	return "/accounts/" + p.Key() + "/logout/backchannel/"
}

// ProviderConfig is a provider as stages take it.
func (c Config) ProviderConfig(p Provider) stages.ProviderConfig {
	ask, _ := c.Account.SignupField("email")
	if c.SocialAccount.QueryEmail != nil {
		ask = *c.SocialAccount.QueryEmail
	}
	cfg := stages.ProviderConfig{
		ID: p.ID, Kind: p.Provider, Name: p.Name, ClientID: p.ClientID, Secret: p.Secret.Reveal(), ServerURL: p.ServerURL,
		Scope: p.Scope, AuthParams: p.AuthParams, TokenAuthMethod: p.TokenAuthMethod,
		VerifiedEmail: p.VerifiedEmail, EmailAuthentication: p.EmailAuthentication,
		SkipEmail: !ask, Settings: make(map[string]string), Own: c.SocialAccount.kind(p.Provider),
		IDTokenAlgs: p.IDTokenAlgs, Overrides: p.OpenIDConfigurationOverrides, PushedRequests: p.PushedAuthorizationRequests,
		SignOut: p.SignOut, PostLogoutRedirectURI: p.PostLogoutRedirectURI, BackchannelLogout: p.BackchannelLogout,
		LogoutTokenMaxAge: p.LogoutTokenMaxAge.Duration(),
	}
	for name, value := range p.Settings {
		cfg.Settings[name] = value.Reveal()
	}
	if !p.Secret.Known() {
		cfg.IDTokenAlgs = nil // whether it is long enough is not known
	}
	if key := p.Settings["private_key"]; !key.Known() && p.TokenAuthMethod == "private_key_jwt" {
		cfg.TokenAuthMethod = ""
		delete(cfg.Settings, "private_key")
	}
	if !p.Secret.Known() && cfg.Settings["private_key"] == "" {
		// A key that makes the secret is as little here as the secret.
		delete(cfg.Settings, "team_id")
		delete(cfg.Settings, "key_id")
	}
	return cfg
}

// providerID is what may stand in a URL's path and in an environment variable.
var providerID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// socialAccount checks sign-in by third parties.
func (k *checker) socialAccount() {
	s := k.c.SocialAccount
	if s.EmailVerification != "" {
		k.oneOf("socialaccount.email_verification", s.EmailVerification, "mandatory", "optional", "none")
	}
	if s.Only {
		k.onlyProviders()
	}
	asked, _ := k.c.Account.SignupField("email")
	switch required := k.c.SocialEmailRequired(); {
	case required && !asked:
		k.wrong("socialaccount.email_required", "sign-up has no field for an address", nil, `add "email" to account.signup_fields`)
	case !required && s.EmailRequired != nil && k.c.socialVerification() == "mandatory":
		k.wrong("socialaccount.email_required", "accounts would have no address to verify", *s.EmailRequired,
			"leave it out, or set socialaccount.email_verification to optional or none")
	}
	trusting := func(p Provider) bool { return p.EmailAuthentication }
	if s.EmailAuthenticationAutoConnect && !s.EmailAuthentication && !slices.ContainsFunc(s.Providers, trusting) {
		k.wrong("socialaccount.email_authentication_auto_connect", "nobody signs in by e-mail authentication", nil,
			"set socialaccount.email_authentication, too")
	}
	if p := s.OpenIDConnectURLPrefix; p != "" && !providerID.MatchString(p) {
		k.wrong("socialaccount.openid_connect_url_prefix", "not a part of a path", p, "write it of a-z, 0-9, - and _, such as oidc")
	}
	k.age("socialaccount.requests_timeout", s.RequestsTimeout)
	var seen, paths []string
	for i, p := range s.Providers {
		key, path := indexed("socialaccount.providers", i), s.CallbackPath(p)
		k.provider(key, p)
		switch id := p.Key(); {
		case id != "" && slices.Contains(seen, id):
			k.wrong(key+".id", "taken by another provider", id, "give each its own id")
		case id != "" && slices.Contains(paths, path):
			k.wrong(key+".id", "another provider sends people back to the same address, "+path, id, "give it another id")
		}
		seen, paths = append(seen, p.Key()), append(paths, path)
	}
}

// onlyProviders checks that nothing else is wanted where providers are the one way in.
func (k *checker) onlyProviders() {
	a := k.c.Account
	const with = "clashes with socialaccount.only"
	if len(k.c.SocialAccount.Providers) == 0 {
		k.wrong("socialaccount.only", "there is no provider, so that nobody could sign in", nil, "list socialaccount.providers")
	}
	if a.EmailVerification != "none" || k.c.socialVerification() != "none" {
		k.wrong("account.email_verification", with, a.EmailVerification, "addresses are the providers' business: set it, and socialaccount.email_verification, to none")
	}
	if a.LoginByCodeEnabled {
		k.wrong("account.login_by_code_enabled", with, nil, "providers are the one way in")
	}
	if len(k.c.MFA.SupportedTypes) > 0 {
		k.wrong("mfa.supported_types", with, strings.Join(k.c.MFA.SupportedTypes, ","), "second factors are the providers' business: write []")
	}
}

func (k *checker) provider(key string, p Provider) {
	before := len(k.faults)
	hosted, known := stages.SelfHostedProvider(p.Provider)
	if !known && k.c.SocialAccount.kind(p.Provider) == nil {
		// Of two names for one kind the hint has the short one.
		kinds := slices.DeleteFunc(stages.ProviderKinds(), func(kind string) bool { return strings.HasSuffix(kind, "_oauth2") })
		hint := "kinds are " + strings.Join(kinds, ", ")
		low := strings.ToLower(p.Provider)
		if slices.Contains(stages.ProviderKinds(), low+"_oauth2") {
			hint = "did you mean " + low + "_oauth2"
		} else if near := nearest(strings.TrimSuffix(low, "_oauth2"), kinds); near != "" {
			hint = "did you mean " + near
		}
		k.wrong(key+".provider", "unknown kind of provider", p.Provider, hint)
	}
	if p.Provider == "dummy" && !k.c.Dev.Enabled {
		k.wrong(key+".provider", "dummy lets anybody be anyone", nil, "it needs dev.enabled")
	}
	if p.ID != "" && !providerID.MatchString(p.ID) {
		k.wrong(key+".id", "not an id", p.ID, "small letters, digits, - and _")
	}
	if p.ClientID == "" && stages.ProviderNeedsClient(p.Provider) {
		k.wrong(key+".client_id", "missing", nil, "the provider gives one when the server is registered with it")
	}
	switch {
	case p.ServerURL != "":
		k.webURL(key+".server_url", p.ServerURL)
	case hosted:
		example := "https://login.example.com"
		switch p.Provider {
		case "keycloak":
			example += "/realms/staff"
		case "shopify":
			example = "https://acme.myshopify.com"
		}
		k.wrong(key+".server_url", "missing", nil, "the issuer of this kind, such as "+example)
	}
	if k.c.SocialAccount.kind(p.Provider) == nil {
		k.settingURLs(key, p)
	}
	if p.TokenAuthMethod != "" {
		k.oneOf(key+".token_auth_method", p.TokenAuthMethod, "client_secret_basic", "client_secret_post", "private_key_jwt")
	}
	for _, name := range slices.Sorted(maps.Keys(p.OpenIDConfigurationOverrides)) {
		k.webURL(key+".openid_configuration_overrides", p.OpenIDConfigurationOverrides[name])
	}
	if len(k.faults) > before {
		return
	}
	// What else a kind wants is known where it is made.
	if err := stages.CheckProvider(k.c.ProviderConfig(p)); err != nil {
		for line := range strings.Lines(err.Error()) {
			k.wrong(key, strings.TrimSpace(line), nil, "go doc ./stages ProviderConfig says what each kind takes")
		}
	}
}
