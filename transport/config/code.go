package config

import (
	"slices"
	"strings"
)

// CodeRequired says after which ways in a login code is asked for: after all of
// them, or after those in Methods (password, mfa, socialaccount).
type CodeRequired struct {
	All     bool
	Methods []string
}

// After says whether a code is due after signing in by the method.
func (c CodeRequired) After(method string) bool {
	return c.All || slices.Contains(c.Methods, method)
}

// Any says whether a code is due after any way in.
func (c CodeRequired) Any() bool { return c.All || len(c.Methods) > 0 }

func (c *CodeRequired) set(raw any) error {
	if on, err := toBool(raw); err == nil {
		*c = CodeRequired{All: on}
		return nil
	}
	methods, err := toList(raw)
	if err != nil {
		return Fault{Problem: "must be true, false or a list", Hint: "the list may hold " + strings.Join(codeMethods(), ", ")}
	}
	*c = CodeRequired{Methods: methods}
	return nil
}

func (c *CodeRequired) plain() any {
	if c.All || len(c.Methods) == 0 {
		return c.All
	}
	return slices.Clone(c.Methods)
}

// codeMethods are the ways in that a login code can be required after.
func codeMethods() []string { return []string{"password", "mfa", "socialaccount"} }

// codes checks everything that is proved by a code.
func (k *checker) codes() {
	a := k.c.Account
	for _, code := range []struct {
		key      string
		timeout  Seconds
		attempts int
	}{
		{"account.email_verification_by_code", a.EmailVerificationByCodeTimeout, a.EmailVerificationByCodeAttempts},
		{"account.login_by_code", a.LoginByCodeTimeout, a.LoginByCodeAttempts},
		{"account.password_reset_by_code", a.PasswordResetByCodeTimeout, a.PasswordResetByCodeAttempts},
		{"account.phone_verification", a.PhoneVerificationTimeout, a.PhoneVerificationAttempts},
	} {
		k.age(code.key+"_timeout", code.timeout)
		k.count(code.key+"_max_attempts", code.attempts, 1, 20, "attempts, since more of them can be guessed")
	}
	for key, times := range map[string]Times{
		"account.email_verification_supports_resend": a.EmailVerificationSupportsResend,
		"account.email_verification_supports_change": a.EmailVerificationSupportsChange,
		"account.login_by_code_supports_resend":      a.LoginByCodeSupportsResend,
		"account.phone_verification_supports_resend": a.PhoneVerificationSupportsResend,
		"account.phone_verification_supports_change": a.PhoneVerificationSupportsChange,
	} {
		k.count(key, int(times), 0, 100, "times")
	}
	if a.EmailVerificationByCodeEnabled && a.EmailVerification != "mandatory" {
		k.wrong("account.email_verification_by_code_enabled", "needs account.email_verification mandatory", a.EmailVerification,
			"a code is part of signing in, a link is not")
	}
	k.loginCodes()
	k.codeFormats()
}

// loginCodes checks that a login code can reach its account.
func (k *checker) loginCodes() {
	a := k.c.Account
	k.someOf("account.login_by_code_required", a.LoginByCodeRequired.Methods, codeMethods()...)
	if a.LoginByCodeRequired.Any() && !required(a, "email") && !required(a, "phone") {
		k.wrong("account.login_by_code_required", "an account may have nowhere to send the code to", nil,
			`add "email*" or "phone*" to account.signup_fields`)
	}
	email, _ := a.SignupField("email")
	if a.LoginByCodeEnabled && !email && !a.UsesPhone() {
		k.wrong("account.login_by_code_enabled", "no account would have an address or a number", nil,
			`add "email" or "phone" to account.signup_fields`)
	}
	if a.LoginByCodeTrustEnabled && !a.LoginByCodeRequired.Any() {
		k.wrong("account.login_by_code_trust_enabled", "there is no code to skip", nil, "set account.login_by_code_required, too")
	}
}
