package passkey

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// The bounds of what comes in and is kept, in bytes.
const (
	// MaxCredential bounds what a client answers, as JSON. The largest in the field, with
	// a chain of certificates, have about 10 KiB.
	MaxCredential = 32 << 10
	// MaxSession bounds a session. They have about 400 bytes.
	MaxSession = 1 << 10
	// MinChallenge is what a challenge must have at least (section 13.4.3).
	MinChallenge = 16
)

// ceremony is a session as the caller keeps it: the library's, and of a registration
// whether a passkey was asked for.
type ceremony struct {
	webauthn.SessionData
	Passkey bool `json:"passkey,omitempty"`
}

// seal stamps a session with its deadline and turns it into what the caller keeps.
func (w *WebAuthn) seal(s *webauthn.SessionData, o Options, now time.Time) (json.RawMessage, error) {
	s.Expires = now.Add(w.config.Timeout).UTC()
	out, err := json.Marshal(ceremony{SessionData: *s, Passkey: o.Passwordless})
	if err != nil {
		return nil, fmt.Errorf("webauthn session: %w", err)
	}
	return out, nil
}

// open reads a session, or fails with [ErrNoCeremony]: there is none, it has expired, or
// it cannot be read (another version of the server made it). Its deadline is taken out,
// since the library would compare it with a clock of its own.
func open(session json.RawMessage, now time.Time) (ceremony, error) {
	var s ceremony
	if len(session) == 0 || len(session) > MaxSession || json.Unmarshal(session, &s) != nil {
		return s, ErrNoCeremony
	}
	if !now.Before(s.Expires) {
		return s, ErrNoCeremony
	}
	s.Expires = time.Time{}
	return s, nil
}

// acceptOrigin makes the session expect the origin the client claims, where any will do.
// Every other check of the client data stays, and none at all is not an origin.
func (w *WebAuthn) acceptOrigin(s *webauthn.SessionData, client protocol.CollectedClientData) {
	if w.config.AnyOrigin {
		s.Origin = client.Origin
	}
}
