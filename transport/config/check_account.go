package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	k.within("account.reauthentication_timeout", float64(a.ReauthenticationTimeout), 0, float64(maxAge), "seconds")
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

// rateLimits checks that limits are of actions there are, counted by what
// these can be counted by.
func (k *checker) rateLimits() {
	var names []string
	byName := map[string]limitedAction{}
	for _, action := range limitedActions() {
		names = append(names, action.name)
		byName[action.name] = action
	}
	for _, name := range sortedKeys(k.c.Account.RateLimits.Rates) {
		key := "account.rate_limits." + name
		action, known := byName[name]
		if !known {
			hint := "actions are " + strings.Join(names, ", ")
			if near := nearest(name, names); near != "" {
				hint = "did you mean " + near
			}
			k.wrong(key, "unknown action", nil, hint)
			continue
		}
		for _, rate := range k.c.Account.RateLimits.Rates[name] {
			if !slices.Contains(action.by, rate.By) {
				k.wrong(key, "cannot be counted by "+rate.By, printRate(rate), "this action is counted by "+strings.Join(action.by, " or "))
			}
			if rate.Max < 1 || rate.Per <= 0 {
				k.wrong(key, "not a limit", printRate(rate), "write 5/m/ip, or leave it empty for no limit")
			}
		}
	}
}
