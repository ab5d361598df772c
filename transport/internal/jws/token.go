package jws

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// MaxLength is how long a token may be, in bytes: the longest that has a use, with an RSA key of
// 4096 bits and its signature, has about 2500.
const MaxLength = 8192

// ErrMalformed says that a text is no token that could be meant for this.
var ErrMalformed = errors.New("not a signed token in compact form")

// Object is a JSON object whose members are read one by one, by their exact names.
type Object map[string]json.RawMessage

// Token is a token as it was sent: nothing of it is verified before [Token.Verify] has said so.
type Token struct {
	Header, Claims Object

	// signed is what the signature is over.
	signed    string
	signature []byte
}

// Parse reads a token. It must be in the one form that encoders write: base64url without padding
// and without anything between. A header that names extensions to be understood (crit, RFC 7515,
// section 4.1.11) is refused, as none is understood here.
func Parse(text string) (*Token, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrMalformed, MaxLength)
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: %d parts instead of 3", ErrMalformed, len(parts))
	}
	var t Token
	var err error
	if t.Header, err = object(parts[0]); err != nil {
		return nil, fmt.Errorf("%w: header", err)
	}
	if t.Claims, err = object(parts[1]); err != nil {
		return nil, fmt.Errorf("%w: claims", err)
	}
	if t.signature, err = decode(parts[2]); err != nil {
		return nil, fmt.Errorf("%w: signature", err)
	}
	for _, name := range []string{"crit", "b64"} {
		if _, has := t.Header[name]; has {
			return nil, fmt.Errorf("%w: the header has %s", ErrMalformed, name)
		}
	}
	t.signed = text[:len(parts[0])+1+len(parts[1])]
	return &t, nil
}

// Algorithm is what the header says it is signed by, "" where it says nothing.
func (t *Token) Algorithm() string { return t.Header.Text("alg") }

// Type is what the header says the token is for, without the prefix that media types may leave
// out (RFC 7515, section 4.1.9), in lower case.
func (t *Token) Type() string {
	return strings.TrimPrefix(strings.ToLower(t.Header.Text("typ")), "application/")
}

// Key is the public key in the header, see [ParseKey].
func (t *Token) Key() (*Key, error) {
	jwk, has := t.Header["jwk"]
	if !has {
		return nil, fmt.Errorf("%w: there is none in the header", ErrKey)
	}
	return ParseKey(jwk)
}

// Text is a member that is a string, "" where there is none.
func (o Object) Text(name string) string {
	var s string
	raw, has := o[name]
	if !has || len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// Seconds is a member that is a time in seconds since 1970 (RFC 7519, section 2), in whole ones;
// ok is false where it is missing, no number, negative or after the year 9999.
func (o Object) Seconds(name string) (seconds int64, ok bool) {
	const last = 253402300799
	var f float64
	raw, has := o[name]
	if !has || len(raw) == 0 || raw[0] == 'n' || json.Unmarshal(raw, &f) != nil || f < 0 || f > last {
		return 0, false
	}
	return int64(math.Floor(f)), true
}

// object decodes a part that is a JSON object.
func object(part string) (Object, error) {
	text, err := decode(part)
	if err != nil {
		return nil, err
	}
	var o Object
	if len(text) == 0 || text[0] != '{' || json.Unmarshal(text, &o) != nil {
		return nil, fmt.Errorf("%w: no JSON object", ErrMalformed)
	}
	return o, nil
}

// decode is the inverse of [Encode]. There is one text for some bytes, and no other.
func decode(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, fmt.Errorf("%w: no base64url", ErrMalformed)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: no base64url", ErrMalformed)
	}
	return b, nil
}

// Encode writes bytes as the parts of tokens have them: base64url without padding (RFC 7515,
// section 2).
func Encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
