// Package token makes and reads session tokens.
//
// A token is an id, what kind of client it belongs to, and a MAC over both: one that was
// made up is recognised without asking any store, and a browser's cookie is
// worth nothing to an app. Stores know only the hash of the id.
package token

import (
	"encoding/base64"

	"stagedoor/state"
)

// Kind says whose token it is.
type Kind byte

// The kinds of token. One of an anonymous client never makes the server ask the
// database; SignedIn is added where a session was granted.
const (
	Browser  Kind = 1
	App      Kind = 2
	Rest     Kind = 3
	SignedIn Kind = 0x10
)

// Client returns the kind without SignedIn.
func (k Kind) Client() Kind { return k &^ SignedIn }

// String names the client: browser, app or rest.
func (k Kind) String() string {
	switch k.Client() {
	case Browser:
		return "browser"
	case App:
		return "app"
	case Rest:
		return "rest"
	}
	return "unknown"
}

// IDLen is the length of a token's id in bytes.
const IDLen = 16

const (
	macLen = 16
	rawLen = 1 + IDLen + macLen
)

// Length is the length of a token in characters.
const Length = (rawLen*8 + 5) / 6

// Tokens makes and reads tokens under one server's key.
type Tokens struct {
	keys *state.Keyring
	// text is how tokens are written: one way for each.
	text *base64.Encoding
}

// New returns Tokens that use the keyring.
func New(keys *state.Keyring) *Tokens {
	return &Tokens{keys: keys, text: base64.RawURLEncoding.Strict()}
}

// purpose is what the MAC of a session token is for.
const purpose = "session token"

// Format returns the token with the id, 44 characters of base64url.
func (t *Tokens) Format(k Kind, id []byte) string {
	raw := make([]byte, 0, rawLen)
	raw = append(raw, byte(k))
	raw = append(raw, id...)
	raw = append(raw, t.keys.MAC(purpose, raw)[:macLen]...)
	return t.text.EncodeToString(raw)
}

// Parse returns the id of a token of that client, and whether it was granted to a
// signed-in one. Anything the server did not make, and a token of another kind of
// client, is not ok.
func (t *Tokens) Parse(client Kind, s string) (id []byte, signedIn, ok bool) {
	if len(s) != Length {
		return nil, false, false
	}
	raw, err := t.text.DecodeString(s)
	if err != nil || len(raw) != rawLen {
		return nil, false, false
	}
	head, mac := raw[:1+IDLen], raw[1+IDLen:]
	if !t.keys.Matches(mac, purpose, head) || Kind(raw[0]).Client() != client.Client() {
		return nil, false, false
	}
	return head[1:], Kind(raw[0])&SignedIn != 0, true
}

// Mint derives the id of the token of a run: always the same for one run, so that the
// twin of the submission that was granted a session answers with the same token.
func (t *Tokens) Mint(run string) []byte { return t.keys.MAC("session of run", []byte(run))[:IDLen] }
