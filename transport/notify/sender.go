package notify

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"stagedoor/state"
)

// Sender delivers one message now. It returns nil once somebody else is responsible for
// the message, and gives up when ctx ends. An error that wraps [ErrPermanent] says that
// no later attempt can succeed; after any other the message is tried again. It is safe
// for concurrent use.
type Sender interface {
	Send(ctx context.Context, m state.Message) error
}

// ErrPermanent marks an error that no later attempt will cure: the recipient does not
// exist, the message is refused, the template is unknown.
var ErrPermanent = errors.New("refused for good")

// permanent marks err.
func permanent(err error) error {
	return fmt.Errorf("%w: %w", ErrPermanent, err)
}

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
	return oneLine(string(first)+"***"+m.To[at:], maxAddress)
}
