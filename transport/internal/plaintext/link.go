package plaintext

import (
	"net/url"
	"strings"
	"unicode"
)

// IsLink reports whether a text can be a link of a message: an absolute URL that is safe
// to stand in an href and alone on a line, and nothing that a mail program could take for
// the end of it. Besides http and https it may have an app's own scheme, but none that
// runs a script.
func IsLink(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>"`, r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return false
	}
	switch u.Scheme {
	case "", "javascript", "vbscript", "data":
		return false
	}
	return true
}
