package stages

import (
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
type Codes struct {
	Keys *state.Keyring
	// Format is how new codes look; a code that was sent before is right however it looked.
	Format CodeFormat
}

// Sent reports whether there is a code that is right.
func (c Code) Sent() bool { return len(c.Digest) > 0 }

// New makes a code and what to keep of it. The purpose ("acme.leave") and whom it goes to
// are part of it: a code is right for nothing else. A client should be let try three: of
// eight letters there are 2^34.
func (c Codes) New(seed engine.Seed, purpose, to string) (string, Code) {
	code := c.Format.write(seed.Bytes("code "+purpose+" "+to, 32))
	salt := seed.Bytes("salt "+purpose+" "+to, 8)
	return code, Code{Digest: c.digest(code, purpose, to, salt), Salt: salt}
}

// digest is 16 bytes: enough against guessing, and short in the record.
func (c Codes) digest(code, purpose, to string, salt []byte) []byte {
	return c.Keys.MAC("code", codeParts(code, purpose, to, salt)...)[:16]
}

// codeParts are what the digest of a code covers.
func codeParts(code, purpose, to string, salt []byte) [][]byte {
	return [][]byte{[]byte(purpose), []byte(to), salt, []byte(cleanCode(code))}
}

// Right reports whether a code is the one that was sent. It compares in constant time;
// case, dashes and spaces do not count. Of a zero Code nothing is right.
func (c Codes) Right(d Code, code, purpose, to string) bool {
	return c.Keys.Matches(d.Digest, "code", codeParts(code, purpose, to, d.Salt)...)
}

func (e *Env) codes() Codes { return Codes{Keys: e.Keys} }

// newCode is [Codes.New] in the format of the purpose.
func (e *Env) newCode(seed engine.Seed, purpose, to string) (string, Code) {
	return Codes{Keys: e.Keys, Format: e.CodeFormats.of(purpose)}.New(seed, purpose, to)
}

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
	code, data := e.newCode(seed, purpose, to)
	m := state.Message{Channel: state.ByMail, Template: mail, To: to, Data: map[string]string{"code": code, "email": to}}
	if contactOf(to).method == state.KeyPhone {
		m.Channel, m.Template, m.Data = state.BySMS, sms, map[string]string{"code": code}
	}
	return data, []engine.Message{e.text(m)}
}

// codeMethod is how the log of authentications tells of a code that came back.
func codeMethod(s engine.Submission) engine.Method {
	m := engine.Method{Method: "code", At: s.Now.UnixMilli()}
	if to := contactOf(s.Run.Hint); to.method == state.KeyPhone {
		m.Phone = to.value
	} else {
		m.Email = to.value
	}
	return m
}
