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
	// MaxSession bounds a session, and what waits beside it. Each has about 400 bytes.
	MaxSession = 2 << 10
	// MinChallenge is what a challenge must have at least (section 13.4.3).
	MinChallenge = 16
)

// ceremony is a session as the caller keeps it: the library's, of a registration whether a
// passkey was asked for, and what waits beside it.
type ceremony struct {
	webauthn.SessionData
	Passkey bool `json:"passkey,omitempty"`
	// Before is the session of the options before these, if they still wait. It has none of its
	// own. Servers of earlier releases pass it over.
	Before *ceremony `json:"before,omitempty"`

	// older is set of one that is not the newest.
	older bool
}

// seal stamps a session with its deadline and turns it into what the caller keeps.
func (w *WebAuthn) seal(s *webauthn.SessionData, o Options, now time.Time) (json.RawMessage, error) {
	s.Expires = now.Add(w.config.Timeout).UTC()
	if o.Conditional {
		s.Mediation = protocol.MediationConditional
	}
	return encodeSession(ceremony{SessionData: *s, Passkey: o.Passwordless || o.Conditional})
}

func encodeSession(c ceremony) (json.RawMessage, error) {
	out, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("webauthn session: %w", err)
	}
	return out, nil
}

// creates tells the session of a registration from that of an assertion.
func (c ceremony) creates() bool { return len(c.CredParams) > 0 }

// Beside keeps a new session together with the newest that waits, so that a page in another
// window may still answer its options: the newest two wait, each for one answer. Options to make a
// credential and options to show one are never two: whoever asks for the one has done with the
// other, as in django-allauth. What waits may be nil; what has expired or cannot be read is dropped.
func Beside(session, waiting json.RawMessage, now time.Time) (json.RawMessage, error) {
	var fresh, before ceremony
	if json.Unmarshal(session, &fresh) != nil {
		return session, nil
	}
	if len(waiting) == 0 || len(waiting) > MaxSession || json.Unmarshal(waiting, &before) != nil || !now.Before(before.Expires) {
		return session, nil
	}
	if before.creates() != fresh.creates() {
		return session, nil
	}
	before.Before = nil
	fresh.Before = &before
	both, err := encodeSession(fresh)
	if len(both) > MaxSession {
		return session, nil
	}
	return both, err
}

// open finds the session whose challenge the client answers, and what still waits when it has
// been answered. Where none has the challenge it is the newest, which then refuses it. It
// fails with [ErrNoCeremony]: there is none, it has expired, or it cannot be read (another
// version of the server made it). Its deadline is taken out, since the library would compare
// it with a clock of its own.
func open(session json.RawMessage, challenge string, now time.Time) (s ceremony, left json.RawMessage, err error) {
	if len(session) == 0 || len(session) > MaxSession || json.Unmarshal(session, &s) != nil {
		return s, nil, refused(NoOptions, "no options wait that it could answer: none were asked for, they were answered, or they have expired").as(ErrNoCeremony)
	}
	before := s.Before
	s.Before = nil
	if before != nil && before.Challenge == challenge {
		newest := s
		s, before = *before, &newest
		s.Before, s.older = nil, true
	}
	if !now.Before(s.Expires) {
		return s, nil, refused(Expired, "the options it answers expired at %s", s.Expires.Format(time.RFC3339)).as(ErrNoCeremony)
	}
	if before != nil && now.Before(before.Expires) {
		if left, err = encodeSession(*before); err != nil {
			return s, nil, err
		}
	}
	s.Expires = time.Time{}
	return s, left, nil
}

// acceptOrigin makes the session expect the origin the client claims, where any will do.
// Every other check of the client data stays, and none at all is not an origin.
func (w *WebAuthn) acceptOrigin(s *webauthn.SessionData, client protocol.CollectedClientData) {
	if w.config.AnyOrigin {
		s.Origin = client.Origin
	}
}
