package wire

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	// MaxEmail is the longest address we keep, in bytes (RFC 5321 section 4.5.3.1.3).
	MaxEmail = 254
	// maxAnyEmail is the longest input that is parsed at all, in characters.
	maxAnyEmail = 320
)

// CleanEmail checks an e-mail address and returns it as it is stored and
// compared: ASCII, in lower case, at most [MaxEmail] long. It returns "" and false
// for anything else. Accepted are
//
//   - before the @: dot-separated atoms or a quoted string (RFC 5321 section
//     4.1.2), ASCII only and without control characters;
//   - after it: a domain of two labels or more, localhost, or an IP address in
//     brackets. A domain in another script must be spelt as it would be registered
//     (IDNA 2008: normalised, lower case) and becomes its xn-- form.
//
// Nothing is ever folded onto ASCII: a full-width or otherwise look-alike letter
// makes an address invalid or another one, never somebody else's.
func CleanEmail(s string) (string, bool) {
	clean, ok := parseEmail(s)
	if !ok || len(clean) > MaxEmail {
		return "", false
	}
	return clean, true
}

// parseEmail is CleanEmail with the limit of 320 characters only.
func parseEmail(s string) (string, bool) {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || utf8.RuneCountInString(s) > maxAnyEmail {
		return "", false
	}
	if !isDotAtom(s[:at]) && !isQuoted(s[:at]) {
		return "", false
	}
	if isASCII(s[at+1:]) {
		s = lowerASCII(s)
		return s, isDomain(s[at+1:])
	}
	domain, ok := asciiDomain(lowerASCII(s[at+1:]))
	if !ok {
		return "", false
	}
	return lowerASCII(s[:at+1]) + domain, true
}

// isDotAtom reports whether s is atoms joined by single dots.
func isDotAtom(s string) bool {
	dot := true
	for i := range len(s) {
		c := s[i]
		if c == '.' {
			if dot {
				return false
			}
			dot = true
			continue
		}
		dot = false
		if !isAlnum(c) && strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) < 0 {
			return false
		}
	}
	return !dot
}

// isQuoted reports whether s is a quoted string of printable ASCII; a space, quote or
// backslash in it must be escaped.
func isQuoted(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	s = s[1 : len(s)-1]
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c < ' ' || c > '~' || c == ' ' || c == '"':
			return false
		case c == '\\':
			i++
			if i == len(s) || s[i] < ' ' || s[i] > '~' {
				return false
			}
		}
	}
	return true
}

// isDomain reports whether s is an ASCII domain in lower case.
func isDomain(s string) bool {
	if s == "localhost" {
		return true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		addr, err := netip.ParseAddr(s[1 : len(s)-1])
		return err == nil && addr.Zone() == ""
	}
	labels := 0
	for label := range strings.SplitSeq(s, ".") {
		if !isLabel(label) {
			return false
		}
		labels++
	}
	last := s[strings.LastIndexByte(s, '.')+1:]
	return labels > 1 && len(last) > 1
}

// isLabel reports whether s is one label of a host name (RFC 1123 section 2.1): 1 to 63 letters,
// digits and inner dashes.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '-' {
			return false
		}
	}
	return true
}

// asciiDomain turns the labels of a domain that are not ASCII into their xn--
// form. The registration profile maps nothing: what is not spelt right is refused.
func asciiDomain(s string) (string, bool) {
	ascii, err := idna.Registration.ToASCII(s)
	if err != nil || !isDomain(ascii) {
		return "", false
	}
	from, to := strings.Split(s, "."), strings.Split(ascii, ".")
	if len(from) != len(to) {
		return "", false
	}
	for i := range from {
		if from[i] != to[i] && !strings.HasPrefix(to[i], "xn--") {
			return "", false
		}
	}
	return ascii, true
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lowerASCII lowers A to Z alone. Lowering Unicode would turn the Kelvin sign into a k.
func lowerASCII(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' }) < 0 {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
