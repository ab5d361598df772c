package accounts

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// spelling is a password as it is hashed: in the form of RFC 8265, section 4.2 (OpaqueString),
// in which it is the same whether a keyboard composes its accents (NFC) or not (NFD), and
// whichever space it types. What that form does not take, such as a control character, is left
// as it is, and so is what is no text: as text all of it would be one.
func spelling(password string) string {
	if isASCII(password) || !utf8.ValidString(password) {
		return password
	}
	if s, err := precis.OpaqueString.String(password); err == nil {
		return s
	}
	return password
}

// spellings are the ways in which a system that hashed what was typed may have come to see a
// password, each once.
func spellings(password string) []string {
	out := []string{password}
	if isASCII(password) || !utf8.ValidString(password) {
		return out
	}
	for _, other := range []string{spelling(password), norm.NFD.String(password)} {
		if !slices.Contains(out, other) {
			out = append(out, other)
		}
	}
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
