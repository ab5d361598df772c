package stages

import (
	"encoding/json"
	"time"

	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// SetRelyingParty sets the relying party, which WebAuthn credentials belong to: id is a domain (see [IsRPID]),
// name what browsers call it, and origins are the web pages and apps that may ask for one
// ("https://example.com"); anyOrigin permits all. Without it no stage of WebAuthn may be
// used. What Settings say of user verification must be set before. The error tells all
// faults together.
func (e *Env) SetRelyingParty(id, name string, origins []string, anyOrigin bool) error {
	var err error
	e.passkeys, err = passkey.New(passkey.Config{
		RPID: id, RPName: name, Origins: origins, AnyOrigin: anyOrigin,
		PresenceEnough: e.Presence, UserVerification: e.UserVerification,
	})
	return err
}

// IsRPID reports whether credentials can belong to an id: it is a domain (WebAuthn, section
// 5.1.2).
func IsRPID(id string) bool { return passkey.IsRPID(id) }

// Passwordless reports whether the client said of a WebAuthn credential that it signs in
// without a name; nil is "it did not say".
func Passwordless(a *state.Authenticator) *bool { return passkey.ViewOf(a).Passwordless }

// NewCredential registers a WebAuthn credential of the account in one go: answer is what a
// client makes of the options (section 5.4, as JSON), and discoverable asks for a passkey.
// challenge is 16 unpredictable bytes at least, better 32. Nothing is stored; the caller
// gives the credential its id and name.
func (e *Env) NewCredential(a *state.Account, discoverable bool, answer func(options json.RawMessage) (json.RawMessage, error), challenge []byte, now time.Time) (state.Authenticator, error) {
	user := passkey.UserOf(a)
	options, session, err := e.passkeys.BeginRegistration(user, passkey.Options{Passwordless: discoverable}, challenge, now)
	if err != nil {
		return state.Authenticator{}, err
	}
	text, err := json.Marshal(options)
	if err != nil {
		return state.Authenticator{}, err
	}
	answered, err := answer(text)
	if err != nil {
		return state.Authenticator{}, err
	}
	made, err := e.passkeys.FinishRegistration(user, session, answered, now)
	if err != nil {
		return state.Authenticator{}, err
	}
	return made.Authenticator, nil
}
