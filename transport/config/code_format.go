package config

import (
	"fmt"
	"math"
	"slices"

	"stagedoor/stages"
)

// CodeFormat is how codes look. The formats of single uses, once any of their keys is given,
// owe nothing to user_code_format: what they leave out is as here.
type CodeFormat struct {
	// Numeric codes are of digits; else, and where this is nil, of letters.
	Numeric *bool `koanf:"numeric"`
	// Length is without dashes; 0 is nine digits or eight letters.
	Length int `koanf:"length"`
	// Dashed parts them by dashes, which nobody has to type; nil does.
	Dashed *bool `koanf:"dashed"`
}

// whole is the format in force.
func (f CodeFormat) whole() stages.CodeFormat {
	w := stages.CodeFormat{Numeric: f.Numeric != nil && *f.Numeric, Length: f.Length, Dashed: f.Dashed == nil || *f.Dashed}
	return w.Whole()
}

// codeUse is one use of codes.
type codeUse struct {
	// name says what the codes do; key is that of their format, without the section; attempts
	// is how many tries a code has; on says that there are such codes.
	name     string
	key      string
	format   CodeFormat
	attempts int
	on       bool
}

// codeUses are the uses that have a format of their own: login, email, reset, phone.
func (a Account) codeUses() [4]codeUse {
	return [4]codeUse{
		{"sign in", "login_by_code_format", a.LoginByCodeFormat, a.LoginByCodeAttempts,
			a.LoginByCodeEnabled || a.LoginByCodeRequired.Any() || slices.Contains(a.ReauthenticationMethods, "code")},
		{"verify addresses", "email_verification_by_code_format", a.EmailVerificationByCodeFormat, a.EmailVerificationByCodeAttempts, a.EmailVerificationByCodeEnabled},
		{"reset passwords", "password_reset_by_code_format", a.PasswordResetByCodeFormat, a.PasswordResetByCodeAttempts, a.PasswordResetByCodeEnabled},
		{"verify numbers", "phone_verification_code_format", a.PhoneVerificationCodeFormat, a.PhoneVerificationAttempts, a.UsesPhone() && a.PhoneVerificationEnabled},
	}
}

// formatOf is the format of a use in force, and the key that says so.
func (c Config) formatOf(u codeUse) (stages.CodeFormat, string) {
	if u.format == (CodeFormat{}) {
		return c.UserCodeFormat.whole(), "user_code_format"
	}
	return u.format.whole(), "account." + u.key
}

// CodeFormats are the formats of codes in force, by what they are for. All have a length.
func (c Config) CodeFormats() stages.CodeFormats {
	var f [4]stages.CodeFormat
	for i, use := range c.Account.codeUses() {
		f[i], _ = c.formatOf(use)
	}
	return stages.CodeFormats{Login: f[0], Email: f[1], Reset: f[2], Phone: f[3], Other: c.UserCodeFormat.whole()}
}

// minGuesses is how many codes there must be for each attempt at one: six digits may be tried
// twenty times, four letters three times.
const minGuesses = 50_000

// codeFormats checks that codes cannot be guessed. A format that several uses share is told
// about once, by the use with the most attempts.
func (k *checker) codeFormats() {
	const outside = 3 // attempts that stages of programs should allow
	most := map[string]int{"user_code_format": outside}
	formats := map[string]CodeFormat{"user_code_format": k.c.UserCodeFormat}
	for _, use := range k.c.Account.codeUses() {
		_, key := k.c.formatOf(use)
		most[key] = max(most[key], use.attempts)
		if use.format != (CodeFormat{}) {
			formats[key] = use.format
		}
	}
	for _, key := range sortedKeys(formats) {
		length := formats[key].Length
		if length < 0 || length > stages.MaxCodeLength {
			k.count(key+".length", length, 0, stages.MaxCodeLength, "characters, 0 being nine digits or eight letters")
			continue
		}
		f := formats[key].whole()
		if f.Count() < minGuesses*float64(most[key]) {
			k.wrong(key+".length", fmt.Sprintf("%d attempts guess 1 of %s codes of %s", most[key], odds(f, most[key]), f), f.Length,
				fmt.Sprintf("make them longer, of letters, or allow fewer attempts: 1 of %d is the most", minGuesses))
		}
	}
}

// odds is in how many cases of which attempts at a code hit it once.
func odds(f stages.CodeFormat, attempts int) string {
	return fmt.Sprintf("%.0f", math.Max(1, math.Floor(f.Count()/math.Max(1, float64(attempts)))))
}

// weakCodes says in one line for each use how easily its codes are guessed, where that is
// easier than with those of django-allauth's format.
func (c Config) weakCodes() []string {
	var notes []string
	for _, use := range c.Account.codeUses() {
		f, key := c.formatOf(use)
		if use.on && f.Count() < (stages.CodeFormat{}).Count() {
			notes = append(notes, fmt.Sprintf("codes: those that %s have %s, so that %d attempts guess 1 of %s; %s makes them longer",
				use.name, f, use.attempts, odds(f, use.attempts), key))
		}
	}
	return notes
}

// CodeChanges say in one line for each use which codes are guessed more easily after a change of
// configuration, and which less.
func CodeChanges(was, is Config) (easier, harder []string) {
	before := was.Account.codeUses()
	for i, use := range is.Account.codeUses() {
		old, _ := was.formatOf(before[i])
		now, _ := is.formatOf(use)
		said := fmt.Sprintf("%d attempts at %s, 1 of %s, where it was %d at %s, 1 of %s",
			use.attempts, now, odds(now, use.attempts), before[i].attempts, old, odds(old, before[i].attempts))
		chance, then := float64(use.attempts)/now.Count(), float64(before[i].attempts)/old.Count()
		switch {
		case !use.on || !before[i].on:
		case chance > then:
			easier = append(easier, "codes that "+use.name+" are guessed more easily: "+said)
		case chance < then:
			harder = append(harder, "codes that "+use.name+" are harder to guess: "+said)
		}
	}
	return easier, harder
}
