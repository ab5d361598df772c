package device

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"stagedoor/state"
)

// Kind is what a message wants of its reader.
type Kind string

// The kinds that exist.
const (
	// Notice wants nothing.
	Notice Kind = "notice"
	// Code brings a code to type in.
	Code Kind = "code"
	// Link brings a link to open, with a key in it.
	Link Kind = "link"
)

// Message is a mail or a text message as a person reads it.
type Message struct {
	Channel state.Channel
	// To is a mail address, or a phone number as the server wrote it.
	To string
	// Subject is a mail's, on one line.
	Subject string
	// Text is the plain text, with \n line ends.
	Text string
	Kind Kind
	// Code is the code in the text, as it stands there; Key the key of its link,
	// unescaped. Both are empty where there is none. LastKey is that of the last link which
	// has one: another than Key where there are several.
	Code, Key, LastKey string
	// Secrets are the places in Text where the code and all keys stand, in order.
	Secrets []Span
	// Name is what the server calls the message, where it says so: email_code. It is
	// nothing that a person sees.
	Name string
}

// Span is a part of a text, in bytes: from Start up to, not including, End.
type Span struct{ Start, End int }

// Redact returns the text with every code and key replaced.
func (m Message) Redact(replacement string) string {
	var b strings.Builder
	at := 0
	for _, s := range m.Secrets {
		b.WriteString(m.Text[at:s.Start])
		b.WriteString(replacement)
		at = s.End
	}
	b.WriteString(m.Text[at:])
	return b.String()
}

var (
	// codeLine is a code on a line of its own: three characters at least, or parts of two.
	codeLine = regexp.MustCompile(`(?m)^[ \t]*([A-Z0-9]{3,}|[A-Z0-9]{2,}(?:-[A-Z0-9]{2,})+)[ \t]*\r?$`)
	// link is a web address, up to where the sentence around it goes on.
	link = regexp.MustCompile(`https?://[^\s<>"'/?#]+([/?#][^\s<>"']*)`)
	// part is a segment of a path, or a name or value of a query.
	part = regexp.MustCompile(`[^/?#&=;]+`)
	// keyLike is a part long enough to be a key, written as keys are.
	keyLike = regexp.MustCompile(`^[A-Za-z0-9:_.%~-]{16,}$`)
)

// newMessage reads a message's words.
func newMessage(channel state.Channel, to, subject, text string) Message {
	m := Message{Channel: channel, To: to, Subject: subject, Text: strings.ReplaceAll(text, "\r\n", "\n"), Kind: Notice}
	raw := m.findKeys()
	if len(raw) > 0 {
		m.Kind, m.Key, m.LastKey = Link, unescaped(raw[0]), unescaped(raw[len(raw)-1])
	}
	if found := codeLine.FindStringSubmatch(m.Text); found != nil {
		m.Kind, m.Code = Code, found[1]
	}
	m.Secrets = places(m.Text, append(raw, m.Code)...)
	return m
}

func unescaped(raw string) string {
	if key, err := url.PathUnescape(raw); err == nil {
		return key
	}
	return raw
}

// findKeys returns the keys in links, as they stand there: the last long part of the path
// or query of each. A word, however long, has no digit and is no key.
func (m Message) findKeys() []string {
	var out []string
	for _, found := range link.FindAllStringSubmatch(m.Text, -1) {
		parts := part.FindAllString(strings.TrimRight(found[1], ".,;:!?)"), -1)
		for _, p := range slices.Backward(parts) {
			if keyLike.MatchString(p) && strings.ContainsAny(p, "0123456789") {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// places finds every occurrence of the secrets in a text that is not part of a longer
// word, in order and without overlap.
func places(text string, secrets ...string) []Span {
	var out []Span
	for _, s := range secrets {
		if s == "" {
			continue
		}
		for at := 0; ; {
			i := strings.Index(text[at:], s)
			if i < 0 {
				break
			}
			span := Span{at + i, at + i + len(s)}
			at = span.Start + 1
			if alone(text, span) {
				out = append(out, span)
				at = span.End
			}
		}
	}
	slices.SortFunc(out, func(a, b Span) int { return a.Start - b.Start })
	// A code that happens to stand within a key goes with it.
	apart := out[:0]
	for _, s := range out {
		if n := len(apart); n > 0 && s.Start < apart[n-1].End {
			apart[n-1].End = max(apart[n-1].End, s.End)
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// alone reports whether a part of a text begins and ends with a word.
func alone(text string, s Span) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:s.Start])
	after, _ := utf8.DecodeRuneInString(text[s.End:])
	return !inWord(before) && !inWord(after)
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
