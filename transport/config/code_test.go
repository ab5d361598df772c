package config

import "testing"

func TestCodeRequired(t *testing.T) {
	for _, tc := range []struct {
		raw                   any
		password, social, any bool
	}{
		{true, true, true, true},
		{false, false, false, false},
		{[]any{"password"}, true, false, true},
		{[]any{}, false, false, false},
		{envText{Text: "password, mfa"}, true, false, true},
		{envText{Text: "1"}, true, true, true},
	} {
		c := CodeRequired{All: !tc.any}
		if err := c.set(tc.raw); err != nil {
			t.Fatal(err)
		}
		if c.After("password") != tc.password || c.After("socialaccount") != tc.social || c.Any() != tc.any {
			t.Errorf("%v: %+v", tc.raw, c)
		}
	}
}

func TestFaultsOfCodes(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.EmailVerificationByCodeTimeout = 0 },
			`account.email_verification_by_code_timeout: out of range (got 0); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.LoginByCodeTimeout = 1e12 },
			`account.login_by_code_timeout: out of range (got 1e+12); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.PasswordResetByCodeAttempts = 0 },
			`account.password_reset_by_code_max_attempts: out of range (got 0); from 1 to 20 attempts, since more of them can be guessed`},
		{func(c *Config) { c.Account.PhoneVerificationAttempts = 1000 },
			`account.phone_verification_max_attempts: out of range (got 1000); from 1 to 20 attempts, since more of them can be guessed`},
		{func(c *Config) { c.Account.LoginByCodeSupportsResend = -1 },
			`account.login_by_code_supports_resend: out of range (got -1); from 0 to 100 times`},
		{func(c *Config) {
			c.Account.EmailVerificationByCodeEnabled, c.Account.EmailVerification = true, "optional"
		},
			`account.email_verification_by_code_enabled: needs account.email_verification mandatory (got "optional"); a code is part of signing in, a link is not`},
		{func(c *Config) { c.Account.LoginByCodeRequired.Methods = []string{"sms"} },
			`account.login_by_code_required: not one of password, mfa, socialaccount (got "sms"); the first is the usual choice`},
		{func(c *Config) { nameless(c); c.Account.LoginByCodeRequired.All = true },
			`account.login_by_code_required: an account may have nowhere to send the code to; add "email*" or "phone*" to account.signup_fields`},
		{func(c *Config) { nameless(c); c.Account.LoginByCodeEnabled = true },
			`account.login_by_code_enabled: no account would have an address or a number; add "email" or "phone" to account.signup_fields`},
		{func(c *Config) { c.Account.LoginByCodeTrustEnabled = true },
			`account.login_by_code_trust_enabled: there is no code to skip; set account.login_by_code_required, too`},
	})
}
