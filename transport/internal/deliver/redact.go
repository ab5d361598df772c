package deliver

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"stagedoor/state"
	"stagedoor/transport/internal/plaintext"
)

// maxAddress is the longest recipient that a log shows, in runes.
const maxAddress = 320

// addressLike and linkLike find what no log may show, whosever it is.
var (
	addressLike = regexp.MustCompile(`[^\s<>"']+@[^\s<>"']+`)
	linkLike    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s<>"']+`)
)

// shortestSecret is how long a value of a message is, in bytes, at least, to be looked
// for in errors; shorter ones would tear ordinary words apart.
const shortestSecret = 4

// scrub makes an error's text fit for the log: without links, without addresses, and
// without any value of the message. Our own senders put no such thing into their errors;
// this is for those that come from elsewhere.
func scrub(err error, m state.Message) string {
	s := strings.ToValidUTF8(err.Error(), "")
	s = linkLike.ReplaceAllString(s, "[link]")
	s = addressLike.ReplaceAllString(s, "[address]")
	s = hide(s, m.To)
	for _, v := range m.Data {
		s = hide(s, v)
		s = hide(s, strings.ReplaceAll(v, "-", ""))
	}
	return s
}

// hide replaces every occurrence of a secret in a valid text, in whatever case.
func hide(s, secret string) string {
	secret = strings.ToValidUTF8(secret, "")
	if len(secret) < shortestSecret {
		return s
	}
	return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)).ReplaceAllString(s, "***")
}

// redact names a recipient in a log: j***@example.org, +4*******12.
func redact(m state.Message) string {
	if m.Channel == state.BySMS {
		digits := strings.TrimPrefix(m.To, "+")
		if len(digits) < 6 {
			return "+***"
		}
		return "+" + digits[:1] + strings.Repeat("*", len(digits)-3) + digits[len(digits)-2:]
	}
	at := strings.LastIndexByte(m.To, '@')
	if at <= 0 {
		return "***"
	}
	first, _ := utf8.DecodeRuneInString(m.To)
	return plaintext.Line(string(first)+"***"+m.To[at:], maxAddress)
}
