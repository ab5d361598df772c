package config

import (
	"testing"

	"stagedoor/stages"
)

// TestCodeFormats: a use without a format of its own has that of all codes; one that has,
// nothing of it.
func TestCodeFormats(t *testing.T) {
	letters, nine := stages.CodeFormat{Length: 8, Dashed: true}, stages.CodeFormat{Numeric: true, Length: 9, Dashed: true}
	six := stages.CodeFormat{Numeric: true, Length: 6}
	for _, tc := range []struct {
		file                             string
		login, email, reset, phone, rest stages.CodeFormat
	}{
		{"", letters, letters, letters, letters, letters},
		{"user_code_format: {numeric: true}", nine, nine, nine, nine, nine},
		{"user_code_format: {numeric: true, length: 6, dashed: false}\naccount: {phone_verification_code_format: {numeric: true}}", six, six, six, nine, six},
		{"user_code_format: {numeric: true, length: 6, dashed: false}\naccount: {login_by_code_format: {dashed: true}}", letters, six, six, six, six},
		{"user_code_format: {numeric: true, length: 6, dashed: false}\naccount: {email_verification_by_code_format: {numeric: false}, password_reset_by_code_format: {length: 9}}",
			six, letters, stages.CodeFormat{Length: 9, Dashed: true}, six, six},
	} {
		c, err := LoadOver(sound(), write(t, tc.file), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.CodeFormats(), (stages.CodeFormats{Login: tc.login, Email: tc.email, Reset: tc.reset, Phone: tc.phone, Other: tc.rest}); got != want {
			t.Errorf("%s: %+v, want %+v", tc.file, got, want)
		}
	}
	c, err := LoadOver(sound(), "", []string{"STAGEDOOR_ACCOUNT__LOGIN_BY_CODE_FORMAT__NUMERIC=yes", "STAGEDOOR_ACCOUNT__LOGIN_BY_CODE_FORMAT__LENGTH=7"})
	if want := (stages.CodeFormat{Numeric: true, Length: 7, Dashed: true}); err != nil || c.CodeFormats().Login != want {
		t.Errorf("from the environment: %+v, %v", c.CodeFormats().Login, err)
	}
}

// TestFaultsOfCodeFormats holds how easily codes may be guessed.
func TestFaultsOfCodeFormats(t *testing.T) {
	digits := func(n int) CodeFormat { return CodeFormat{Numeric: new(true), Length: n} }
	checkFaults(t, []faultCase{
		{func(c *Config) { c.Account.LoginByCodeFormat = digits(4) },
			`account.login_by_code_format.length: 3 attempts guess 1 of 3333 codes of 4 digits (got 4); make them longer, of letters, or allow fewer attempts: 1 of 50000 is the most`},
		{func(c *Config) { c.Account.EmailVerificationByCodeFormat.Length = 3 },
			`account.email_verification_by_code_format.length: 3 attempts guess 1 of 2666 codes of 3 letters (got 3); make them longer, of letters, or allow fewer attempts: 1 of 50000 is the most`},
		{func(c *Config) { c.UserCodeFormat, c.Account.PhoneVerificationAttempts = digits(5), 10 },
			`user_code_format.length: 10 attempts guess 1 of 10000 codes of 5 digits (got 5); make them longer, of letters, or allow fewer attempts: 1 of 50000 is the most`},
		{func(c *Config) { c.Account.PasswordResetByCodeFormat = digits(21) },
			`account.password_reset_by_code_format.length: out of range (got 21); from 0 to 20 characters, 0 being nine digits or eight letters`},
		{func(c *Config) { c.Account.PhoneVerificationCodeFormat.Length = -1 },
			`account.phone_verification_code_format.length: out of range (got -1); from 0 to 20 characters, 0 being nine digits or eight letters`},
	})
	for name, change := range map[string]func(*Config){
		"six boxes":               func(c *Config) { c.UserCodeFormat = digits(6) },
		"six boxes, many tries":   func(c *Config) { c.UserCodeFormat, c.Account.LoginByCodeAttempts = digits(6), 20 },
		"four letters":            func(c *Config) { c.Account.LoginByCodeFormat.Length = 4 },
		"short ones, tried once":  func(c *Config) { c.Account.LoginByCodeFormat, c.Account.LoginByCodeAttempts = digits(5), 1 },
		"the longest, of letters": func(c *Config) { c.UserCodeFormat.Length = stages.MaxCodeLength },
	} {
		c := sound()
		if change(&c); c.Validate() != nil {
			t.Errorf("%s: %v", name, c.Validate())
		}
	}
}

// TestCodeChanges: what counts is how many of the codes there are the attempts reach, of uses
// that are switched on.
func TestCodeChanges(t *testing.T) {
	for name, tc := range map[string]struct {
		change         func(*Config)
		easier, harder int
	}{
		"nothing":              {func(*Config) {}, 0, 0},
		"six digits":           {func(c *Config) { c.UserCodeFormat = CodeFormat{Numeric: new(true), Length: 6} }, 2, 0},
		"no dashes":            {func(c *Config) { c.UserCodeFormat.Dashed = new(false) }, 0, 0},
		"more attempts":        {func(c *Config) { c.Account.EmailVerificationByCodeAttempts = 4 }, 1, 0},
		"longer ones":          {func(c *Config) { c.Account.LoginByCodeFormat.Length = 10 }, 0, 1},
		"resets go by link":    {func(c *Config) { c.Account.PasswordResetByCodeFormat.Length = 6 }, 0, 0},
		"one so, the other so": {func(c *Config) { c.Account.LoginByCodeFormat.Length, c.UserCodeFormat.Length = 6, 9 }, 1, 1},
	} {
		was := sound()
		was.Account.EmailVerificationByCodeEnabled = true
		is := was
		tc.change(&is)
		if easier, harder := CodeChanges(was, is); len(easier) != tc.easier || len(harder) != tc.harder {
			t.Errorf("%s: easier %q, harder %q", name, easier, harder)
		}
	}
}
