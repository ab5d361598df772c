package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaultsOfMFA(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.MFA.SupportedTypes = []string{"totp", "passkey"} },
			`mfa.supported_types: not one of totp, recovery_codes, webauthn (got "passkey"); the first is the usual choice`},
		{func(c *Config) { c.MFA.SupportedTypes = []string{"recovery_codes"} },
			`mfa.supported_types: recovery codes recover nothing; add totp or webauthn`},
		{func(c *Config) { c.MFA.TOTPPeriod = 1 }, `mfa.totp_period: out of range (got 1); from 10 to 300 seconds`},
		{func(c *Config) { c.MFA.WebAuthnUserVerification = "prefered" },
			`mfa.webauthn_user_verification: not one of preferred, discouraged, required (got "prefered"); did you mean preferred`},
		{func(c *Config) { c.MFA.TOTPDigits = 4 }, `mfa.totp_digits: out of range (got 4); from 6 to 8 digits`},
		{func(c *Config) { c.MFA.TOTPTolerance = 11 }, `mfa.totp_tolerance: out of range (got 11); from 0 to 10 periods`},
		{func(c *Config) { c.MFA.RecoveryCodeCount = 0 }, `mfa.recovery_code_count: out of range (got 0); from 1 to 64 codes`},
		{func(c *Config) { c.MFA.RecoveryCodeDigits = 3 }, `mfa.recovery_code_digits: out of range (got 3); from 8 to 18 digits`},
		{func(c *Config) { c.MFA.TrustCookieAge = 0 }, `mfa.trust_cookie_age: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.MFA.TrustBoundOnly = true },
			`mfa.trust_bound_only: no browser binds its sessions here (got "off"); set session.device_bound to offer and public_url to an https URL, or leave it out`},
		{func(c *Config) { c.MFA.TrustCookieName = "a b" }, `mfa.trust_cookie_name: not the name of a cookie (got "a b"); the usual choice is mfa_trusted`},
		{func(c *Config) { c.MFA.TrustCookieName = "sessionid" }, `mfa.trust_cookie_name: taken by another cookie (got "sessionid"); the usual choice is mfa_trusted`},
		{func(c *Config) { c.MFA.TrustCookieName = "__Host-trust" },
			`mfa.trust_cookie_name: browsers take names that begin with __ for promises (got "__Host-trust"); the usual choice is mfa_trusted`},
		{func(c *Config) { c.MFA.TrustCookiePath = "/elsewhere" },
			`mfa.trust_cookie_path: headless.mount is not below it (got "/elsewhere"); such as / or /_allauth`},
		{func(c *Config) { c.MFA.TrustCookiePath = "" }, `mfa.trust_cookie_path: headless.mount is not below it; such as / or /_allauth`},
		{func(c *Config) { c.MFA.TrustCookieSameSite = "Lux" }, `mfa.trust_cookie_samesite: not one of lax, strict, none (got "lux"); did you mean lax`},
		{func(c *Config) {
			c.MFA.TrustCookieSameSite, c.PublicURL, c.MFA.WebAuthnOrigins = "none", "http://localhost:8080", nil
		},
			`mfa.trust_cookie_samesite: none needs https (got "http://localhost:8080"); browsers drop such cookies; set public_url to an https URL`},
		{func(c *Config) { c.MFA.TrustCookieDomain = "example.org" },
			`mfa.trust_cookie_domain: not a domain of the public URL's host (got "example.org"); for https://auth.example.com it can be example.com`},
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
			`mfa.webauthn_origins: does not belong to the RP id auth.example.com (got "https://badexample.com"); set mfa.webauthn_rp_id to a domain of all of them, or list it in mfa.webauthn_related_origins`},
		{func(c *Config) {
			c.PublicURL, c.MFA.WebAuthnOrigins = "http://localhost:8080", []string{"http://app.localhost:3000"}
		},
			`mfa.webauthn_origins: does not belong to the RP id localhost (got "http://app.localhost:3000"); browsers leave passkeys of localhost to pages of that host itself, since nobody can register it`},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"auth.example.com"} },
			"mfa.webauthn_origins: not an http or https origin (got \"auth.example.com\"); such as https://app.example.com\n" +
				`mfa.webauthn_origins: does not belong to the RP id auth.example.com (got "auth.example.com"); set mfa.webauthn_rp_id to a domain of all of them, or list it in mfa.webauthn_related_origins`},
	})
}

// The check refused what Android calls an app, though ceremonies take it; what is written wrongly
// is told in the form that is right.
func TestFaultsOfPasskeyOrigins(t *testing.T) {
	const app, hexadecimal = "android:apk-key-hash:MLLzDvY4ML5lvmXCyfE-VvHwnTL8_2nRzH1FB0n8Ng8", "30:B2:F3:0E:F6:38:30:BE:65:BE:65:C2:C9:F1:3E:56:F1:F0:9D:32:FC:FF:69:D1:CC:7D:45:07:49:FC:36:0F"
	related := func(list ...string) func(*Config) {
		return func(c *Config) { c.MFA.WebAuthnRelatedOrigins = list }
	}
	checkFaults(t, []faultCase{
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"SHA256: " + hexadecimal} },
			`mfa.webauthn_origins: the fingerprint is in hexadecimal (got "SHA256: 30:B2:F3:0E:F6:38:30:BE:65:BE:65:C2:C9:F1:3E:56:F1:F…"); write ` + app},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"ios:bundle-id:com.example.app"} },
			`mfa.webauthn_origins: no app has such an origin (got "ios:bundle-id:com.example.app"); an iOS app says https:// and the RP id`},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"android:apk-key-hash:" + hexadecimal} },
			`mfa.webauthn_origins: the fingerprint is in hexadecimal (got "android:apk-key-hash:30:B2:F3:0E:F6:38:30:BE:65:BE:65:C2:C9:…"); write ` + app},
		{func(c *Config) {
			c.MFA.WebAuthnOrigins = []string{"android:apk-key-hash:MLLzDvY4ML5lvmXCyfE+VvHwnTL8/2nRzH1FB0n8Ng8="}
		},
			`mfa.webauthn_origins: the fingerprint is not in base64url without padding (got "android:apk-key-hash:MLLzDvY4ML5lvmXCyfE+VvHwnTL8/2nRzH1FB0n…"); write ` + app},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"android:apk-key-hash:MLLz"} },
			`mfa.webauthn_origins: not the SHA-256 of a certificate in base64url (got "android:apk-key-hash:MLLz"); 43 characters, of what keytool -list -v prints as SHA256 of the app's certificate`},
		{func(c *Config) { c.MFA.WebAuthnOrigins = []string{"android:com.example.app"} },
			`mfa.webauthn_origins: not an app as Android calls it (got "android:com.example.app"); write android:apk-key-hash: and the SHA-256 of the signing certificate in base64url`},
		{func(c *Config) { c.CORSAllowedOrigins = []string{"android:apk-key-hash:x"} },
			`cors_allowed_origins: not an http or https origin (got "android:apk-key-hash:x"); such as https://app.example.com`},
		{func(c *Config) { c.MFA.WebAuthnTopOrigins = []string{"android:apk-key-hash:x"} },
			`mfa.webauthn_top_origins: not an http or https origin (got "android:apk-key-hash:x"); such as https://app.example.com`},
		{func(c *Config) { c.MFA.WebAuthnTopOrigins = []string{"http://shop.example"} },
			`mfa.webauthn_top_origins: plain http (got "http://shop.example"); anybody on the way could put pages into it; have it on https`},
		{func(c *Config) { c.MFA.WebAuthnCounter = "ignore" }, `mfa.webauthn_counter: not one of accept, refuse (got "ignore"); the first is the usual choice`},
		{func(c *Config) { c.MFA.SupportedTypes, c.MFA.PasskeyUpgradeEnabled = nil, true },
			`mfa.passkey_upgrade_enabled: passkeys are switched off; add webauthn to mfa.supported_types`},
		{related("https://app.auth.example.com"),
			`mfa.webauthn_related_origins: belongs to the RP id auth.example.com already (got "https://app.auth.example.com"); list it in mfa.webauthn_origins`},
		{related("http://example.co.uk"), `mfa.webauthn_related_origins: plain http (got "http://example.co.uk"); browsers have no passkeys there`},
		{related("example.co.uk"), `mfa.webauthn_related_origins: not an http or https origin (got "example.co.uk"); such as https://app.example.com`},
		{related("https://a.com", "https://b.com", "https://c.com", "https://d.com", "https://e.com", "https://f.com"),
			"mfa.webauthn_related_origins: more than five names (got 6); browsers read no more of them; example.com, app.example.com and example.org are one name, and example-shop.com is another"},
	})
}

// Apps stand beside the pages that there are; pages that are listed stand alone; related ones
// come besides.
func TestWebAuthnOrigins(t *testing.T) {
	const app = "android:apk-key-hash:MLLzDvY4ML5lvmXCyfE-VvHwnTL8_2nRzH1FB0n8Ng8"
	for _, tc := range []struct{ listed, related, want []string }{
		{nil, nil, []string{"https://auth.example.com", "https://app.example.com"}},
		{[]string{app}, nil, []string{"https://auth.example.com", "https://app.example.com", app}},
		{[]string{app, "https://www.example.com"}, nil, []string{app, "https://www.example.com"}},
		{nil, []string{"https://example.co.uk"}, []string{"https://auth.example.com", "https://app.example.com", "https://example.co.uk"}},
		{[]string{"https://example.com"}, []string{"https://example.co.uk"}, []string{"https://example.com", "https://example.co.uk"}},
	} {
		c := sound()
		c.PublicURL, c.CSRFTrustedOrigins, c.MFA.WebAuthnRPID = "https://auth.example.com", []string{"https://app.example.com", "https://other.example"}, "example.com"
		c.MFA.WebAuthnOrigins, c.MFA.WebAuthnRelatedOrigins = tc.listed, tc.related
		c.Account.EmailVerificationByCodeEnabled, c.Account.PasswordResetByCodeEnabled = true, true
		c.Session.CookieDomain = "example.com"
		if err := c.Validate(); err != nil {
			t.Errorf("%v, %v: %v", tc.listed, tc.related, err)
		}
		if diff := cmp.Diff(tc.want, c.WebAuthnOrigins()); diff != "" {
			t.Errorf("%v, %v: %s", tc.listed, tc.related, diff)
		}
	}
}
