package config

// SocialAccount is about signing in with an account elsewhere.
type SocialAccount struct {
	// SignupOpen lets strangers make accounts by a provider.
	SignupOpen bool `koanf:"signup_open"`
	// AutoSignup makes the account without a form where nothing is missing.
	AutoSignup bool `koanf:"auto_signup"`
	// EmailAuthentication signs in to the local account that has the verified
	// address a provider vouches for. Only for providers that can be trusted.
	EmailAuthentication            bool `koanf:"email_authentication"`
	EmailAuthenticationAutoConnect bool `koanf:"email_authentication_auto_connect"`
	// EmailVerification is that of account.email_verification when empty.
	EmailVerification string `koanf:"email_verification"`
	// QueryEmail asks the provider for the address; nil is "where sign-up has one".
	QueryEmail *bool `koanf:"query_email"`
	// RequestsTimeout is for one request to a provider, in seconds.
	RequestsTimeout Seconds `koanf:"requests_timeout"`
	// Providers are offered in this order. In the environment a provider is
	// named by its id: STAGEDOOR_SOCIALACCOUNT__PROVIDERS__MOCK__SECRET.
	Providers []Provider `koanf:"providers"`
}

// Provider is one third party that vouches for people.
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
	// TokenAuthMethod is client_secret_basic or client_secret_post; empty lets
	// discovery decide (OpenID Connect Core, section 9).
	TokenAuthMethod string `koanf:"token_auth_method"`
	// EmailAuthentication is that of socialaccount.email_authentication for this
	// provider alone; VerifiedEmail takes its addresses as verified although it
	// does not say so.
	EmailAuthentication bool `koanf:"email_authentication"`
	VerifiedEmail       bool `koanf:"verified_email"`
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

// MFA is about second factors and passkeys.
type MFA struct {
	// SupportedTypes are of totp, recovery_codes and webauthn.
	SupportedTypes       []string `koanf:"supported_types"`
	PasskeyLoginEnabled  bool     `koanf:"passkey_login_enabled"`
	PasskeySignupEnabled bool     `koanf:"passkey_signup_enabled"`
	// PasskeyPresenceEnough lets a passkey that only proved presence, not who
	// holds it, pass without a second factor (WebAuthn, section 6.1).
	PasskeyPresenceEnough bool `koanf:"passkey_presence_enough"`
	// AllowUnverifiedEmail permits authenticators on accounts with an address
	// that is not verified.
	AllowUnverifiedEmail bool `koanf:"allow_unverified_email"`
	// TrustEnabled offers to skip the second factor in this browser for
	// TrustCookieAge seconds.
	TrustEnabled   bool    `koanf:"trust_enabled"`
	TrustCookieAge Seconds `koanf:"trust_cookie_age"`

	// TOTPPeriod is in seconds, TOTPTolerance in periods (RFC 6238).
	TOTPPeriod    int    `koanf:"totp_period"`
	TOTPDigits    int    `koanf:"totp_digits"`
	TOTPTolerance int    `koanf:"totp_tolerance"`
	TOTPIssuer    string `koanf:"totp_issuer"` // empty: the public URL's host

	RecoveryCodeCount     int  `koanf:"recovery_code_count"`
	RecoveryCodeDigits    int  `koanf:"recovery_code_digits"`
	RecoveryCodesShowOnce bool `koanf:"recovery_codes_show_once"`

	// WebAuthnRPID is the relying party's domain; empty is the public URL's host.
	WebAuthnRPID string `koanf:"webauthn_rp_id"`
	// WebAuthnRPName is what the browser shows; empty is the RP id.
	WebAuthnRPName string `koanf:"webauthn_rp_name"`
	// WebAuthnOrigins may run ceremonies; empty is the public URL's origin and
	// those of csrf_trusted_origins that belong to the RP id.
	WebAuthnOrigins []string `koanf:"webauthn_origins"`
	// WebAuthnAllowInsecureOrigin checks no origin at all, for trying on a
	// localhost.
	WebAuthnAllowInsecureOrigin bool `koanf:"webauthn_allow_insecure_origin"`
}

// Headless is about the headless contract. JWT ages are in seconds.
type Headless struct {
	// Mount is the path before /browser/v1 and /app/v1.
	Mount string `koanf:"mount"`
	// Clients are of browser and app.
	Clients []string `koanf:"clients"`
	// ServeSpecification serves the OpenAPI document.
	ServeSpecification bool         `koanf:"serve_specification"`
	FrontendURLs       FrontendURLs `koanf:"frontend_urls"`

	// TokenStrategy is session (opaque tokens) or jwt, for app clients.
	TokenStrategy string `koanf:"token_strategy"`
	// JWTAlgorithm is RS256, ES256, EdDSA or HS256 (RFC 7518, RFC 8037).
	JWTAlgorithm string `koanf:"jwt_algorithm"`
	// JWTPrivateKey is a PEM, or for HS256 the shared secret. Empty means: made
	// at the first start and kept in the data directory (embedded state only).
	JWTPrivateKey Secret `koanf:"jwt_private_key"`
	// JWTPreviousKeyFiles are PEM files that verify tokens, but sign none: keys
	// of before the last rotation.
	JWTPreviousKeyFiles   []string `koanf:"jwt_previous_key_files"`
	JWTAccessTokenExpires Seconds  `koanf:"jwt_access_token_expires_in"`
	// JWTRefreshTokenExpires is the age of the refresh token.
	JWTRefreshTokenExpires Seconds `koanf:"jwt_refresh_token_expires_in"`
	// JWTRotateRefreshToken hands out a new refresh token at each use.
	JWTRotateRefreshToken bool `koanf:"jwt_rotate_refresh_token"`
	// JWTReuseEndsFamily ends the session when a used refresh token comes back
	// late.
	JWTReuseEndsFamily bool `koanf:"jwt_reuse_ends_family"`
	// JWTStatefulValidation looks the session up for every access token.
	JWTStatefulValidation bool   `koanf:"jwt_stateful_validation_enabled"`
	JWTHeaderScheme       string `koanf:"jwt_authorization_header_scheme"`
}

// FrontendURLs are the pages of the front end that mails and redirects lead to.
// {key} stands for the key of the link. A path is one of the public URL.
type FrontendURLs struct {
	ConfirmEmail         string `koanf:"account_confirm_email"`
	ResetPassword        string `koanf:"account_reset_password"`
	ResetPasswordFromKey string `koanf:"account_reset_password_from_key"`
	Signup               string `koanf:"account_signup"`
	ProviderError        string `koanf:"socialaccount_login_error"`
	// Disown is where who did not sign up, although a letter says so, has the account
	// removed; empty is a page of the server itself.
	Disown string `koanf:"account_disown"`
}
