package config

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"stagedoor/stages"
	"stagedoor/transport/internal/plaintext"
)

// MFA is about second factors and passkeys.
type MFA struct {
	// SupportedTypes are of totp, recovery_codes and webauthn.
	SupportedTypes       []string `koanf:"supported_types"`
	PasskeyLoginEnabled  bool     `koanf:"passkey_login_enabled"`
	PasskeySignupEnabled bool     `koanf:"passkey_signup_enabled"`
	// PasskeyPresenceEnough lets a passkey that only proved presence, not who
	// holds it, sign in, and without a second factor (WebAuthn, section 6.1).
	PasskeyPresenceEnough bool `koanf:"passkey_presence_enough"`
	// PasskeyUpgradeEnabled lets a browser make a passkey by itself, without another proof and
	// without showing anything, within the reauthentication timeout of a sign-in with a password
	// (WebAuthn Level 3, section 5.1.3, conditional mediation).
	PasskeyUpgradeEnabled bool `koanf:"passkey_upgrade_enabled"`
	// AllowUnverifiedEmail permits authenticators on accounts with an address
	// that is not verified.
	AllowUnverifiedEmail bool `koanf:"allow_unverified_email"`
	// TrustEnabled offers to skip the second factor in this browser for
	// TrustCookieAge seconds.
	TrustEnabled   bool    `koanf:"trust_enabled"`
	TrustCookieAge Seconds `koanf:"trust_cookie_age"`
	// TrustBoundOnly trusts browsers alone, after whatever they showed, whose session was bound to a key of
	// their device (session.device_bound): a trust waits for that, and is offered to browsers
	// that have bound one before.
	TrustBoundOnly bool `koanf:"trust_bound_only"`
	// TrustCookieName, TrustCookieDomain, TrustCookiePath and TrustCookieSameSite are of the
	// cookie that remembers it. An empty domain or SameSite is that of the session's cookie.
	TrustCookieName     string `koanf:"trust_cookie_name"`
	TrustCookieDomain   string `koanf:"trust_cookie_domain"`
	TrustCookiePath     string `koanf:"trust_cookie_path"`
	TrustCookieSameSite string `koanf:"trust_cookie_samesite"`

	// ReauthenticationRequired asks signed-in clients for a recent proof of whose
	// session it is before they change authenticators or see recovery codes.
	ReauthenticationRequired bool `koanf:"reauthentication_required"`

	// RateLimits overrides the limits of passkeys; see Rates.
	RateLimits RateLimits `koanf:"rate_limits"`

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
	// WebAuthnUserVerification is what is asked of security keys and second factors:
	// discouraged, preferred or required. Of passkeys it is required in any case.
	WebAuthnUserVerification string `koanf:"webauthn_user_verification"`
	// WebAuthnOrigins may run ceremonies: pages ("https://app.example.com"), and apps as their
	// platform calls them ("android:apk-key-hash:..."). Where there are no pages in it, those are
	// the public URL's origin and those of csrf_trusted_origins that belong to the RP id.
	WebAuthnOrigins []string `koanf:"webauthn_origins"`
	// WebAuthnRelatedOrigins are pages of other domains that may use the same passkeys
	// (WebAuthn Level 3, section 5.11). /.well-known/webauthn names them to browsers.
	WebAuthnRelatedOrigins []string `koanf:"webauthn_related_origins"`
	// WebAuthnTopOrigins are the pages of other sites in which pages of the others may run
	// ceremonies in a frame (WebAuthn Level 3, section 5.10).
	WebAuthnTopOrigins []string `koanf:"webauthn_top_origins"`
	// WebAuthnCounter is what becomes of a credential whose signature counter did not go up:
	// accept, with a letter to its owner, or refuse (WebAuthn Level 3, section 6.1.1).
	WebAuthnCounter string `koanf:"webauthn_counter"`
	// WebAuthnAllowInsecureOrigin checks no origin at all, for trying on a
	// localhost.
	WebAuthnAllowInsecureOrigin bool `koanf:"webauthn_allow_insecure_origin"`
}

// RPID is the domain that passkeys belong to (WebAuthn, section 5.1.2). Where
// the public URL names a loopback address it is localhost, since an address
// cannot be one.
func (c Config) RPID() string {
	if c.MFA.WebAuthnRPID != "" {
		return c.MFA.WebAuthnRPID
	}
	host := hostOf(c.Origin())
	if isLoopback(host) {
		return "localhost"
	}
	return host
}

// RPName is what a browser calls the server while it makes a passkey.
func (c Config) RPName() string { return cmp.Or(c.MFA.WebAuthnRPName, c.RPID()) }

// Issuer is what an authenticator app calls the server.
func (c Config) Issuer() string { return cmp.Or(c.MFA.TOTPIssuer, hostOf(c.Origin())) }

// mfa checks second factors.
func (k *checker) mfa() {
	m := k.c.MFA
	k.someOf("mfa.supported_types", m.SupportedTypes, "totp", "recovery_codes", "webauthn")
	if len(m.SupportedTypes) == 1 && m.SupportedTypes[0] == "recovery_codes" {
		k.wrong("mfa.supported_types", "recovery codes recover nothing", nil, "add totp or webauthn")
	}
	k.count("mfa.totp_period", m.TOTPPeriod, 10, 300, "seconds")
	k.count("mfa.totp_digits", m.TOTPDigits, 6, 8, "digits")
	k.count("mfa.totp_tolerance", m.TOTPTolerance, 0, 10, "periods")
	k.count("mfa.recovery_code_count", m.RecoveryCodeCount, 1, 64, "codes")
	k.count("mfa.recovery_code_digits", m.RecoveryCodeDigits, 8, 18, "digits")
	k.trustCookie()
	k.oneOf("mfa.webauthn_user_verification", m.WebAuthnUserVerification, "preferred", "discouraged", "required")
	k.oneOf("mfa.webauthn_counter", m.WebAuthnCounter, "accept", "refuse")
	if strings.Contains(m.TOTPIssuer, ":") {
		k.wrong("mfa.totp_issuer", "has a colon", m.TOTPIssuer, "authenticator apps take what follows it for the account")
	}
	if m.TOTPIssuer != "" && plaintext.Line(m.TOTPIssuer, 60) == "" {
		k.wrong("mfa.totp_issuer", "nothing that shows", m.TOTPIssuer, "apps and messages call the server so; leave it out for the public URL's host")
	}
}

// trustCookie checks the cookie of trusted browsers (RFC 6265bis, sections 4.1 and 5.6).
func (k *checker) trustCookie() {
	m := k.c.MFA
	k.age("mfa.trust_cookie_age", m.TrustCookieAge)
	switch name := m.TrustCookieName; {
	case !headerToken.MatchString(name):
		k.wrong("mfa.trust_cookie_name", "not the name of a cookie", name, "the usual choice is mfa_trusted")
	case name == "sessionid" || name == "csrftoken":
		k.wrong("mfa.trust_cookie_name", "taken by another cookie", name, "the usual choice is mfa_trusted")
	case strings.HasPrefix(strings.ToLower(name), "__"):
		k.wrong("mfa.trust_cookie_name", "browsers take names that begin with __ for promises", name, "the usual choice is mfa_trusted")
	}
	mount := k.c.Headless.Mount
	if p := strings.TrimSuffix(m.TrustCookiePath, "/"); p != "" && (!mountPath.MatchString(p) || !belongsTo(mount, p)) || m.TrustCookiePath == "" {
		k.wrong("mfa.trust_cookie_path", "headless.mount is not below it", m.TrustCookiePath, "such as / or "+mount)
	}
	if m.TrustCookieSameSite != "" {
		k.oneOf("mfa.trust_cookie_samesite", strings.ToLower(m.TrustCookieSameSite), "lax", "strict", "none")
	}
	if k.lost {
		return
	}
	if m.TrustBoundOnly && !k.c.BindsBrowsers() {
		k.wrong("mfa.trust_bound_only", "no browser binds its sessions here", k.c.Session.DeviceBound,
			"set session.device_bound to offer and public_url to an https URL, or leave it out")
	}
	if strings.EqualFold(m.TrustCookieSameSite, "none") && !k.c.Secure() {
		k.wrong("mfa.trust_cookie_samesite", "none needs https", k.c.Origin(), "browsers drop such cookies; set public_url to an https URL")
	}
	k.cookieDomain("mfa.trust_cookie_domain", m.TrustCookieDomain)
}

// webAuthn checks passkeys and security keys.
func (k *checker) webAuthn() {
	m, a := k.c.MFA, k.c.Account
	if !slices.Contains(m.SupportedTypes, "webauthn") {
		for key, on := range map[string]bool{
			"mfa.passkey_login_enabled":   m.PasskeyLoginEnabled,
			"mfa.passkey_signup_enabled":  m.PasskeySignupEnabled,
			"mfa.passkey_upgrade_enabled": m.PasskeyUpgradeEnabled,
		} {
			if on {
				k.wrong(key, "passkeys are switched off", nil, "add webauthn to mfa.supported_types")
			}
		}
		return
	}
	if m.PasskeySignupEnabled && (a.EmailVerification != "mandatory" || !a.EmailVerificationByCodeEnabled) {
		k.wrong("mfa.passkey_signup_enabled", "needs addresses verified by code", nil,
			"a link would end the sign-up: set account.email_verification mandatory and account.email_verification_by_code_enabled")
	}
	if k.lost {
		return
	}
	if m.WebAuthnAllowInsecureOrigin && k.c.Secure() {
		k.wrong("mfa.webauthn_allow_insecure_origin", "any website could use a passkey", k.c.Origin(), "only for plain http on a localhost; list mfa.webauthn_origins instead")
	}
	k.rpID()
}

// rpID checks that browsers will accept the RP id (WebAuthn, section 5.1.3).
func (k *checker) rpID() {
	id := k.c.RPID()
	if _, err := netip.ParseAddr(id); err == nil {
		k.wrong("mfa.webauthn_rp_id", "an address cannot have passkeys", id, "give public_url a host name, or take webauthn out of mfa.supported_types")
		return
	}
	if id != strings.ToLower(id) || strings.ContainsAny(id, ":/ ") || !stages.IsRPID(id) {
		k.wrong("mfa.webauthn_rp_id", "not a domain", id, "such as example.com, without scheme and port")
		return
	}
	k.webAuthnOrigins(id)
}
