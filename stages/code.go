package stages

import (
	"crypto/hmac"
	"encoding/binary"
	"strings"
	"unicode"

	"stagedoor/engine"
	"stagedoor/state"
)

// Code is what a stage that sent a code keeps: never the code.
type Code struct {
	// Digest is an HMAC of the code under the server's key, bound to whom it was sent to;
	// empty where no code is right.
	Digest []byte `json:"c,omitempty"`
	// Salt makes two codes of one run differ in their digest.
	Salt []byte `json:"s,omitempty"`
}

// Codes makes and judges the codes that stages send, those of outside packages too.
type Codes struct{ Keys *state.Keyring }

// The letters of a code: no vowels, so that it spells nothing, and none that look alike
// (RFC 8628, section 6.1).
const codeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// Sent reports whether there is a code that is right.
func (c Code) Sent() bool { return len(c.Digest) > 0 }

// New makes a code of eight letters, "ABCD-EFGH", and what to keep of it. The purpose
// ("acme.leave") and whom it goes to are part of it: a code is right for nothing else.
// About 2^34 codes exist, of which a client should be let try three.
func (c Codes) New(seed engine.Seed, purpose, to string) (string, Code) {
	raw := seed.Bytes("code "+purpose+" "+to, 32)
	b := make([]byte, 0, 9)
	for i := range 8 {
		if i == 4 {
			b = append(b, '-')
		}
		// Three bytes per letter leave a bias below 2^-19.
		n := binary.BigEndian.Uint32(append([]byte{0}, raw[3*i:3*i+3]...))
		b = append(b, codeLetters[n%uint32(len(codeLetters))])
	}
	salt := seed.Bytes("salt "+purpose+" "+to, 8)
	return string(b), Code{Digest: c.digest(string(b), purpose, to, salt), Salt: salt}
}

// digest is 16 bytes: enough against guessing, and short in the record.
func (c Codes) digest(code, purpose, to string, salt []byte) []byte {
	return c.Keys.MAC("code", []byte(purpose), []byte(to), salt, []byte(cleanCode(code)))[:16]
}

// Right reports whether a code is the one that was sent. It compares in constant time;
// case, dashes and spaces do not count. Of a zero Code nothing is right.
func (c Codes) Right(d Code, code, purpose, to string) bool {
	if len(d.Digest) == 0 {
		return false
	}
	return hmac.Equal(d.Digest, c.digest(code, purpose, to, d.Salt))
}

func (e *Env) codes() Codes { return Codes{e.Keys} }

// cleanCode drops what people put between the letters (RFC 8628, section 6.1).
func cleanCode(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

func wrong(param, code string) engine.Verdict {
	return engine.Verdict{Errors: []engine.FieldError{{Param: param, Code: code}}}
}

// sendCode makes a code and the mail or text message that carries it.
func (e *Env) sendCode(seed engine.Seed, purpose, to string, mail, sms state.Template) (Code, []engine.Message) {
	code, data := e.codes().New(seed, purpose, to)
	m := state.Message{Channel: state.ByMail, Template: mail, To: to, Data: map[string]string{"code": code, "email": to}}
	if !strings.Contains(to, "@") {
		m.Channel, m.Template, m.Data = state.BySMS, sms, map[string]string{"code": code}
	}
	return data, []engine.Message{m}
}
