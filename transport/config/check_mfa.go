package config

import (
	"net/netip"
	"slices"
	"strings"

	"stagedoor/stages"
	"stagedoor/transport/internal/plaintext"
)

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
	k.age("mfa.trust_cookie_age", m.TrustCookieAge)
	if strings.Contains(m.TOTPIssuer, ":") {
		k.wrong("mfa.totp_issuer", "has a colon", m.TOTPIssuer, "authenticator apps take what follows it for the account")
	}
	if m.TOTPIssuer != "" && plaintext.Line(m.TOTPIssuer, 60) == "" {
		k.wrong("mfa.totp_issuer", "nothing that shows", m.TOTPIssuer, "apps and messages call the server so; leave it out for the public URL's host")
	}
}

// webAuthn checks passkeys and security keys.
func (k *checker) webAuthn() {
	m, a := k.c.MFA, k.c.Account
	if !slices.Contains(m.SupportedTypes, "webauthn") {
		for key, on := range map[string]bool{
			"mfa.passkey_login_enabled":  m.PasskeyLoginEnabled,
			"mfa.passkey_signup_enabled": m.PasskeySignupEnabled,
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
	if len(k.c.MFA.WebAuthnOrigins) == 0 && !k.c.MFA.WebAuthnAllowInsecureOrigin && len(k.c.WebAuthnOrigins()) == 0 {
		k.wrong("mfa.webauthn_rp_id", "no trusted origin belongs to it", id, "the public URL "+k.c.Origin()+" is not of that domain")
	}
	for _, origin := range k.c.MFA.WebAuthnOrigins {
		if !belongs(hostOf(origin), id) {
			k.wrong("mfa.webauthn_origins", "does not belong to the RP id "+id, origin, "set mfa.webauthn_rp_id to a domain of all of them")
		}
	}
}
