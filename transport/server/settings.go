package server

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/state/accounts"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/wire"
)

// stageSettings is the part of the configuration that stages and flows depend on.
func stageSettings(c config.Config) stages.Settings {
	a, pages := c.Account, c.Pages()
	s := stages.Settings{
		LoginMethods: a.LoginMethods,
		SignupFields: make(map[string]bool),
		VerifyEmail:  demand(a.EmailVerification),

		LoginOnEmailConfirmation: a.LoginOnEmailConfirmation,
		ReplaceEmail:             a.ChangeEmail,
		MaxEmails:                a.MaxEmailAddresses,
		UnverifiedWithMFA:        c.MFA.AllowUnverifiedEmail,

		PreventEnumeration: stages.Enumeration(a.PreventEnumeration),
		SignupOpen:         a.SignupEnabled,
		Notices:            a.EmailNotifications,
		UsernameMin:        a.UsernameMinLength,
		UsernameBlacklist:  a.UsernameBlacklist,
		KeepUsernameCase:   a.PreserveUsernameCasing,

		NoticeUnknown: a.EmailUnknownAccounts,

		RequireCode:   func(flow engine.FlowID) bool { return codeAfter(a, flow) },
		OfferTrust:    c.MFA.TrustEnabled,
		TrustCode:     a.LoginByCodeTrustEnabled,
		TrustLifetime: c.MFA.TrustCookieAge.Duration(),
		TrustBound:    c.MFA.TrustBoundOnly,
		BindsSessions: c.BindsSessions(),
		LoginTimeout:  a.LoginTimeout.Duration(),
		Providers:     len(c.SocialAccount.Providers) > 0,
		ProvidersOnly: c.SocialAccount.Only,

		ConfirmURL:  pages.ConfirmEmail,
		ResetKeyURL: pages.ResetPasswordFromKey,
		SignupURL:   pages.Signup,
		ResetURL:    pages.ResetPassword,
		DisownURL:   pages.Disown,
		Rates:       a.Rates(),

		SMSCountries: c.SMS.AllowedCountries,
	}
	maps.Copy(s.Rates, c.MFA.Rates())
	s.CodeFormats = c.CodeFormats()
	codeSettings(a, &s)
	passkeySettings(c, &s)
	socialSettings(c, &s)
	for _, name := range []string{"username", "email", "phone", "password"} {
		key := name
		if name == "password" {
			key = "password1"
		}
		if asked, required := a.SignupField(key); asked {
			s.SignupFields[name] = required
		}
	}
	_, phone := s.SignupFields["phone"]
	s.VerifyPhone = phone && a.PhoneVerificationEnabled
	return s
}

// passkeySettings is the part of the settings about WebAuthn credentials.
func passkeySettings(c config.Config, s *stages.Settings) {
	s.WebAuthn = slices.Contains(c.MFA.SupportedTypes, "webauthn")
	s.PasskeyLogin, s.PasskeySignup = c.MFA.PasskeyLoginEnabled, c.MFA.PasskeySignupEnabled
	s.PasskeyUpgrade = c.MFA.PasskeyUpgradeEnabled
	s.Presence, s.UserVerification = c.MFA.PasskeyPresenceEnough, c.MFA.WebAuthnUserVerification
	s.RefuseClones = c.MFA.WebAuthnCounter == "refuse"
}

// codeSettings is the part of the settings about what is sent: codes and links, how often, for
// how long, and how many tries there are.
func codeSettings(a config.Account, s *stages.Settings) {
	s.EmailByCode = a.EmailVerificationByCodeEnabled
	s.EmailResend = int(a.EmailVerificationSupportsResend)
	s.EmailChange = int(a.EmailVerificationSupportsChange)
	s.EmailTries = a.EmailVerificationByCodeAttempts
	s.EmailLifetime = a.EmailVerificationByCodeTimeout.Duration()
	s.KeyLifetime = a.EmailConfirmationExpireDays.Duration()

	s.PhoneResend = int(a.PhoneVerificationSupportsResend)
	s.PhoneChange = int(a.PhoneVerificationSupportsChange)
	s.PhoneTries = a.PhoneVerificationAttempts
	s.PhoneLifetime = a.PhoneVerificationTimeout.Duration()

	s.LoginByCode = a.LoginByCodeEnabled
	s.CodeResend = int(a.LoginByCodeSupportsResend)
	s.CodeTries = a.LoginByCodeAttempts
	s.CodeLifetime = a.LoginByCodeTimeout.Duration()
	s.ReauthByCode = slices.Contains(a.ReauthenticationMethods, "code")

	s.ResetByCode = a.PasswordResetByCodeEnabled
	s.ResetTries = a.PasswordResetByCodeAttempts
	s.ResetLifetime = a.PasswordResetByCodeTimeout.Duration()
	s.ResetKeyLifetime = a.PasswordResetTimeout.Duration()
	s.LoginOnPasswordReset = a.LoginOnPasswordReset
}

// codeAfter reports whether a code must be entered after a way in.
func codeAfter(a config.Account, flow engine.FlowID) bool {
	switch flow {
	case flows.LoginFlow:
		return a.LoginByCodeRequired.After("password")
	case flows.PasskeyLoginFlow:
		return a.LoginByCodeRequired.After("mfa")
	case flows.ProviderRedirectFlow, flows.ProviderTokenFlow, flows.ProviderSignupFlow:
		return a.LoginByCodeRequired.After("socialaccount")
	}
	return a.LoginByCodeRequired.All
}

// demand reads a setting that has been validated; a word that nobody knows would demand
// the most.
func demand(setting string) engine.Demand {
	switch setting {
	case "none":
		return engine.Off
	case "optional":
		return engine.Optional
	}
	return engine.Mandatory
}

// mfaConfig is how TOTP and recovery codes are made.
func mfaConfig(c config.Config) accounts.MFAConfig {
	m := c.MFA
	return accounts.MFAConfig{
		Issuer: c.Issuer(), Period: time.Duration(m.TOTPPeriod) * time.Second, Digits: m.TOTPDigits, Tolerance: m.TOTPTolerance,
		RecoveryCount: m.RecoveryCodeCount, RecoveryDigits: m.RecoveryCodeDigits, ShowOnce: m.RecoveryCodesShowOnce,
	}
}

// setRelyingParty sets the site that passkeys belong to. Where they are switched off the
// public URL may have a host that cannot have any: then it is a stand-in.
func setRelyingParty(env *stages.Env, c config.Config) error {
	id, origins := c.RPID(), c.WebAuthnOrigins()
	off := !slices.Contains(c.MFA.SupportedTypes, "webauthn")
	if off && (!stages.IsRPID(id) || len(origins) == 0) {
		return env.SetRelyingParty(stages.RelyingParty{ID: "localhost", Origins: []string{"http://localhost"}})
	}
	return env.SetRelyingParty(stages.RelyingParty{
		ID: id, Name: c.RPName(), Origins: origins, AnyOrigin: c.MFA.WebAuthnAllowInsecureOrigin || c.LocalOrigins(),
		TopOrigins: c.MFA.WebAuthnTopOrigins,
	})
}

// trustCookie is the cookie by which a browser is trusted, but for its value. No script can
// read it.
func trustCookie(c config.Config) http.Cookie {
	m := c.MFA
	return http.Cookie{
		Name: m.TrustCookieName, Path: m.TrustCookiePath, Domain: cmp.Or(m.TrustCookieDomain, c.Session.CookieDomain),
		MaxAge: int(m.TrustCookieAge.Duration() / time.Second), Secure: c.Secure(), HttpOnly: true,
		SameSite: sameSite(cmp.Or(m.TrustCookieSameSite, c.Session.CookieSameSite)),
	}
}

// network is how the server tells clients apart.
func network(c config.Config) wire.Network {
	return wire.Network{Proxies: c.TrustedProxyCount, Header: c.TrustedClientIPHeader, IPv6Prefix: c.RateLimitIPv6Prefix}
}

// sameSite is the SameSite attribute of the session cookie.
func sameSite(attribute string) http.SameSite {
	switch strings.ToLower(attribute) {
	case "strict":
		return http.SameSiteStrictMode
	case "none":
		return http.SameSiteNoneMode
	}
	return http.SameSiteLaxMode
}
