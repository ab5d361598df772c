package config

import (
	"math"
	"testing"
)

func TestSignupField(t *testing.T) {
	a := Account{SignupFields: []string{"phone*", "email"}, LoginMethods: []string{"email"}}
	for name, want := range map[string][2]bool{"phone": {true, true}, "email": {true, false}, "username": {false, false}, "phone*": {false, false}} {
		asked, required := a.SignupField(name)
		if got := [2]bool{asked, required}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if !a.UsesPhone() || (Account{SignupFields: []string{"email"}}).UsesPhone() || !(Account{LoginMethods: []string{"phone"}}).UsesPhone() {
		t.Error("phone numbers are used when sign-up or sign-in has them")
	}
}

func TestFaultsOfAccounts(t *testing.T) {
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.EmailVerification = "mandetory" },
			`account.email_verification: not one of mandatory, optional, none (got "mandetory"); did you mean mandatory`},
		{func(c *Config) { c.Account.EmailVerification = "" }, `account.email_verification: not one of mandatory, optional, none; the first is the usual choice`},
		{func(c *Config) { c.Account.PreventEnumeration = "maybe" },
			`account.prevent_enumeration: not one of true, false, strict (got "maybe"); the first is the usual choice`},
		{func(c *Config) { c.Account.EmailConfirmationExpireDays = 0 },
			`account.email_confirmation_expire_days: out of range (got 0); a time in days above 0, such as 3 or 0.5`},
		{func(c *Config) { c.Account.EmailConfirmationExpireDays = 4000 }, `account.email_confirmation_expire_days: out of range (got 4000); from 0 to 3650 days`},
		{func(c *Config) { c.Account.LoginTimeout = Seconds(math.NaN()) },
			`account.login_timeout: out of range (got NaN); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.PasswordResetTimeout = -1 },
			`account.password_reset_timeout: out of range (got -1); a time in seconds above 0, such as 900 or 0.5`},
		{func(c *Config) { c.Account.ReauthenticationTimeout = -1 },
			`account.reauthentication_timeout: out of range (got -1); from 0 to 3153600000 seconds`},
		{func(c *Config) { c.Account.ReauthenticationMethods = []string{"password", "face"} },
			`account.reauthentication_methods: not one of password, code, mfa, socialaccount (got "face"); the first is the usual choice`},
		{func(c *Config) { c.Account.ReauthenticationMethods = nil },
			`account.reauthentication_methods: there is no way to prove what changes ask for; name password, code or mfa, or switch account.reauthentication_required and those of mfa and socialaccount off`},
		{func(c *Config) { c.Account.PasswordMinLength = 0 }, `account.password_min_length: out of range (got 0); from 1 to 128 characters`},
		{func(c *Config) { c.Account.UsernameMinLength = 0 }, `account.username_min_length: out of range (got 0); from 1 to 150 characters`},
		{func(c *Config) { c.Account.MaxEmailAddresses = -1 },
			`account.max_email_addresses: out of range (got -1); from 0 to 1000 addresses, 0 being any number`},
		{func(c *Config) { c.Account.ChangeEmail, c.Account.MaxEmailAddresses = true, 3 },
			`account.max_email_addresses: clashes with account.change_email (got 3); the next address waits beside the old one: leave it out, or 2`},
	})
}

func TestFaultsOfSignup(t *testing.T) {
	fields := func(fields ...string) func(*Config) { return func(c *Config) { c.Account.SignupFields = fields } }
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.LoginMethods = nil }, `account.login_methods: empty; nobody could sign in; the usual choice is [email]`},
		{func(c *Config) { c.Account.LoginMethods = []string{"email", "mail"} },
			`account.login_methods: not one of email, username, phone (got "mail"); did you mean email`},
		{func(c *Config) { c.Account.LoginMethods = []string{"email", "email"} }, `account.login_methods: names something twice (got "email"); once is enough`},
		{fields("email*", "password*"), `account.signup_fields: unknown field (got "password*"); it is called password1`},
		{fields("email*", "password1*", "password2*"), `account.signup_fields: unknown field (got "password2*"); the API takes it once; let the form ask twice`},
		{fields("email*", "usrname"), `account.signup_fields: unknown field (got "usrname"); did you mean username`},
		{fields("email*", "age"), `account.signup_fields: unknown field (got "age"); fields are email, username, phone, password1, with a star for required`},
		{fields("email*", "email"), `account.signup_fields: names something twice (got "email"); once is enough`},
		{func(c *Config) {
			c.Account.SignupFields, c.Account.EmailVerification = []string{"email", "username*"}, "optional"
		},
			`account.signup_fields: requires nothing that one can sign in by (got "email,username*"); add "email*", since account.login_methods has it`},
		{func(c *Config) {
			c.Account.SignupFields, c.Account.LoginMethods = []string{"email", "username*"}, []string{"username"}
		},
			`account.email_verification: mandatory needs an address to verify; add "email*" to account.signup_fields`},
	})
}

// nameless makes accounts that have a username and nothing to write to.
func nameless(c *Config) {
	c.Account.LoginMethods, c.Account.SignupFields = []string{"username"}, []string{"username*", "password1*"}
	c.Account.EmailVerification = "none"
}
