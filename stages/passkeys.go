package stages

import (
	"encoding/json"
	"time"

	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// RelyingParty is whom WebAuthn credentials belong to.
type RelyingParty struct {
	// ID is a domain (see [IsRPID]), Name what browsers call it.
	ID, Name string
	// Origins are the web pages and apps that may ask for a credential ("https://example.com");
	// AnyOrigin permits all.
	Origins   []string
	AnyOrigin bool
	// TopOrigins are the sites in whose pages such a web page may ask in a frame.
	TopOrigins []string
}

// SetRelyingParty sets the relying party. Without it no stage of WebAuthn may be used. What
// Settings say of user verification and of counters must be set before. The error tells all
// faults together.
func (e *Env) SetRelyingParty(r RelyingParty) error {
	var err error
	e.passkeys, err = passkey.New(passkey.Config{
		RPID: r.ID, RPName: r.Name, Origins: r.Origins, AnyOrigin: r.AnyOrigin, TopOrigins: r.TopOrigins,
		PresenceEnough: e.Presence, UserVerification: e.UserVerification, RefuseClones: e.RefuseClones,
	})
	return err
}

// IsAppOrigin reports whether an origin is that of an app as its platform says it
// ("android:apk-key-hash:..."), not of a web page.
func IsAppOrigin(origin string) bool { return passkey.IsApp(origin) }

// RelatedOrigins is the document by which a relying party tells browsers which web pages of
// other domains may use its credentials (WebAuthn Level 3, section 5.11). It fails where there
// are more than browsers read: they stop at the sixth name that is registered.
func RelatedOrigins(origins []string) ([]byte, error) { return passkey.Related(origins) }

// IsRPID reports whether credentials can belong to an id: it is a domain (WebAuthn, section
// 5.1.2).
func IsRPID(id string) bool { return passkey.IsRPID(id) }

// Passwordless reports whether the client said of a WebAuthn credential that it signs in
// without a name; nil is "it did not say".
func Passwordless(a *state.Authenticator) *bool { return passkey.ViewOf(a).Passwordless }

// SignsInAlone reports whether a WebAuthn credential is a way in by itself, once its
// authenticator has verified its holder: it was made as a passkey, or its client said that it is
// one.
func SignsInAlone(a *state.Authenticator) bool { return passkey.SignsInAlone(a, true) }

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
