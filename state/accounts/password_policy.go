package accounts

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"stagedoor/state"
)

// The codes of Policy.Check, as the headless contract spells them.
const (
	PasswordTooSimilar      = "password_too_similar"
	PasswordTooShort        = "password_too_short"
	PasswordTooCommon       = "password_too_common"
	PasswordEntirelyNumeric = "password_entirely_numeric"
	// PasswordTooLong is the code of any text that is too long.
	PasswordTooLong = "max_length"
)

// Policy judges new passwords. It is immutable, and so safe for concurrent use.
type Policy struct {
	minLength int
}

// NewPolicy returns a policy of passwords of at least so many characters, that is code
// points; 0 means 8.
func NewPolicy(minLength int) (*Policy, error) {
	length := minLength
	if length == 0 {
		length = 8
	}
	// More could not be reached by characters of four bytes.
	if most := MaxPasswordBytes / utf8.UTFMax; length < 1 || length > most {
		return nil, fmt.Errorf("password policy: minimum length of %d, use 1 to %d, or 0 for the default", length, most)
	}
	return &Policy{minLength: length}, nil
}

// Check returns the code of every rule that the password breaks, in a fixed
// order: too similar to the username or an address of the account (nil where there
// is none yet), too short, too common, entirely numeric.
// None is nil. Of a password of more than MaxPasswordBytes, which Hash refuses,
// only that is said: it is not worth reading.
func (p *Policy) Check(password string, a *state.Account) []string {
	if a == nil {
		return p.broken(password)
	}
	about := []string{a.Username}
	for _, e := range a.Emails {
		about = append(about, e.Address)
	}
	return p.broken(password, about...)
}

// broken is Check against whatever the password must not resemble.
func (p *Policy) broken(password string, about ...string) []string {
	if len(password) > MaxPasswordBytes {
		return []string{PasswordTooLong}
	}
	password = spelling(password) // which is what is hashed: an accent typed apart is no character
	var codes []string
	if tooSimilar(password, about) {
		codes = append(codes, PasswordTooSimilar)
	}
	if utf8.RuneCountInString(password) < p.minLength {
		codes = append(codes, PasswordTooShort)
	}
	if isCommon(password) {
		codes = append(codes, PasswordTooCommon)
	}
	if entirelyNumeric(password) {
		codes = append(codes, PasswordEntirelyNumeric)
	}
	return codes
}

// entirelyNumeric says whether there is nothing but digits, of any script.
func entirelyNumeric(password string) bool {
	for _, r := range password {
		if !unicode.IsDigit(r) && !isDigitSign(r) {
			return false
		}
	}
	return password != ""
}

// isDigitSign says whether r is a digit that is no decimal, such as a superscript
// or circled one: Unicode's Numeric_Type=Digit, UnicodeData.txt field 7.
func isDigitSign(r rune) bool {
	switch {
	case r == '²', r == '³', r == '¹', r == '⁰',
		'⁴' <= r && r <= '⁹', '₀' <= r && r <= '₉',
		'፩' <= r && r <= '፱', r == '᧚',
		'①' <= r && r <= '⑨', '⑴' <= r && r <= '⑼', '⒈' <= r && r <= '⒐',
		r == '⓪', '⓵' <= r && r <= '⓽', r == '⓿',
		'❶' <= r && r <= '❾', '➀' <= r && r <= '➈', '➊' <= r && r <= '➒',
		0x10A40 <= r && r <= 0x10A43, 0x10E60 <= r && r <= 0x10E68,
		0x11052 <= r && r <= 0x1105A, 0x1F100 <= r && r <= 0x1F10A:
		return true
	}
	return false
}
