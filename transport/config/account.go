package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
)

// Account is about local accounts: signing up, signing in, verifying,
// resetting. Codes live and links expire after the given seconds.
type Account struct {
	// LoginMethods are what an account may be named by: email, username, phone.
	LoginMethods []string `koanf:"login_methods"`
	// SignupFields are what sign-up asks for: email, username, phone, password1;
	// a star makes a field required.
	SignupFields []string `koanf:"signup_fields"`
	// SignupOpen lets strangers make accounts.
	SignupOpen bool `koanf:"signup_open"`
	// PreventEnumeration is true, false or strict.
	PreventEnumeration Enumeration `koanf:"prevent_enumeration"`

	// EmailVerification is mandatory, optional or none.
	EmailVerification string `koanf:"email_verification"`
	// EmailVerificationByCodeEnabled sends a code where a link would be sent.
	EmailVerificationByCodeEnabled bool `koanf:"email_verification_by_code_enabled"`
	// EmailVerificationSupportsResend and EmailVerificationSupportsChange are
	// how often, while a code is pending.
	EmailVerificationSupportsResend Times   `koanf:"email_verification_supports_resend"`
	EmailVerificationSupportsChange Times   `koanf:"email_verification_supports_change"`
	EmailVerificationByCodeTimeout  Seconds `koanf:"email_verification_by_code_timeout"`
	EmailVerificationByCodeAttempts int     `koanf:"email_verification_by_code_max_attempts"`
	// EmailConfirmationExpireDays is the age of a link.
	EmailConfirmationExpireDays Days `koanf:"email_confirmation_expire_days"`
	// LoginOnEmailConfirmation signs in when the client that waits for it posts
	// the link's key.
	LoginOnEmailConfirmation bool `koanf:"login_on_email_confirmation"`

	// ChangeEmail lets an account have one address, replaced when the next is
	// verified; else it may have MaxEmailAddresses, 0 being any number.
	ChangeEmail       bool `koanf:"change_email"`
	MaxEmailAddresses int  `koanf:"max_email_addresses"`
	// EmailNotifications tells the owner of changes that matter for security.
	EmailNotifications bool `koanf:"email_notifications"`
	// EmailUnknownAccounts answers a reset for an unknown address by mail.
	EmailUnknownAccounts bool `koanf:"email_unknown_accounts"`

	// PhoneVerificationEnabled asks new numbers for a code by SMS.
	PhoneVerificationEnabled        bool    `koanf:"phone_verification_enabled"`
	PhoneVerificationSupportsResend Times   `koanf:"phone_verification_supports_resend"`
	PhoneVerificationSupportsChange Times   `koanf:"phone_verification_supports_change"`
	PhoneVerificationTimeout        Seconds `koanf:"phone_verification_timeout"`
	PhoneVerificationAttempts       int     `koanf:"phone_verification_max_attempts"`

	// LoginByCodeEnabled offers to sign in by a code instead of a password.
	LoginByCodeEnabled        bool    `koanf:"login_by_code_enabled"`
	LoginByCodeSupportsResend Times   `koanf:"login_by_code_supports_resend"`
	LoginByCodeTimeout        Seconds `koanf:"login_by_code_timeout"`
	LoginByCodeAttempts       int     `koanf:"login_by_code_max_attempts"`
	// LoginByCodeRequired asks a code after these ways in, or after all.
	LoginByCodeRequired CodeRequired `koanf:"login_by_code_required"`
	// LoginByCodeTrustEnabled offers to skip that code in this browser.
	LoginByCodeTrustEnabled bool `koanf:"login_by_code_trust_enabled"`
	// LoginTimeout is how long a sign-in may take from its start to its end.
	LoginTimeout Seconds `koanf:"login_timeout"`

	// PasswordMinLength is in characters.
	PasswordMinLength int `koanf:"password_min_length"`
	// PasswordResetTimeout is the age of a reset link.
	PasswordResetTimeout Seconds `koanf:"password_reset_timeout"`
	// PasswordResetByCodeEnabled sends a code where a link would be sent.
	PasswordResetByCodeEnabled  bool    `koanf:"password_reset_by_code_enabled"`
	PasswordResetByCodeTimeout  Seconds `koanf:"password_reset_by_code_timeout"`
	PasswordResetByCodeAttempts int     `koanf:"password_reset_by_code_max_attempts"`
	// LoginOnPasswordReset signs in whoever reset the password.
	LoginOnPasswordReset bool `koanf:"login_on_password_reset"`
	// LogoutOnPasswordChange ends this session too, not only all others.
	LogoutOnPasswordChange bool `koanf:"logout_on_password_change"`

	// ReauthenticationRequired asks for a recent authentication before changes
	// of addresses, numbers and providers, and before a first password, too;
	// ReauthenticationTimeout says how recent.
	ReauthenticationRequired bool    `koanf:"reauthentication_required"`
	ReauthenticationTimeout  Seconds `koanf:"reauthentication_timeout"`

	// UsernameMinLength is in characters; UsernameBlacklist holds names nobody
	// may take, whatever their case.
	UsernameMinLength int      `koanf:"username_min_length"`
	UsernameBlacklist []string `koanf:"username_blacklist"`
	// PreserveUsernameCasing keeps a name as it was typed; else it is lowered.
	PreserveUsernameCasing bool `koanf:"preserve_username_casing"`

	// RateLimits overrides the limits of single actions; see Rates.
	RateLimits RateLimits `koanf:"rate_limits"`
}

// SignupField says whether sign-up takes the field, and whether it must be given.
func (a Account) SignupField(name string) (asked, required bool) {
	for _, field := range a.SignupFields {
		if bare, starred := strings.CutSuffix(field, "*"); bare == name {
			return true, starred
		}
	}
	return false, false
}

// UsesPhone says whether phone numbers are part of signing up or signing in.
func (a Account) UsesPhone() bool {
	asked, _ := a.SignupField("phone")
	return asked || slices.Contains(a.LoginMethods, "phone")
}

// Rates are the limits in force, by action: those overridden, and for all others
// django-allauth's defaults. An action without a limit is not among them.
func (a Account) Rates() engine.Rates {
	rates := engine.Rates{}
	if a.RateLimits.Off {
		return rates
	}
	for _, action := range limitedActions() {
		rates[action.name] = action.rates
	}
	if a.EmailVerificationByCodeEnabled {
		rates["confirm_email"] = []engine.Rate{{Max: 1, Per: 10 * time.Second, By: "key"}}
	}
	maps.Copy(rates, a.RateLimits.Rates)
	maps.DeleteFunc(rates, func(_ string, limits []engine.Rate) bool { return len(limits) == 0 })
	return rates
}
