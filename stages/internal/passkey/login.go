package passkey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"stagedoor/state"
)

// BeginLogin returns the options with which a known account proves one of its credentials,
// and the session to finish with. An account without any gets options that list none.
// challenge is at least [MinChallenge] unpredictable bytes, better 32.
func (w *WebAuthn) BeginLogin(a *state.Account, challenge []byte, now time.Time) (RequestOptions, json.RawMessage, error) {
	return w.begin(UserHandle(a.ID), descriptorsOf(a.Authenticators), w.otherwise(), challenge, now)
}

// BeginDiscoverable returns the options of a passkey login, and the session to finish
// with. They list no credentials, and serve conditional UI as well (section 5.1.4).
// challenge is at least [MinChallenge] unpredictable bytes, better 32.
func (w *WebAuthn) BeginDiscoverable(challenge []byte, now time.Time) (RequestOptions, json.RawMessage, error) {
	verification := protocol.VerificationRequired
	if w.config.PresenceEnough {
		verification = protocol.VerificationPreferred
	}
	return w.begin(nil, nil, verification, challenge, now)
}

// otherwise is what is asked where no passkey is.
func (w *WebAuthn) otherwise() protocol.UserVerificationRequirement {
	return protocol.UserVerificationRequirement(w.config.UserVerification)
}

func (w *WebAuthn) begin(handle []byte, allowed []protocol.CredentialDescriptor, uv protocol.UserVerificationRequirement, challenge []byte, now time.Time) (RequestOptions, json.RawMessage, error) {
	if len(challenge) < MinChallenge {
		// The library would draw one of its own for an empty challenge.
		return RequestOptions{}, nil, fmt.Errorf("webauthn: a challenge of %d bytes; it must have %d", len(challenge), MinChallenge)
	}
	request, s, err := w.lib.BeginDiscoverableLogin(
		webauthn.WithChallenge(challenge), webauthn.WithAllowedCredentials(allowed), webauthn.WithUserVerification(uv))
	if err != nil {
		return RequestOptions{}, nil, fmt.Errorf("webauthn assertion: %w", err)
	}
	s.UserID, s.AllowedCredentialIDs = handle, nil
	session, err := w.seal(s, Options{}, now)
	if err != nil {
		return RequestOptions{}, nil, err
	}
	return requestOptions(request.Response, w.config.Timeout), session, nil
}

// Assertion is a proof that somebody holds a credential.
type Assertion struct {
	// Account is whose it is, and Authenticator which of the account's, both as handed in:
	// unchanged.
	Account       *state.Account
	Authenticator *state.Authenticator
	// Updated is the credential's new record, for [state.UpdateCredential]: with the signature
	// count and the backup flags of this assertion.
	Updated []byte
	// UserVerified tells whether the authenticator verified its holder, in this
	// ceremony.
	UserVerified bool
	// CloneWarning tells that the signature counter did not go up: it said Count where Stored was
	// the last. It is never set where Config.RefuseClones is. Again tells that the owner has heard
	// of it: the counter said the same the last time.
	CloneWarning  bool
	Stored, Count uint32
	Again         bool
	// Left is the session that still waits, nil where none does.
	Left json.RawMessage
}

// Finder returns the account that has a credential, or nil or [state.ErrNotFound] where
// none has it.
type Finder func(ctx context.Context, credentialID []byte) (*state.Account, error)

// FinishLogin verifies what a client answered to [WebAuthn.BeginLogin] (section 7.2): it
// proves a credential of this account. A user handle is not demanded, but must be right.
// It fails with an [ErrInvalid]; any other error is the server's.
func (w *WebAuthn) FinishLogin(a *state.Account, session, credential json.RawMessage, now time.Time) (*Assertion, error) {
	s, err := w.answer(session, credential, now)
	if err != nil {
		return nil, err
	}
	if s.older && len(s.UserID) == 0 {
		return nil, refused(NoOptions, "the options it answers were those of a passkey login, and there are newer ones").as(ErrNoCeremony)
	}
	return w.verify(a, s)
}

// FinishDiscoverable verifies what a client answered to [WebAuthn.BeginDiscoverable]
// (section 7.2): find tells whose the credential is, and the user handle must say the
// same. A credential that was made to stand beside a password does not sign in alone, and
// is refused like one that nobody has. It fails with an [ErrInvalid]; any other error is
// the server's, those of find included.
func (w *WebAuthn) FinishDiscoverable(ctx context.Context, session, credential json.RawMessage, find Finder, now time.Time) (*Assertion, error) {
	s, err := w.answer(session, credential, now)
	if err != nil {
		return nil, err
	}
	if len(s.parsed.Response.UserHandle) == 0 {
		return nil, refused(Handle, "it has no user handle, so it is no passkey")
	}
	if s.older && len(s.UserID) != 0 {
		return nil, refused(NoOptions, "the options it answers were those of a second factor, and there are newer ones").as(ErrNoCeremony)
	}
	if !w.config.PresenceEnough {
		// The options may have been those of a second factor.
		s.UserVerification = protocol.VerificationRequired
	}
	a, err := find(ctx, s.parsed.RawID)
	if errors.Is(err, state.ErrNotFound) || err == nil && a == nil {
		return nil, refused(Unknown, "no account has the credential").as(ErrUnknownCredential)
	}
	if err != nil {
		return nil, fmt.Errorf("find the account of a passkey: %w", err)
	}
	got, err := w.verify(a, s)
	if err == nil && !SignsInAlone(got.Authenticator, got.UserVerified) {
		return nil, refused(NotAPasskey, "it was made to stand beside a password, and does not sign in alone").of(a, got.Authenticator).as(ErrUnknownCredential)
	}
	return got, err
}

// answer is what a client answered to the options of an assertion, the session of those, and
// what still waits when it has been taken.
type answer struct {
	ceremony
	parsed *protocol.ParsedCredentialAssertionData
	left   json.RawMessage
}

// shown is what a refusal is explained by.
func (s answer) shown() shown {
	return shown{protocol.AssertCeremony, s.parsed.Response.CollectedClientData, s.parsed.Response.AuthenticatorData}
}

// answer reads a session of an assertion and what the client answered to it.
func (w *WebAuthn) answer(session, credential json.RawMessage, now time.Time) (answer, error) {
	if len(session) == 0 {
		_, _, err := open(session, "", now)
		return answer{}, err
	}
	if len(credential) > MaxCredential {
		return answer{}, refused(Malformed, "it has %d bytes, %d are the most", len(credential), MaxCredential)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return answer{}, malformed(err)
	}
	begun, left, err := open(session, parsed.Response.CollectedClientData.Challenge, now)
	if err != nil {
		return answer{}, err
	}
	if len(begun.CredParams) != 0 {
		return answer{}, refused(NoOptions, "the options it answers were those of a registration").as(ErrNoCeremony)
	}
	w.acceptOrigin(&begun.SessionData, parsed.Response.CollectedClientData)
	return answer{begun, parsed, left}, nil
}

// verify checks an assertion against the account's own credential.
func (w *WebAuthn) verify(a *state.Account, s answer) (*Assertion, error) {
	handle, parsed := UserHandle(a.ID), s.parsed
	if len(s.UserID) != 0 && !bytes.Equal(s.UserID, handle) {
		return nil, refused(NoOptions, "the options it answers were of another account").as(ErrNoCeremony)
	}
	x := find(a, parsed.RawID)
	if x == nil {
		return nil, refused(Unknown, "the account does not have the credential").as(ErrUnknownCredential)
	}
	known, err := record(x)
	if err != nil {
		return nil, err
	}
	if said := parsed.Response.UserHandle; len(said) > 0 && !bytes.Equal(said, handle) {
		return nil, refused(Handle, "it names another account than its own").of(a, x)
	}
	if why := w.framed(s.SessionData, s.shown()); why != nil {
		return nil, why.of(a, x)
	}
	// The signature covers the flags, so what they say now is true, and only the library's
	// comparison with before stands in the way.
	flags := parsed.Response.AuthenticatorData.Flags
	known.Flags.BackupEligible = flags.HasBackupEligible()
	known.Authenticator.CloneWarning = false
	s.UserID = handle
	updated, err := w.lib.ValidateLogin(owner{handle: handle, credentials: []webauthn.Credential{*known}}, s.SessionData, parsed)
	if err != nil {
		return nil, w.refusal(err, s.SessionData, s.shown()).of(a, x)
	}
	out := &Assertion{
		Account: a, Authenticator: x, UserVerified: flags.HasUserVerified(), Left: s.left,
		CloneWarning: updated.Authenticator.CloneWarning,
		Stored:       known.Authenticator.SignCount, Count: parsed.Response.AuthenticatorData.Counter,
	}
	return w.count(out, updated)
}

// count records what the signature counter says. One that did not go up means that two
// authenticators may have the key, or that the one there is has lost count.
func (w *WebAuthn) count(a *Assertion, updated *webauthn.Credential) (*Assertion, error) {
	e := extrasOf(a.Authenticator)
	if !a.CloneWarning {
		e.Doubted = nil
	} else {
		if w.config.RefuseClones {
			return nil, refused(Counter, "its signature counter says %d after %d, so it may have been copied", a.Count, a.Stored).of(a.Account, a.Authenticator)
		}
		a.Again = e.Doubted != nil && *e.Doubted == a.Count
		e.Doubted = &a.Count
		updated.Authenticator.CloneWarning, updated.Authenticator.SignCount = false, a.Count
	}
	var err error
	if a.Updated, err = encode(updated, e); err != nil {
		return nil, err
	}
	return a, nil
}
