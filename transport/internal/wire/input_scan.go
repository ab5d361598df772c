package wire

import (
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a body may nest; the outermost object is depth 1. No
// endpoint needs more than 6 (a WebAuthn credential).
const maxDepth = 64

// kind is what a JSON value is; none is a key that was not there.
type kind uint8

const (
	kindNone kind = iota
	kindNull
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindArray
	kindObject
)

// jsonValue is a JSON value as found in the body. raw is its text, of a string what
// stands between the quotes. escaped says that a string has backslashes; empty
// that a list or object has no members.
type jsonValue struct {
	raw     string
	kind    kind
	escaped bool
	empty   bool
}

// scanner walks once over a JSON text (RFC 8259), checking all of it and keeping
// nothing: what it returns are parts of its own text, so it allocates only for errors.
type scanner struct {
	text string
	pos  int
}

// scanBody fills in the values that the body gives.
func scanBody(body string, v Values) error {
	if body == "" {
		return nil
	}
	if !utf8.ValidString(body) {
		return errors.New("the body is not valid UTF-8")
	}
	s := scanner{text: body}
	s.space()
	isObject := s.peek() == '{'
	t, err := s.value(1, func(key jsonValue, val jsonValue) {
		name, ok := key.unquote()
		if !ok {
			return
		}
		if f := v.find(name); f != nil {
			f.jsonValue = val
		}
	})
	if err != nil {
		return err
	}
	s.space()
	if s.pos < len(s.text) {
		return s.fail("something follows the value")
	}
	if !isObject && t.kind != kindNull {
		return errors.New("the body is JSON but not an object")
	}
	return nil
}

func (s *scanner) fail(what string) error {
	return fmt.Errorf("malformed JSON at byte %d: %s", s.pos, what)
}

// peek returns the byte at hand, 0 at the end; a NUL byte is an error wherever it stands.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// value reads the value at hand, no space before it. visit, if there is one, is
// called with every member of it; members of a list have a key of kindNone.
func (s *scanner) value(depth int, visit func(key, val jsonValue)) (jsonValue, error) {
	switch s.peek() {
	case '{', '[':
		return s.members(depth, visit)
	case '"':
		return s.quoted()
	case 't':
		return s.word("true", kindTrue)
	case 'f':
		return s.word("false", kindFalse)
	case 'n':
		return s.word("null", kindNull)
	}
	return s.number()
}

func (s *scanner) word(w string, k kind) (jsonValue, error) {
	if len(s.text)-s.pos < len(w) || s.text[s.pos:s.pos+len(w)] != w {
		return jsonValue{}, s.fail("no such value")
	}
	s.pos += len(w)
	return jsonValue{raw: w, kind: k}, nil
}

// members reads the list or object at hand.
func (s *scanner) members(depth int, visit func(key, val jsonValue)) (jsonValue, error) {
	if depth > maxDepth {
		return jsonValue{}, s.fail("nested too deep")
	}
	t := jsonValue{kind: kindArray, empty: true}
	start, closing := s.pos, byte(']')
	if s.peek() == '{' {
		t.kind, closing = kindObject, '}'
	}
	s.pos++
	s.space()
	for s.peek() != closing || !t.empty {
		key, val, err := s.member(t.kind, depth)
		if err != nil {
			return jsonValue{}, err
		}
		if visit != nil {
			visit(key, val)
		}
		t.empty = false
		s.space()
		if s.peek() == closing {
			break
		}
		if s.peek() != ',' {
			return jsonValue{}, s.fail("a comma or the end of a list or object is missing")
		}
		s.pos++
		s.space()
	}
	s.pos++
	t.raw = s.text[start:s.pos]
	return t, nil
}

// member reads one element of a list, or one key, colon and value of an object.
func (s *scanner) member(of kind, depth int) (key, val jsonValue, err error) {
	if of == kindObject {
		if s.peek() != '"' {
			return jsonValue{}, jsonValue{}, s.fail("a key is missing")
		}
		if key, err = s.quoted(); err != nil {
			return jsonValue{}, jsonValue{}, err
		}
		s.space()
		if s.peek() != ':' {
			return jsonValue{}, jsonValue{}, s.fail("a colon is missing")
		}
		s.pos++
		s.space()
	}
	val, err = s.value(depth+1, nil)
	return key, val, err
}

// quoted reads the string at hand.
func (s *scanner) quoted() (jsonValue, error) {
	s.pos++
	t := jsonValue{kind: kindString}
	start := s.pos
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '"':
			t.raw = s.text[start:s.pos]
			s.pos++
			return t, nil
		case c < 0x20:
			return jsonValue{}, s.fail("a control character in a string")
		case c == '\\':
			t.escaped = true
			s.pos++
			if !s.escape() {
				return jsonValue{}, s.fail("no such escape")
			}
		default:
			s.pos++
		}
	}
	return jsonValue{}, s.fail("a string does not end")
}

// escape passes over what follows a backslash.
func (s *scanner) escape() bool {
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos++
		return true
	case 'u':
		if _, ok := hex4(s.text[s.pos+1:]); ok {
			s.pos += 5
			return true
		}
	}
	return false
}

// number reads the number at hand: no leading zero, no NaN, no infinity.
func (s *scanner) number() (jsonValue, error) {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	lead := s.peek()
	n := s.digits()
	if n == 0 || lead == '0' && n > 1 {
		return jsonValue{}, s.fail("no such value")
	}
	if s.peek() == '.' {
		s.pos++
		if s.digits() == 0 {
			return jsonValue{}, s.fail("a number ends in a point")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if s.digits() == 0 {
			return jsonValue{}, s.fail("a number has no exponent")
		}
	}
	return jsonValue{raw: s.text[start:s.pos], kind: kindNumber}, nil
}

func (s *scanner) digits() int {
	start := s.pos
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		s.pos++
	}
	return s.pos - start
}

// hex4 reads the four hexadecimal digits of a \u escape.
func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unquote gives the text of a string; ok is false if it holds half a surrogate
// pair, which is no character: U+FFFD stands in its place then.
func (t jsonValue) unquote() (text string, ok bool) {
	if !t.escaped {
		return t.raw, true
	}
	ok = true
	b := make([]byte, 0, len(t.raw))
	for i := 0; i < len(t.raw); i++ {
		c := t.raw[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		switch c = t.raw[i]; c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r, used, whole := codePoint(t.raw[i+1:])
			b = utf8.AppendRune(b, r)
			i += used
			ok = ok && whole
		default:
			b = append(b, c)
		}
	}
	return string(b), ok
}

// codePoint reads what follows \u in a string that has been scanned: one unit, or
// a surrogate pair. whole is false for half a pair.
func codePoint(s string) (r rune, used int, whole bool) {
	r, _ = hex4(s)
	if !utf16.IsSurrogate(r) {
		return r, 4, true
	}
	if len(s) >= 10 && s[4] == '\\' && s[5] == 'u' {
		low, _ := hex4(s[6:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 10, true
		}
	}
	return utf8.RuneError, 4, false
}
