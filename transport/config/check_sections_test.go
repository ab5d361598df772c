package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
)

func TestFaultsOfProviders(t *testing.T) {
	provider := func(p ...Provider) func(*Config) { return func(c *Config) { c.SocialAccount.Providers = p } }
	const kinds = "amazon, apple, auth0, bitbucket, discord, dropbox, dummy, facebook, github, gitlab, google, kakao, keycloak, line, linkedin, microsoft, naver, okta, openid_connect, reddit, salesforce, slack, spotify, twitch, x, yahoo, zoom"
	github := Provider{Provider: "github", ClientID: "c"}
	oidc := Provider{ID: "mock", Provider: "openid_connect", ClientID: "c", ServerURL: "https://idp.example.com"}
	at := func(p Provider, change func(*Provider)) func(*Config) { change(&p); return provider(github, p) }
	checkFaults(t, []faultCase{
		{provider(Provider{Provider: "spotify_oauth2", ClientID: "c"}),
			`socialaccount.providers[0].provider: unknown kind of provider (got "spotify_oauth2"); did you mean spotify`},
		{provider(Provider{ClientID: "c"}), `socialaccount.providers[0].provider: unknown kind of provider; kinds are ` + kinds},
		{provider(Provider{Provider: "dummy"}), `socialaccount.providers[0].provider: dummy lets anybody be anyone; it needs dev.enabled`},
		{provider(Provider{Provider: "github"}),
			`socialaccount.providers[0].client_id: missing; the provider gives one when the server is registered with it`},
		{provider(github, github), `socialaccount.providers[1].id: taken by another provider (got "github"); give each its own id`},
		{at(oidc, func(p *Provider) { p.ID = "My IdP" }), `socialaccount.providers[1].id: not an id (got "My IdP"); small letters, digits, - and _`},
		{at(oidc, func(p *Provider) { p.ServerURL = "" }),
			`socialaccount.providers[1].server_url: missing; the issuer of this kind, such as https://login.example.com`},
		{at(oidc, func(p *Provider) { p.ServerURL = "idp.example.com" }),
			`socialaccount.providers[1].server_url: not an http or https URL (got "idp.example.com"); such as https://login.example.com`},
		{at(oidc, func(p *Provider) { p.ServerURL = "http://idp.example.com" }),
			`socialaccount.providers[1].server_url: plain http to a public host (got "http://idp.example.com"); use https, so that nobody between can read or change it`},
		{at(oidc, func(p *Provider) { p.TokenAuthMethod = "basic" }),
			`socialaccount.providers[1].token_auth_method: not one of client_secret_basic, client_secret_post (got "basic"); the first is the usual choice`},
		{at(oidc, func(p *Provider) { p.Settings = map[string]Secret{"tenant": "x"} }),
			`socialaccount.providers[1]: provider mock: settings: openid_connect has no "tenant": it has fetch_userinfo, uid_field; go doc ./stages ProviderConfig says what each kind takes`},
		{func(c *Config) { c.SocialAccount.EmailVerification = "no" },
			`socialaccount.email_verification: not one of mandatory, optional, none (got "no"); the first is the usual choice`},
		{func(c *Config) { c.SocialAccount.EmailAuthenticationAutoConnect = true },
			`socialaccount.email_authentication_auto_connect: nobody signs in by e-mail authentication; set socialaccount.email_authentication, too`},
		{func(c *Config) { c.SocialAccount.RequestsTimeout = 0 },
			`socialaccount.requests_timeout: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
	})
}

func TestFaultsOfRest(t *testing.T) {
	uri := func(uri string) func(*Config) { return func(c *Config) { c.Rest.RedirectURIs = []string{uri} } }
	const example = "; such as https://app.example.com/callback or com.example.app:/callback"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Rest.TokenLifetime = 0 }, `rest.token_lifetime: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{uri("/callback"), `rest.redirect_uris: not an absolute URI (got "/callback")` + example},
		{uri("javascript:alert(1)"), `rest.redirect_uris: not an absolute URI (got "javascript:alert(1)")` + example},
		{uri("javascript://%0aalert(1)"), `rest.redirect_uris: not an absolute URI (got "javascript://%0aalert(1)")` + example},
		{uri("https:///callback"), `rest.redirect_uris: has no host (got "https:///callback"); such as https://app.example.com/callback`},
		{uri("https://app.example.com/#x"),
			`rest.redirect_uris: has a fragment (got "https://app.example.com/#x"); leave out what follows # (RFC 6749, section 3.1.2)`},
	})
	c := sound()
	c.Rest.RedirectURIs = []string{"https://app.example.com/callback", "com.example.app:/callback", "http://127.0.0.1/cb"}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestFaultsOfMFA(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.MFA.SupportedTypes = []string{"totp", "passkey"} },
			`mfa.supported_types: not one of totp, recovery_codes, webauthn (got "passkey"); the first is the usual choice`},
		{func(c *Config) { c.MFA.SupportedTypes = []string{"recovery_codes"} },
			`mfa.supported_types: recovery codes recover nothing; add totp or webauthn`},
		{func(c *Config) { c.MFA.TOTPPeriod = 1 }, `mfa.totp_period: out of range (got 1); from 10 to 300 seconds`},
		{func(c *Config) { c.MFA.TOTPDigits = 4 }, `mfa.totp_digits: out of range (got 4); from 6 to 8 digits`},
		{func(c *Config) { c.MFA.TOTPTolerance = 11 }, `mfa.totp_tolerance: out of range (got 11); from 0 to 10 periods`},
		{func(c *Config) { c.MFA.RecoveryCodeCount = 0 }, `mfa.recovery_code_count: out of range (got 0); from 1 to 64 codes`},
		{func(c *Config) { c.MFA.RecoveryCodeDigits = 3 }, `mfa.recovery_code_digits: out of range (got 3); from 8 to 18 digits`},
		{func(c *Config) { c.MFA.TrustCookieAge = 0 }, `mfa.trust_cookie_age: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.MFA.TOTPIssuer = "a:b" }, `mfa.totp_issuer: has a colon (got "a:b"); authenticator apps take what follows it for the account`},
		{func(c *Config) { c.MFA.TOTPIssuer = " \t" },
			`mfa.totp_issuer: nothing that shows (got " \t"); apps and messages call the server so; leave it out for the public URL's host`},
		{func(c *Config) { c.MFA.SupportedTypes, c.MFA.PasskeyLoginEnabled = nil, true },
			`mfa.passkey_login_enabled: passkeys are switched off; add webauthn to mfa.supported_types`},
		{func(c *Config) { c.MFA.SupportedTypes, c.MFA.PasskeySignupEnabled = nil, true },
			`mfa.passkey_signup_enabled: passkeys are switched off; add webauthn to mfa.supported_types`},
		{func(c *Config) { c.MFA.PasskeySignupEnabled = true },
			`mfa.passkey_signup_enabled: needs addresses verified by code; a link would end the sign-up: set account.email_verification mandatory and account.email_verification_by_code_enabled`},
		{func(c *Config) { c.MFA.WebAuthnAllowInsecureOrigin = true },
			`mfa.webauthn_allow_insecure_origin: any website could use a passkey (got "https://auth.example.com"); only for plain http on a localhost; list mfa.webauthn_origins instead`},
	})
}

func TestFaultsOfRPID(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.PublicURL = "https://192.0.2.1" },
			`mfa.webauthn_rp_id: an address cannot have passkeys (got "192.0.2.1"); give public_url a host name, or take webauthn out of mfa.supported_types`},
		{func(c *Config) { c.MFA.WebAuthnRPID = "https://example.com" },
			`mfa.webauthn_rp_id: not a domain (got "https://example.com"); such as example.com, without scheme and port`},
		{func(c *Config) { c.MFA.WebAuthnRPID = "Example.com" },
			`mfa.webauthn_rp_id: not a domain (got "Example.com"); such as example.com, without scheme and port`},
		{func(c *Config) { c.PublicURL = "https://example.com." },
			`mfa.webauthn_rp_id: not a domain (got "example.com."); such as example.com, without scheme and port`},
		{func(c *Config) { c.MFA.WebAuthnRPID = "example.org" },
			`mfa.webauthn_rp_id: no trusted origin belongs to it (got "example.org"); the public URL https://auth.example.com is not of that domain`},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"https://badexample.com"} },
			`mfa.webauthn_origins: does not belong to the RP id auth.example.com (got "https://badexample.com"); set mfa.webauthn_rp_id to a domain of all of them`},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"auth.example.com"} },
			"mfa.webauthn_origins: not an http or https origin (got \"auth.example.com\"); such as https://app.example.com\n" +
				`mfa.webauthn_origins: does not belong to the RP id auth.example.com (got "auth.example.com"); set mfa.webauthn_rp_id to a domain of all of them`},
	})
}

func TestFaultsOfHeadless(t *testing.T) {
	const mount = "; such as /_allauth, without a slash at its end"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Headless.FrontendURLs.Signup = "https://app.example.com/sign up" },
			`headless.frontend_urls.account_signup: not fit for a link in a letter (got "https://app.example.com/sign up"); write spaces and signs as %20 and so on`},
		{func(c *Config) { c.Headless.Mount = "/" }, `headless.mount: not a path (got "/")` + mount},
		{func(c *Config) { c.Headless.Mount = "/a/" }, `headless.mount: not a path (got "/a/")` + mount},
		{func(c *Config) { c.Headless.Mount = "/a/:id" }, `headless.mount: not a path (got "/a/:id")` + mount},
		{func(c *Config) { c.Headless.Mount = "" }, `headless.mount: not a path` + mount},
		{func(c *Config) { c.Headless.Clients = nil }, `headless.clients: empty; list browser, app or both, or switch serve.headless off`},
		{func(c *Config) { c.Headless.Clients = []string{"apps"} }, `headless.clients: not one of browser, app (got "apps"); did you mean app`},
	})
}

func TestFaultsOfPages(t *testing.T) {
	pages := func(change func(*FrontendURLs)) func(*Config) {
		return func(c *Config) { change(&c.Headless.FrontendURLs) }
	}
	const prefix = "headless.frontend_urls."
	checkFaults(t, []faultCase{
		{pages(func(p *FrontendURLs) { p.ConfirmEmail = "" }), prefix +
			"account_confirm_email: missing, needed for verification by link; give a page of the front end, or set account.email_verification_by_code_enabled"},
		{pages(func(p *FrontendURLs) { p.ResetPasswordFromKey = "" }), prefix +
			"account_reset_password_from_key: missing, needed for password reset by link; give a page of the front end, or set account.password_reset_by_code_enabled"},
		{func(c *Config) {
			c.Headless.FrontendURLs.ProviderError = ""
			c.SocialAccount.Providers = []Provider{{Provider: "github", ClientID: "c"}}
		}, prefix + "socialaccount_login_error: missing, needed for sign-in by a provider; give a page of the front end, or list no socialaccount.providers"},
		{pages(func(p *FrontendURLs) { p.ConfirmEmail = "https://app.example.com/verify" }), prefix +
			`account_confirm_email: has no place for the key (got "https://app.example.com/verify"); put {key} where the key of the link belongs`},
		{pages(func(p *FrontendURLs) { p.Disown = "https://app.example.com/not-me" }), prefix +
			`account_disown: has no place for the key (got "https://app.example.com/not-me"); put {key} where the key of the link belongs`},
		{pages(func(p *FrontendURLs) { p.Signup = "https://app.example.com/{key}" }), prefix +
			`account_signup: has a place for a key it never gets (got "https://app.example.com/{key}"); take {key} out`},
		{pages(func(p *FrontendURLs) { p.ResetPassword = "javascript:alert(1)" }), prefix +
			`account_reset_password: not an http or https URL or a path (got "javascript:alert(1)"); such as https://app.example.com/account/page`},
	})
}

func TestFaultsOfJWT(t *testing.T) {
	jwt := func(algorithm string, key Secret) func(*Config) {
		return func(c *Config) {
			c.Headless.TokenStrategy, c.Headless.JWTAlgorithm, c.Headless.JWTPrivateKey = "jwt", algorithm, key
		}
	}
	const rsaKey = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Headless.TokenStrategy = "jwts" }, `headless.token_strategy: not one of session, jwt (got "jwts"); did you mean jwt`},
		{func(c *Config) { c.Headless.TokenStrategy = "allauth.headless.JWTTokenStrategy" },
			`headless.token_strategy: not one of session, jwt (got "allauth.headless.JWTTokenStrategy"); a class is code in Django; write jwt for the JWTTokenStrategy`},
		{jwt("none", "x"), "headless.jwt_algorithm: not one of RS256, ES256, EdDSA, HS256 (got \"none\"); the first is the usual choice\n" +
			"headless.jwt_private_key: not a private key in PEM; make one with: " + rsaKey},
		{jwt("RS256", ""), `headless.jwt_private_key: missing; servers with one database share it; give the path of a PEM file as headless.jwt_private_key_file`},
		{jwt("HS256", "hunter2"), `headless.jwt_private_key: shorter than 32 bytes; HS256 needs as many as its hash has (RFC 7518, section 3.2)`},
		{jwt("RS256", "hunter2"), `headless.jwt_private_key: not a private key in PEM; make one with: ` + rsaKey},
		{jwt("RS256", weakRSA(t)), `headless.jwt_private_key: an RSA key of less than 2048 bits; RFC 7518, section 3.3; make one with: ` + rsaKey},
		{jwt("RS256", testKey(t, "ES256")), `headless.jwt_private_key: a key of another kind than RS256; make one with: ` + rsaKey},
		{jwt("ES256", p384(t)),
			`headless.jwt_private_key: a key of another kind than ES256; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`},
		{jwt("EdDSA", testKey(t, "RS256")), `headless.jwt_private_key: a key of another kind than EdDSA; make one with: openssl genpkey -algorithm ed25519`},
		{func(c *Config) { c.Headless.JWTAccessTokenExpires = 0 },
			`headless.jwt_access_token_expires_in: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Headless.JWTRefreshTokenExpires = 299 },
			`headless.jwt_refresh_token_expires_in: shorter than the access token's age (got 299); a refresh token outlives what it refreshes`},
		{func(c *Config) { c.Headless.JWTHeaderScheme = "a b" },
			`headless.jwt_authorization_header_scheme: not one word of a header (got "a b"); the usual choice is Bearer`},
	})
}

func TestKeysThatFit(t *testing.T) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA", "HS256"} {
		if problem, _ := unfit(algorithm, testKey(t, algorithm)); problem != "" {
			t.Errorf("%s: %s", algorithm, problem)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if problem, _ := unfit("RS256", asPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))); problem != "" {
		t.Errorf("PKCS #1: %s", problem)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	if problem, _ := unfit("ES256", asPEM("EC PRIVATE KEY", der)); problem != "" {
		t.Errorf("SEC 1: %s", problem)
	}
}

func testKey(t *testing.T, algorithm string) Secret {
	t.Helper()
	key, err := newSigningKey(algorithm, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Secret(key)
}

// weakRSA is a key of 1024 bits, which the library no longer makes.
func weakRSA(t *testing.T) Secret {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return asPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
}

func p384(t *testing.T) Secret {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return asPEM("PRIVATE KEY", der)
}

func asPEM(kind string, der []byte) Secret {
	return Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
