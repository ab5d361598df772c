package passkey

import (
	"encoding/base64"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"stagedoor/state"
)

// b64 is how WebAuthn writes bytes in JSON (section 3, "Base64url encoding").
var b64 = base64.RawURLEncoding

// User is the account that a credential is registered for.
type User struct {
	ID state.AccountID
	// Name tells the person's accounts apart; DisplayName is what to call the person.
	Name        string
	DisplayName string
	// Credentials are the account's authenticators, those that are no WebAuthn credential
	// included.
	Credentials []state.Authenticator
}

// UserOf returns the account as a registration needs it: named by its mail address, or by
// its number or username where it has none.
func UserOf(a *state.Account) User {
	s := a.Snapshot()
	u := User{ID: a.ID, Name: s.Email, DisplayName: s.Display(), Credentials: a.Authenticators}
	for _, name := range []string{a.Phone, a.Username} {
		if u.Name == "" {
			u.Name = name
		}
	}
	if u.DisplayName == "" {
		u.DisplayName = u.Name
	}
	return u
}

// UserHandle returns what authenticators keep of an account (section 5.4.3), at most 64
// bytes: an id that is a number in 8 bytes, the highest first, any other as it is.
func UserHandle(account state.AccountID) []byte { return account.Bytes() }

// descriptorsOf names the WebAuthn credentials among the authenticators.
func descriptorsOf(list []state.Authenticator) []protocol.CredentialDescriptor {
	var out []protocol.CredentialDescriptor
	for i := range list {
		if list[i].Type == state.WebAuthn {
			out = append(out, protocol.CredentialDescriptor{
				Type: protocol.PublicKeyCredentialType, CredentialID: list[i].CredentialID, Transport: transportsOf(&list[i]),
			})
		}
	}
	return out
}

// owner is an account to the library, with the credentials that are in question.
type owner struct {
	handle      []byte
	name        string
	displayName string
	credentials []webauthn.Credential
}

// WebAuthnID returns the user handle.
func (o owner) WebAuthnID() []byte { return o.handle }

// WebAuthnName returns the account's name.
func (o owner) WebAuthnName() string { return o.name }

// WebAuthnDisplayName returns what to call the person.
func (o owner) WebAuthnDisplayName() string { return o.displayName }

// WebAuthnCredentials returns the credentials in question.
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }
