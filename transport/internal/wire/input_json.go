package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep a body may nest; the outermost object is depth 1. No
// endpoint needs more than 6 (a WebAuthn credential).
const maxDepth = 64

// kind is the kind of a JSON value; kindNone is a key that was not there.
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

// jsonValue is a JSON value as found in the body. raw is its text, of a string with
// the quotes. empty says that a list or object has no members.
type jsonValue struct {
	raw   string
	kind  kind
	empty bool
}

// reader walks once over a JSON text (RFC 8259). What it returns are parts of the text.
type reader struct {
	text string
	dec  *jsontext.Decoder
}

// newReader reads a text that is given twice, so that a caller that has both forms pays
// for neither. The bytes are only read.
//
// Repeated keys are allowed, since clients of the contract may send them. So are halves of
// surrogate pairs, which the grammar allows: the field that holds one is invalid, not the
// body. Whether the bytes are UTF-8 is for the caller to check.
func newReader(text string, same []byte) reader {
	dec := jsontext.NewDecoder(bytes.NewBuffer(same), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return reader{text: text, dec: dec}
}

// readBody fills in the values that the body gives.
func readBody(body []byte, v Values) error {
	if len(body) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return errors.New("the body is not valid UTF-8")
	}
	r := newReader(string(body), body)
	if r.dec.PeekKind() != '{' {
		if _, err := r.only(); err != nil {
			return err
		}
		return errors.New("the body is JSON but not an object")
	}
	err := r.members(func(key, val jsonValue) {
		if name, ok := key.unquote(); ok {
			if f := v.find(name); f != nil {
				f.jsonValue = val
			}
		}
	})
	if err != nil {
		return err
	}
	return r.end()
}

// only reads the one value of the text.
func (r *reader) only() (jsonValue, error) {
	val, err := r.value()
	if err == nil {
		err = r.end()
	}
	return val, err
}

// end checks that nothing but space follows.
func (r *reader) end() error {
	_, err := r.dec.ReadToken()
	switch {
	case err == nil:
		return fmt.Errorf("malformed JSON at byte %d: something follows the value", r.pos())
	case errors.Is(err, io.EOF):
		return nil
	}
	return r.fail(err)
}

// value reads the next value.
func (r *reader) value() (jsonValue, error) {
	val := jsonValue{}
	switch r.dec.PeekKind() {
	case '{', '[':
		return r.nested()
	case 'n':
		val.kind = kindNull
	case 't':
		val.kind = kindTrue
	case 'f':
		val.kind = kindFalse
	case '0':
		val.kind = kindNumber
	case '"':
		val.kind = kindString
	}
	read, err := r.dec.ReadValue()
	if err != nil {
		return jsonValue{}, r.fail(err)
	}
	val.raw = r.text[r.pos()-len(read) : r.pos()]
	return val, nil
}

// nested reads the list or object that comes next. It goes by tokens, to see the depth
// before it is too deep.
func (r *reader) nested() (jsonValue, error) {
	outside := r.dec.StackDepth()
	open, err := r.dec.ReadToken()
	if err != nil {
		return jsonValue{}, r.fail(err)
	}
	val := jsonValue{kind: kindArray}
	if open.Kind() == '{' {
		val.kind = kindObject
	}
	start := r.pos() - 1
	next := r.dec.PeekKind()
	val.empty = next == ']' || next == '}'
	for r.dec.StackDepth() > outside {
		if r.dec.StackDepth() > maxDepth {
			return jsonValue{}, fmt.Errorf("malformed JSON at byte %d: nested too deep", r.pos())
		}
		if _, err := r.dec.ReadToken(); err != nil {
			return jsonValue{}, r.fail(err)
		}
	}
	val.raw = r.text[start:r.pos()]
	return val, nil
}

// members calls visit with every member of the list or object that comes next; members of
// a list have a key of kindNone.
func (r *reader) members(visit func(key, val jsonValue)) error {
	open, err := r.dec.ReadToken()
	if err != nil {
		return r.fail(err)
	}
	isObject := open.Kind() == '{'
	for k := r.dec.PeekKind(); k != '}' && k != ']'; k = r.dec.PeekKind() {
		var key jsonValue
		if isObject {
			if key, err = r.value(); err != nil {
				return err
			}
		}
		val, err := r.value()
		if err != nil {
			return err
		}
		visit(key, val)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.fail(err)
	}
	return nil
}

// pos is how many bytes have been read.
func (r *reader) pos() int { return int(r.dec.InputOffset()) }

// fail says where the text is malformed. The decoder's own words could quote the content,
// which may be a secret.
func (r *reader) fail(err error) error {
	pos := int64(r.pos())
	if where, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		pos = where.ByteOffset
	}
	return fmt.Errorf("malformed JSON at byte %d", pos)
}

// unquote gives the text of a string, and the JSON text of anything else; whole is false if
// a string holds half a surrogate pair, which is no character: U+FFFD stands in its place
// then.
func (t jsonValue) unquote() (text string, whole bool) {
	if t.kind != kindString {
		return t.raw, true
	}
	if strings.IndexByte(t.raw, '\\') < 0 {
		return t.raw[1 : len(t.raw)-1], true
	}
	b, err := jsontext.AppendUnquote(nil, t.raw)
	return string(b), err == nil
}
