package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Account is about local accounts: signing up, signing in, verifying,
// resetting. Codes live and links expire after the given seconds.
type Account struct {
	// LoginMethods are what an account may be named by: email, username, phone.
	LoginMethods []string `koanf:"login_methods"`
	// SignupFields are what sign-up asks for: email, username, phone, password1;
	// a star makes a field required.
	SignupFields []string `koanf:"signup_fields"`
	// SignupEnabled lets strangers make accounts.
	SignupEnabled bool `koanf:"signup_enabled"`
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
	// EmailVerificationByCodeFormat, like LoginByCodeFormat, PasswordResetByCodeFormat and
	// PhoneVerificationCodeFormat, is that of user_code_format when left out.
	EmailVerificationByCodeFormat CodeFormat `koanf:"email_verification_by_code_format"`
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
	// EmailSubjectPrefix goes before the subject of every letter.
	EmailSubjectPrefix string `koanf:"email_subject_prefix"`
	// EmailUnknownAccounts answers a reset for an unknown address by mail.
	EmailUnknownAccounts bool `koanf:"email_unknown_accounts"`

	// PhoneVerificationEnabled asks new numbers for a code by SMS.
	PhoneVerificationEnabled        bool       `koanf:"phone_verification_enabled"`
	PhoneVerificationSupportsResend Times      `koanf:"phone_verification_supports_resend"`
	PhoneVerificationSupportsChange Times      `koanf:"phone_verification_supports_change"`
	PhoneVerificationTimeout        Seconds    `koanf:"phone_verification_timeout"`
	PhoneVerificationAttempts       int        `koanf:"phone_verification_max_attempts"`
	PhoneVerificationCodeFormat     CodeFormat `koanf:"phone_verification_code_format"`

	// LoginByCodeEnabled offers to sign in by a code instead of a password.
	LoginByCodeEnabled        bool    `koanf:"login_by_code_enabled"`
	LoginByCodeSupportsResend Times   `koanf:"login_by_code_supports_resend"`
	LoginByCodeTimeout        Seconds `koanf:"login_by_code_timeout"`
	LoginByCodeAttempts       int     `koanf:"login_by_code_max_attempts"`
	// LoginByCodeFormat is of reauthentication codes, too.
	LoginByCodeFormat CodeFormat `koanf:"login_by_code_format"`
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
	PasswordResetByCodeEnabled  bool       `koanf:"password_reset_by_code_enabled"`
	PasswordResetByCodeTimeout  Seconds    `koanf:"password_reset_by_code_timeout"`
	PasswordResetByCodeAttempts int        `koanf:"password_reset_by_code_max_attempts"`
	PasswordResetByCodeFormat   CodeFormat `koanf:"password_reset_by_code_format"`
	// LoginOnPasswordReset signs in after a reset.
	LoginOnPasswordReset bool `koanf:"login_on_password_reset"`
	// LogoutOnPasswordChange ends this session too, not only all others.
	LogoutOnPasswordChange bool `koanf:"logout_on_password_change"`

	// ReauthenticationRequired asks signed-in clients for a recent proof of whose
	// session it is before changes of addresses and numbers, and before a first
	// password; ReauthenticationTimeout says how recent. That they have signed in
	// is no such proof. ReauthenticationMethods are the ways to it, of password,
	// code, mfa and socialaccount: that a connected provider vouches for the person again. It
	// is the way of who has no other, in any case, where even a first password asks.
	ReauthenticationRequired bool     `koanf:"reauthentication_required"`
	ReauthenticationTimeout  Seconds  `koanf:"reauthentication_timeout"`
	ReauthenticationMethods  []string `koanf:"reauthentication_methods"`

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

func defaultAccount() Account {
	return Account{
		LoginMethods:                    []string{"email"},
		SignupFields:                    []string{"email*", "password1*"},
		SignupEnabled:                   true,
		PreventEnumeration:              EnumerationOn,
		EmailVerification:               "mandatory",
		EmailVerificationByCodeTimeout:  900,
		EmailVerificationByCodeAttempts: 3,
		EmailConfirmationExpireDays:     3,
		EmailUnknownAccounts:            true,
		PhoneVerificationEnabled:        true,
		PhoneVerificationTimeout:        900,
		PhoneVerificationAttempts:       3,
		LoginByCodeTimeout:              180,
		LoginByCodeAttempts:             3,
		LoginTimeout:                    900,
		PasswordMinLength:               8,
		PasswordResetTimeout:            3 * 86400,
		PasswordResetByCodeTimeout:      180,
		PasswordResetByCodeAttempts:     3,
		ReauthenticationTimeout:         300,
		ReauthenticationMethods:         reauthenticationMethods(),
		UsernameMinLength:               1,
		PreserveUsernameCasing:          true,
	}
}

// reauthenticates says whether any change asks for a recent proof.
func (c Config) reauthenticates() bool {
	return c.Account.ReauthenticationRequired || c.MFA.ReauthenticationRequired || c.ReauthenticatesProviders()
}

// reauthenticationMethods are the ways to prove again whose session it is.
func reauthenticationMethods() []string { return []string{"password", "code", "mfa"} }

// account checks the rules of accounts, but for sign-up and codes.
func (k *checker) account() {
	a := k.c.Account
	k.oneOf("account.email_verification", a.EmailVerification, "mandatory", "optional", "none")
	k.oneOf("account.prevent_enumeration", string(a.PreventEnumeration), "true", "false", "strict")
	expire := float64(a.EmailConfirmationExpireDays)
	if a.EmailConfirmationExpireDays.Duration() < time.Millisecond {
		k.wrong("account.email_confirmation_expire_days", "out of range", expire, "a time in days above 0, such as 3 or 0.5")
	} else {
		k.within("account.email_confirmation_expire_days", expire, 0, 3650, "days")
	}
	k.age("account.login_timeout", a.LoginTimeout)
	k.age("account.password_reset_timeout", a.PasswordResetTimeout)
	k.someOf("account.reauthentication_methods", a.ReauthenticationMethods, append(reauthenticationMethods(), "socialaccount")...)
	if len(a.ReauthenticationMethods) == 0 && k.c.reauthenticates() {
		k.wrong("account.reauthentication_methods", "there is no way to prove what changes ask for", nil,
			"name password, code or mfa, or switch account.reauthentication_required and those of mfa and socialaccount off")
	}
	k.within("account.reauthentication_timeout", float64(a.ReauthenticationTimeout), 0, float64(maxAge), "seconds")
	if strings.ContainsAny(a.EmailSubjectPrefix, "\r\n") {
		k.wrong("account.email_subject_prefix", "has a line break", a.EmailSubjectPrefix, "a subject is one line")
	}
	k.count("account.password_min_length", a.PasswordMinLength, 1, 128, "characters")
	k.count("account.username_min_length", a.UsernameMinLength, 1, 150, "characters")
	k.count("account.max_email_addresses", a.MaxEmailAddresses, 0, 1000, "addresses, 0 being any number")
	if a.ChangeEmail && a.MaxEmailAddresses != 0 && a.MaxEmailAddresses != 2 {
		k.wrong("account.max_email_addresses", "clashes with account.change_email", a.MaxEmailAddresses,
			"the next address waits beside the old one: leave it out, or 2")
	}
}

// signup checks that what sign-up asks for is enough for what comes after.
func (k *checker) signup() {
	a := k.c.Account
	k.someOf("account.login_methods", a.LoginMethods, "email", "username", "phone")
	if len(a.LoginMethods) == 0 {
		k.wrong("account.login_methods", "empty", nil, "nobody could sign in; the usual choice is [email]")
	}
	var asked []string
	for _, field := range a.SignupFields {
		bare := strings.TrimSuffix(field, "*")
		k.signupField(field, bare)
		if slices.Contains(asked, bare) {
			k.wrong("account.signup_fields", "names something twice", field, "once is enough")
		}
		asked = append(asked, bare)
	}
	if !slices.ContainsFunc(a.LoginMethods, func(method string) bool { return required(a, method) }) && len(a.LoginMethods) > 0 {
		k.wrong("account.signup_fields", "requires nothing that one can sign in by", strings.Join(a.SignupFields, ","),
			fmt.Sprintf("add %q, since account.login_methods has it", a.LoginMethods[0]+"*"))
	}
	if a.EmailVerification == "mandatory" && !required(a, "email") {
		k.wrong("account.email_verification", "mandatory needs an address to verify", nil, `add "email*" to account.signup_fields`)
	}
}

func required(a Account, field string) bool {
	_, required := a.SignupField(field)
	return required
}

func (k *checker) signupField(field, bare string) {
	const key = "account.signup_fields"
	switch bare {
	case "email", "username", "phone", "password1":
	case "password":
		k.wrong(key, "unknown field", field, "it is called password1")
	case "email2", "password2":
		k.wrong(key, "unknown field", field, "the API takes it once; let the form ask twice")
	default:
		hint := "fields are email, username, phone, password1, with a star for required"
		if near := nearest(bare, []string{"email", "username", "phone", "password1"}); near != "" {
			hint = "did you mean " + near
		}
		k.wrong(key, "unknown field", field, hint)
	}
}
