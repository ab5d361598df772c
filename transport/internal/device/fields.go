package device

import (
	"net/http"
	"slices"
	"strings"
)

// Offer is a server's offer to bind a session (Secure-Session-Registration of the W3C's
// Device Bound Session Credentials).
type Offer struct {
	// Algorithms are those of keys that the server takes, Path where to register.
	Algorithms []string
	Path       string
	// Challenge is to be signed, Authorization to be said again with it; "" for none.
	Challenge, Authorization string
}

// Offers are the offers of an answer. What is no structured field (RFC 9651) is none, nor is
// one without a list of algorithms.
func Offers(answer http.Header) []Offer {
	var out []Offer
	for _, f := range fieldsOf(answer, "Secure-Session-Registration") {
		if f.inner && len(f.words) > 0 {
			out = append(out, Offer{f.words, f.params["path"], f.params["challenge"], f.params["authorization"]})
		}
	}
	return out
}

// Challenges are the challenges of an answer, by the session they are for
// (Secure-Session-Challenge).
func Challenges(answer http.Header) map[string]string {
	out := map[string]string{}
	for _, f := range fieldsOf(answer, "Secure-Session-Challenge") {
		if !f.inner && len(f.words) == 1 {
			out[f.params["id"]] = f.words[0]
		}
	}
	return out
}

// field is a member of a list: an item or an inner list, with parameters.
type field struct {
	inner  bool
	words  []string
	params map[string]string
}

// fieldsOf reads a header as a list of strings, tokens and inner lists of them (RFC 9651,
// sections 3.1 and 4.2), nil if it is none.
func fieldsOf(header http.Header, name string) []field {
	p := &fieldParser{rest: strings.Join(header.Values(name), ", ")}
	var out []field
	for p.spaces(); p.rest != "" && !p.failed; {
		one := p.member()
		out = append(out, one)
		if p.spaces(); p.rest != "" && (!p.take(',') || p.spaces() == "") {
			p.failed = true
		}
	}
	if p.failed {
		return nil
	}
	return out
}

// fieldParser reads from the front of what is left.
type fieldParser struct {
	rest   string
	failed bool
}

func (p *fieldParser) spaces() string {
	p.rest = strings.TrimLeft(p.rest, " \t")
	return p.rest
}

func (p *fieldParser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *fieldParser) member() field {
	f := field{params: map[string]string{}}
	if f.inner = p.take('('); f.inner {
		for p.spaces(); !p.take(')') && !p.failed; p.spaces() {
			f.words = append(f.words, p.word())
			p.parameters(map[string]string{})
		}
	} else {
		f.words = []string{p.word()}
	}
	p.parameters(f.params)
	return f
}

func (p *fieldParser) parameters(into map[string]string) {
	for p.take(';') && !p.failed {
		p.spaces()
		name := p.token()
		into[name] = ""
		if p.take('=') {
			into[name] = p.word()
		}
	}
}

// word is a string or a token.
func (p *fieldParser) word() string {
	if !p.take('"') {
		return p.token()
	}
	var out strings.Builder
	for p.rest != "" {
		c := p.rest[0]
		p.rest = p.rest[1:]
		switch {
		case c == '"':
			return out.String()
		case c == '\\' && p.rest != "" && (p.rest[0] == '"' || p.rest[0] == '\\'):
			out.WriteByte(p.rest[0])
			p.rest = p.rest[1:]
		case c == '\\' || c < ' ' || c > '~':
			p.failed = true
			return ""
		default:
			out.WriteByte(c)
		}
	}
	p.failed = true
	return ""
}

func (p *fieldParser) token() string {
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return r <= ' ' || r > '~' || slices.Contains([]rune(`,;()="\`), r)
	})
	if end < 0 {
		end = len(p.rest)
	}
	if end == 0 {
		p.failed = true
	}
	out := p.rest[:end]
	p.rest = p.rest[end:]
	return out
}
