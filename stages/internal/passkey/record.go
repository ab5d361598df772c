package passkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"stagedoor/state"
)

// View is what answers show of a WebAuthn credential beside its times.
type View struct {
	Name string
	// Passwordless is is_passwordless on the wire; nil is left out there.
	Passwordless *bool
}

// ViewOf returns what to show of a WebAuthn credential. A record that cannot be read shows
// as one whose client did not say whether it is discoverable.
func ViewOf(a *state.Authenticator) View {
	var known struct {
		Extensions struct {
			RK *bool `json:"rk"`
		} `json:"extensions"`
	}
	v := View{Name: a.Name}
	if json.Unmarshal(a.Credential, &known) == nil {
		v.Passwordless = known.Extensions.RK
	}
	return v
}

// DefaultName is what the next credential of the account is called where its owner gives
// it no name. It is part of the contract.
func DefaultName(a *state.Account) string {
	n := 0
	for i := range a.Authenticators {
		if a.Authenticators[i].Type == state.WebAuthn {
			n++
		}
	}
	switch n {
	case 0:
		return "Master key"
	case 1:
		return "Backup key"
	}
	return fmt.Sprintf("Key nr. %d", n+1)
}

// asPasskey is the end of the record of a credential that was made as a passkey.
const asPasskey = `,"passkey":true}`

// extras are what the record of a credential has beside what the library keeps.
type extras struct {
	// Passkey says whether a passkey was asked for when it was made, which the authenticator's
	// data does not tell. A record that does not say so is one of which it is not known.
	Passkey bool `json:"passkey"`
	// Doubted is the count at which its counter did not go up the last time.
	Doubted *uint32 `json:"doubted"`
}

// encode writes the record of a credential, what extrasOf reads of it at its end.
func encode(c *webauthn.Credential, e extras) (json.RawMessage, error) {
	out, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("webauthn credential: %w", err)
	}
	out = out[:len(out)-1]
	if e.Doubted != nil {
		out = strconv.AppendUint(append(out, `,"doubted":`...), uint64(*e.Doubted), 10)
	}
	if e.Passkey {
		return append(out, asPasskey...), nil
	}
	return append(out, '}'), nil
}

// extrasOf reads what encode wrote beside the library's record. Most have nothing that needs
// reading.
func extrasOf(a *state.Authenticator) (e extras) {
	e.Passkey = bytes.HasSuffix(a.Credential, []byte(asPasskey))
	said := func(key string) bool { return bytes.Contains(a.Credential, []byte(key)) }
	if !said(`"doubted"`) && (e.Passkey || !said(`"passkey"`)) {
		return e
	}
	e = extras{}
	if json.Unmarshal(a.Credential, &e) != nil {
		return extras{}
	}
	return e
}

// askedAsPasskey reports whether a passkey was asked for when the credential was made.
func askedAsPasskey(a *state.Authenticator) bool { return extrasOf(a).Passkey }

// transportsOf is how the authenticator of a credential can be reached, as its client said when
// it was registered.
func transportsOf(a *state.Authenticator) []protocol.AuthenticatorTransport {
	var known struct {
		Transport []protocol.AuthenticatorTransport `json:"transport"`
	}
	if json.Unmarshal(a.Credential, &known) != nil {
		return nil
	}
	return known.Transport
}

// SignsInAlone reports whether a credential is a way in by itself. One that was made as a
// passkey is. Any other was made to stand beside a password: it is one only where the
// client said that it is discoverable (credProps, section 10.1.3) and the authenticator
// verified its holder in this ceremony, so that a finder has nothing.
func SignsInAlone(a *state.Authenticator, verified bool) bool {
	if askedAsPasskey(a) {
		return true
	}
	rk := ViewOf(a).Passwordless
	return verified && rk != nil && *rk
}

// find returns the account's WebAuthn credential with the id, or nil.
func find(a *state.Account, credentialID []byte) *state.Authenticator {
	for i := range a.Authenticators {
		if x := &a.Authenticators[i]; x.Type == state.WebAuthn && bytes.Equal(x.CredentialID, credentialID) {
			return x
		}
	}
	return nil
}

// record reads the record of a credential. One that is not its own is an error: it would
// let one key stand in for another.
func record(a *state.Authenticator) (*webauthn.Credential, error) {
	var c webauthn.Credential
	if err := json.Unmarshal(a.Credential, &c); err != nil {
		return nil, fmt.Errorf("webauthn credential %d: record cannot be read: %w", a.ID, err)
	}
	if !bytes.Equal(c.ID, a.CredentialID) {
		return nil, fmt.Errorf("webauthn credential %d: record belongs to another credential", a.ID)
	}
	return &c, nil
}
