package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// MaxUsername is the longest username in characters, for Field.MaxLength.
const MaxUsername = 150

// CleanPhone checks a phone number in E.164 form: a plus and 6 to 15 ASCII digits,
// the first not 0, no spaces or dashes. The country code must exist and the length
// be possible there. It is returned unchanged, or "" and false.
func CleanPhone(s string) (string, bool) {
	if len(s) < 7 || len(s) > 16 || s[0] != '+' || s[1] == '0' {
		return "", false
	}
	for i := 1; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return "", false
		}
	}
	n, err := phonenumbers.Parse(s, "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	// A trunk zero after the country code would be dropped: two spellings of one
	// number must not become two accounts.
	if phonenumbers.Format(n, phonenumbers.E164) != s {
		return "", false
	}
	return s, true
}

// CleanUsername normalises a username to NFKC, so that full-width and other
// compatibility spellings of one name are one name, and checks that it consists of
// Unicode letters and digits and @ . + - _ only. Case is kept. It returns "" and
// false for anything else; the length is the field's business.
func CleanUsername(s string) (string, bool) {
	s = normalizeUsername(s)
	if s == "" || !utf8.ValidString(s) {
		return "", false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) && !strings.ContainsRune("@.+-_", r) {
			return "", false
		}
	}
	return s, true
}

// normalizeUsername leaves alone a text that is too long for a username.
func normalizeUsername(s string) string {
	if len(s) > MaxUsername*utf8.UTFMax {
		return s
	}
	return norm.NFKC.String(s)
}

// CleanCode converts a one-time code to the form it was made in: ASCII upper case,
// without ASCII space, punctuation and control characters, so that "ab-cd ef" is
// "ABCDEF" (RFC 8628 section 6.1). Other characters stay and make it wrong. It may
// return "".
func CleanCode(s string) string {
	i := 0
	for i < len(s) && s[i] != 0 && codeByte(s[i]) == s[i] {
		i++
	}
	if i == len(s) {
		return s
	}
	b := make([]byte, i, len(s))
	copy(b, s)
	for ; i < len(s); i++ {
		if c := codeByte(s[i]); c != 0 {
			b = append(b, c)
		}
	}
	return string(b)
}

// codeByte returns a byte as it stands in a clean code, 0 for one that is left out.
func codeByte(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return c - 'a' + 'A'
	case isAlnum(c) || c >= utf8.RuneSelf:
		return c
	}
	return 0
}
