package config

import (
	"bytes"
	"cmp"
	"os"
	"reflect"
	"testing"

	"stagedoor/stages"
)

func TestFaultsOfProviders(t *testing.T) {
	provider := func(p ...Provider) func(*Config) { return func(c *Config) { c.SocialAccount.Providers = p } }
	const kinds = "amazon, amazon_cognito, apple, atlassian, auth0, battlenet, bitbucket, cognito, digitalocean, discord, dropbox, dummy, facebook, figma, gitea, github, gitlab, google, hubspot, instagram, kakao, keycloak, line, linkedin, mailru, microsoft, naver, nextcloud, notion, " +
		"oauth2, okta, openid_connect, orcid, patreon, paypal, pinterest, reddit, salesforce, shopify, slack, snapchat, spotify, steam, strava, stripe, telegram, tiktok, twitch, vk, wechat, weibo, weixin, x, yahoo, yandex, zoho, zoom"
	github := Provider{Provider: "github", ClientID: "c"}
	oidc := Provider{ID: "mock", Provider: "openid_connect", ClientID: "c", ServerURL: "https://idp.example.com"}
	at := func(p Provider, change func(*Provider)) func(*Config) { change(&p); return provider(github, p) }
	checkFaults(t, []faultCase{
		{provider(Provider{Provider: "spotify_oauth2", ClientID: "c"}),
			`socialaccount.providers[0].provider: unknown kind of provider (got "spotify_oauth2"); did you mean spotify`},
		{provider(Provider{Provider: "twitter", ClientID: "c"}),
			`socialaccount.providers[0].provider: unknown kind of provider (got "twitter"); did you mean twitter_oauth2`},
		{provider(Provider{Provider: "keycloak", ClientID: "c"}),
			`socialaccount.providers[0].server_url: missing; the issuer of this kind, such as https://login.example.com/realms/staff`},
		{provider(Provider{ClientID: "c"}), `socialaccount.providers[0].provider: unknown kind of provider; kinds are ` + kinds},
		{provider(Provider{Provider: "dummy"}), `socialaccount.providers[0].provider: dummy lets anybody be anyone; it needs dev.enabled`},
		{provider(Provider{Provider: "github"}),
			`socialaccount.providers[0].client_id: missing; the provider gives one when the server is registered with it`},
		{provider(Provider{Provider: "shopify", ClientID: "c", ServerURL: "https://acme.myshopify.com"}),
			`socialaccount.providers[0]: provider shopify: secret: missing: what comes back from Shopify is signed with it; go doc ./stages ProviderConfig says what each kind takes`},
		{provider(github, github), `socialaccount.providers[1].id: taken by another provider (got "github"); give each its own id`},
		{provider(Provider{ID: "a_b", Provider: "amazon_cognito", ClientID: "c", ServerURL: "https://cognito-idp.eu-west-1.amazonaws.com/pool"},
			Provider{ID: "a-b", Provider: "github", ClientID: "c"}),
			`socialaccount.providers[1].id: another provider sends people back to the same address, /accounts/a-b/login/callback/ (got "a-b"); give it another id`},
		{provider(Provider{Provider: "github", ClientID: "c", Settings: map[string]Secret{"api": "http://api.example.com/v3"}}),
			`socialaccount.providers[0].settings.api: plain http to a public host; use https, so that nobody between can read or change it`},
		{at(oidc, func(p *Provider) { p.ID = "My IdP" }), `socialaccount.providers[1].id: not an id (got "My IdP"); small letters, digits, - and _`},
		{at(oidc, func(p *Provider) { p.ServerURL = "" }),
			`socialaccount.providers[1].server_url: missing; the issuer of this kind, such as https://login.example.com`},
		{at(oidc, func(p *Provider) { p.ServerURL = "idp.example.com" }),
			`socialaccount.providers[1].server_url: not an http or https URL (got "idp.example.com"); such as https://login.example.com`},
		{at(oidc, func(p *Provider) { p.ServerURL = "http://idp.example.com" }),
			`socialaccount.providers[1].server_url: plain http to a public host (got "http://idp.example.com"); use https, so that nobody between can read or change it`},
		{at(oidc, func(p *Provider) { p.TokenAuthMethod = "basic" }),
			`socialaccount.providers[1].token_auth_method: not one of client_secret_basic, client_secret_post, private_key_jwt (got "basic"); the first is the usual choice`},
		{at(oidc, func(p *Provider) { p.Settings = map[string]Secret{"tenant": "x"} }),
			`socialaccount.providers[1]: provider mock: settings: openid_connect has no "tenant": it has assertion_audience, fetch_userinfo, key_id, private_key, uid_field; go doc ./stages ProviderConfig says what each kind takes`},
		{at(oidc, func(p *Provider) { p.Secret, p.IDTokenAlgs = "secret", []string{"HS256"} }),
			`socialaccount.providers[1]: provider mock: id_token_algs: HS256 wants a secret of 32 bytes at least (RFC 7518 section 3.2): this one has 6; go doc ./stages ProviderConfig says what each kind takes`},
		{at(oidc, func(p *Provider) { p.TokenAuthMethod = "private_key_jwt" }),
			`socialaccount.providers[1]: provider mock: settings.private_key: no private key in PEM: private_key_jwt signs with it, and the provider knows its public half; go doc ./stages ProviderConfig says what each kind takes`},
		{at(oidc, func(p *Provider) {
			p.OpenIDConfigurationOverrides = map[string]string{"issuer": "http://idp.example.com", "scope": "https://idp.example.com"}
		}),
			`socialaccount.providers[1].openid_configuration_overrides: plain http to a public host (got "http://idp.example.com"); use https, so that nobody between can read or change it`},
		{at(oidc, func(p *Provider) {
			p.OpenIDConfigurationOverrides = map[string]string{"scope": "https://idp.example.com"}
		}),
			`socialaccount.providers[1]: provider mock: openid_configuration_overrides: "scope" cannot be replaced: it may have issuer, authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint, pushed_authorization_request_endpoint, end_session_endpoint; go doc ./stages ProviderConfig says what each kind takes`},
		{func(c *Config) { c.SocialAccount.EmailVerification = "no" },
			`socialaccount.email_verification: not one of mandatory, optional, none (got "no"); the first is the usual choice`},
		{func(c *Config) {
			c.Account.SignupFields, c.Account.LoginMethods, c.Account.EmailVerification = []string{"username*", "password1*"}, []string{"username"}, "none"
			c.SocialAccount.EmailRequired = new(true)
		},
			`socialaccount.email_required: sign-up has no field for an address; add "email" to account.signup_fields`},
		{func(c *Config) {
			c.SocialAccount.Only, c.SocialAccount.Providers, c.Account.EmailVerification, c.MFA = true, nil, "none", Default().MFA
			c.MFA.SupportedTypes = nil
		},
			`socialaccount.only: there is no provider, so that nobody could sign in; list socialaccount.providers`},
		{func(c *Config) {
			c.SocialAccount.Only, c.SocialAccount.Providers, c.Account.LoginByCodeEnabled, c.MFA = true, []Provider{github}, true, Default().MFA
		},
			"account.email_verification: clashes with socialaccount.only (got \"mandatory\"); addresses are the providers' business: set it, and socialaccount.email_verification, to none\n" +
				"account.login_by_code_enabled: clashes with socialaccount.only; providers are the one way in\n" +
				`mfa.supported_types: clashes with socialaccount.only (got "recovery_codes,totp"); second factors are the providers' business: write []`},
		{func(c *Config) { c.SocialAccount.EmailRequired = new(false) },
			`socialaccount.email_required: accounts would have no address to verify (got false); leave it out, or set socialaccount.email_verification to optional or none`},
		{func(c *Config) { c.SocialAccount.EmailAuthenticationAutoConnect = true },
			`socialaccount.email_authentication_auto_connect: nobody signs in by e-mail authentication; set socialaccount.email_authentication, too`},
		{func(c *Config) { c.SocialAccount.OpenIDConnectURLPrefix = "a/b" },
			`socialaccount.openid_connect_url_prefix: not a part of a path (got "a/b"); write it of a-z, 0-9, - and _, such as oidc`},
		{func(c *Config) { c.SocialAccount.RequestsTimeout = 0 },
			`socialaccount.requests_timeout: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
	})
}

// TestReadmeKinds: the README names every kind of provider.
func TestReadmeKinds(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("\n### Providers\n"))
	text, _, _ = bytes.Cut(text, []byte("\n## "))
	also := map[string]string{"amazon_cognito": "cognito", "wechat": "weixin", "bitbucket_oauth2": "bitbucket", "linkedin_oauth2": "linkedin", "twitter_oauth2": "x"}
	for _, kind := range stages.ProviderKinds() {
		if kind != "dummy" && !bytes.Contains(text, []byte("`"+cmp.Or(also[kind], kind)+"`")) && !bytes.Contains(text, []byte("provider: "+kind+"`")) {
			t.Errorf("%s is not in the README's chapter on providers", kind)
		}
	}
}

// TestSocialFollowsAccount: what is left out for providers is as for other sign-ups.
func TestSocialFollowsAccount(t *testing.T) {
	c := sound()
	if !c.SocialSignupOpen() || !c.SocialEmailRequired() {
		t.Errorf("open %v, address required %v", c.SocialSignupOpen(), c.SocialEmailRequired())
	}
	c.Account.SignupEnabled, c.Account.SignupFields = false, []string{"email", "username*"}
	if c.SocialSignupOpen() || c.SocialEmailRequired() {
		t.Errorf("closed: open %v, address required %v", c.SocialSignupOpen(), c.SocialEmailRequired())
	}
	c.SocialAccount.SignupOpen, c.SocialAccount.EmailRequired = new(true), new(true)
	if !c.SocialSignupOpen() || !c.SocialEmailRequired() {
		t.Errorf("said otherwise: open %v, address required %v", c.SocialSignupOpen(), c.SocialEmailRequired())
	}
}

func TestProviderKey(t *testing.T) {
	if got := (Provider{Provider: "github"}).Key(); got != "github" {
		t.Errorf("without an id: %q", got)
	}
	if got := (Provider{Provider: "github", ID: "work"}).Key(); got != "work" {
		t.Errorf("with an id: %q", got)
	}
}

// TestUnsetSwitch: a switch that may be left out tells unset from off.
func TestUnsetSwitch(t *testing.T) {
	asks := func(raw any) *bool {
		c, d := Default(), decoder{}
		d.value("query_email", raw, reflect.ValueOf(&c.SocialAccount.QueryEmail).Elem())
		if len(d.faults) > 0 {
			t.Errorf("%v: %v", raw, d.faults)
		}
		if got := encode(reflect.ValueOf(&c.SocialAccount.QueryEmail).Elem(), Secret.String); c.SocialAccount.QueryEmail != nil && got != *c.SocialAccount.QueryEmail ||
			c.SocialAccount.QueryEmail == nil && got != nil {
			t.Errorf("%v is written as %v", raw, got)
		}
		return c.SocialAccount.QueryEmail
	}
	if got := asks(nil); got != nil {
		t.Errorf("unset is %v", *got)
	}
	if got := asks(false); got == nil || *got {
		t.Error("off is not off")
	}
	if got := asks(envText{Text: "on"}); got == nil || !*got {
		t.Error("on is not on")
	}
	var d decoder
	var unset *bool
	d.value("query_email", "maybe", reflect.ValueOf(&unset).Elem())
	const want = `query_email: must be true or false (got "maybe"); leave the key out to let the server choose`
	if got := d.faults.Error(); got != want || unset != nil {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestCallbackPath: providers of OpenID Connect come back below their prefix, others never.
func TestCallbackPath(t *testing.T) {
	for _, test := range []struct {
		prefix string
		from   Provider
		want   string
	}{
		{"oidc", Provider{ID: "acme", Provider: "openid_connect"}, "/accounts/oidc/acme/login/callback/"},
		{"oidc", Provider{Provider: "openid_connect"}, "/accounts/oidc/openid_connect/login/callback/"},
		{"sso", Provider{ID: "acme", Provider: "openid_connect"}, "/accounts/sso/acme/login/callback/"},
		{"", Provider{ID: "acme", Provider: "openid_connect"}, "/accounts/acme/login/callback/"},
		{"oidc", Provider{Provider: "google"}, "/accounts/google/login/callback/"},
		{"oidc", Provider{ID: "acme", Provider: "keycloak"}, "/accounts/acme/login/callback/"},
		// Amazon Cognito takes no underscores.
		{"oidc", Provider{Provider: "amazon_cognito"}, "/accounts/amazon-cognito/login/callback/"},
		{"oidc", Provider{ID: "staff_pool", Provider: "cognito"}, "/accounts/staff-pool/login/callback/"},
		{"oidc", Provider{ID: "staff_pool", Provider: "google"}, "/accounts/staff_pool/login/callback/"},
	} {
		if got := (SocialAccount{OpenIDConnectURLPrefix: test.prefix}).CallbackPath(test.from); got != test.want {
			t.Errorf("%q, %+v: %s, want %s", test.prefix, test.from, got, test.want)
		}
	}
}
