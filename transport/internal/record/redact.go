package record

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"stagedoor/engine"
)

// class says what a value was that is not kept.
type class string

const (
	anEmail    class = "email"
	aUsername  class = "username"
	aPhone     class = "phone"
	aPassword  class = "password"
	aCode      class = "code"
	aSecret    class = "secret"
	aPasskey   class = "passkey"
	aSubject   class = "sub"
	anIDToken  class = "id_token"
	aRefresh   class = "refresh_token"
	aWord      class = "word"
	aCallback  class = "callback"
	aRunsToken class = "token"
)

// value stands where something was that is not kept.
type value struct {
	class class
	// id is a keyed hash, by which equal values of a kind are known.
	id string
	// digits is how many of a code's characters are digits, -1 where others are among them.
	digits int
	// key is of a credential and of an id token.
	key *claims
}

// claims are what is kept of a credential or an id token.
type claims struct {
	// id is the credential's, made says that it is a new one, unverified that the person
	// was not verified (WebAuthn Level 3, section 6.1).
	id         string
	made       bool
	unverified bool
	// sub and email are of an id token, verified says that its address is.
	sub, email string
	verified   bool
}

var (
	// plain is a word that can be nobody's.
	plain = regexp.MustCompile(`^[a-z][a-z_.-]{0,24}$`)
	// plainReason is a reason that identifies nobody, plainPath the path of a contract.
	plainReason = regexp.MustCompile(`^[a-z_]{1,30}(=[a-z_]{1,30})?$`)
	plainPath   = regexp.MustCompile(`^(/[a-z0-9][a-z0-9_.-]{0,39})+/?$`)
	// plainKey is the name of a field.
	plainKey = regexp.MustCompile(`^[a-z][a-z_]{0,39}[0-9]?$`)
)

// redactor replaces values before they are kept.
type redactor struct {
	key [sha256.Size]byte
	// types are those of the fields that stages declare, by name.
	types map[string]engine.FieldType
	// trust is the name of the cookie of a browser that is asked for less.
	trust string
}

func newRedactor(key [sha256.Size]byte, flows *engine.Flows, trust string) redactor {
	r := redactor{key: key, types: make(map[string]engine.FieldType), trust: trust}
	for _, s := range flows.Stages() {
		fields := s.Fields
		for _, a := range s.Actions {
			fields = append(fields[:len(fields):len(fields)], a.Fields...)
		}
		for _, f := range fields {
			// Of two fields of one name the secret one counts.
			if r.types[f.Name] != engine.Secret {
				r.types[f.Name] = f.Type
			}
		}
	}
	return r
}

// hash names a text without disclosing it. Addresses are equal in any case.
func (r redactor) hash(kind class, text string) string {
	text = strings.TrimSpace(text)
	switch kind {
	case anEmail, aUsername:
		text = strings.ToLower(text)
	case aCode, aPhone:
		text = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
	}
	m := hmac.New(sha256.New, r.key[:])
	m.Write([]byte(string(kind) + "\x00" + text))
	return hex.EncodeToString(m.Sum(nil)[:12])
}

func (r redactor) value(kind class, text string) value {
	v := value{class: kind, id: r.hash(kind, text)}
	if kind == aCode {
		bare := strings.NewReplacer("-", "", " ", "").Replace(text)
		if v.digits = len(bare); strings.Trim(bare, "0123456789") != "" {
			v.digits = -1
		}
	}
	return v
}

// classOf says what the field of a name holds, "" for what may be kept if it is plain.
func (r redactor) classOf(name string) class {
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "password"):
		return aPassword
	case strings.Contains(lower, "email"):
		return anEmail
	case lower == "key" || lower == "code":
		return aCode
	case lower == "secret":
		return aSecret
	case lower == "refresh" || lower == "refresh_token":
		return aRefresh
	case lower == "callback_url":
		return aCallback
	case lower == "uid" || lower == "account":
		return aSubject
	}
	switch r.types[name] {
	case engine.Secret:
		return aPassword
	case engine.EmailIn:
		return anEmail
	case engine.PhoneIn:
		return aPhone
	case engine.CodeIn:
		return aCode
	case engine.Username:
		return aUsername
	}
	switch name {
	case "phone":
		return aPhone
	case "username", "login":
		return aUsername
	case "name":
		return aWord
	}
	return ""
}

// body replaces what may not be kept in a value of JSON.
func (r redactor) body(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return r.object(name, v)
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			out[i] = r.body(name, one)
		}
		return out
	case string:
		return r.text(name, v)
	case json.Number:
		if kind := r.classOf(name); kind != "" {
			return r.value(kind, v.String())
		}
	}
	return v
}

func (r redactor) text(name, text string) any {
	if text == "" {
		return text
	}
	if kind := r.classOf(name); kind != "" {
		return r.value(kind, text)
	}
	switch {
	case name == "client_id":
		return "client" // that of the provider in a test
	case name == "token":
		return value{class: aRunsToken}
	case name == "id_token" || name == "access_token":
		return r.idToken(text)
	case strings.Contains(text, "@"):
		return r.value(anEmail, text)
	case plain.MatchString(text):
		return text
	}
	return r.value(aWord, text)
}

func (r redactor) object(name string, fields map[string]any) any {
	if name == "credential" {
		return r.credential(fields)
	}
	if kind := r.classOf(name); kind != "" && len(fields) > 0 {
		// It stays an object, which is no text wherever it is replayed.
		return map[string]any{"value": r.value(kind, fmt.Sprint(fields))}
	}
	out := make(map[string]any, len(fields))
	for key, one := range fields {
		if plainKey.MatchString(key) {
			out[key] = r.body(key, one)
		}
	}
	return out
}

// credential keeps which key was used, and how.
func (r redactor) credential(fields map[string]any) value {
	id, _ := fields["id"].(string)
	c := &claims{id: r.hash(aPasskey, id)}
	response, _ := fields["response"].(map[string]any)
	data, _ := response["authenticatorData"].(string)
	if attestation, made := response["attestationObject"].(string); made {
		c.made = true
		if data == "" {
			data = authData(attestation)
		}
	}
	const userVerified, flagsAt = 0x04, 32
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(data, "=")); err == nil && len(raw) > flagsAt {
		c.unverified = raw[flagsAt]&userVerified == 0
	}
	return value{class: aPasskey, id: c.id, key: c}
}

// authData finds the authenticator data in an attestation object (WebAuthn Level 3,
// section 6.5): a byte string of CBOR (RFC 8949) behind the key authData.
func authData(attestation string) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(attestation, "="))
	if err != nil {
		return ""
	}
	_, rest, found := bytes.Cut(raw, []byte("\x68authData"))
	const oneByte, twoBytes = 0x58, 0x59
	switch {
	case found && len(rest) > 2 && rest[0] == oneByte:
		return base64.RawURLEncoding.EncodeToString(rest[2:])
	case found && len(rest) > 3 && rest[0] == twoBytes:
		return base64.RawURLEncoding.EncodeToString(rest[3:])
	}
	return ""
}

// spoken is the person an id token speaks of (OpenID Connect Core, section 5.1).
type spoken struct {
	Sub      string `json:"sub"`
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
}

// spokenOf reads an id token without verifying it: that is the server's part. It is empty
// where there is none.
func spokenOf(text string) (out spoken) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return spoken{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(raw, &out) != nil {
		return spoken{}
	}
	return out
}

// idToken keeps the person a provider's token speaks of.
func (r redactor) idToken(text string) value {
	v := value{class: anIDToken, id: r.hash(anIDToken, text), key: &claims{}}
	said := spokenOf(text)
	if said.Sub != "" {
		v.key.sub = r.hash(aSubject, said.Sub)
	}
	if said.Email != "" {
		v.key.email = r.hash(anEmail, said.Email)
	}
	v.key.verified = said.Verified
	return v
}
