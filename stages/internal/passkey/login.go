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
	return requestOptions(request.Response), session, nil
}

// Assertion is a proof that somebody holds a credential.
type Assertion struct {
	// Account is whose it is, and Authenticator which of the account's, both as handed in:
	// unchanged.
	Account       *state.Account
	Authenticator *state.Authenticator
	// Updated is the credential's new record, for [state.UpdateCredential]: with the sign
	// count and the backup flags of this assertion.
	Updated []byte
	// UserVerified tells whether the authenticator verified its holder, in this
	// ceremony.
	UserVerified bool
	// CloneWarning tells that the signature counter did not go up. It is never set unless
	// Config.AcceptClones is; Updated then keeps the higher count.
	CloneWarning bool
}

// Finder returns the account that has a credential, or nil or [state.ErrNotFound] where
// none has it.
type Finder func(ctx context.Context, credentialID []byte) (*state.Account, error)

// FinishLogin verifies what a client answered to [WebAuthn.BeginLogin] (section 7.2): it
// proves a credential of this account. A user handle is not demanded, but must be right.
// It fails with an [ErrInvalid]; any other error is the server's.
func (w *WebAuthn) FinishLogin(a *state.Account, session, credential json.RawMessage, now time.Time) (*Assertion, error) {
	s, parsed, err := w.answer(session, credential, now)
	if err != nil {
		return nil, err
	}
	return w.verify(a, s, parsed)
}

// FinishDiscoverable verifies what a client answered to [WebAuthn.BeginDiscoverable]
// (section 7.2): find tells whose the credential is, and the user handle must say the
// same. A credential that was made to stand beside a password does not sign in alone, and
// is refused like one that nobody has. It fails with an [ErrInvalid]; any other error is
// the server's, those of find included.
func (w *WebAuthn) FinishDiscoverable(ctx context.Context, session, credential json.RawMessage, find Finder, now time.Time) (*Assertion, error) {
	s, parsed, err := w.answer(session, credential, now)
	if err != nil {
		return nil, err
	}
	if len(parsed.Response.UserHandle) == 0 {
		return nil, refused("it has no user handle, so it is no passkey")
	}
	if !w.config.PresenceEnough {
		// The options may have been those of a second factor.
		s.UserVerification = protocol.VerificationRequired
	}
	a, err := find(ctx, parsed.RawID)
	if errors.Is(err, state.ErrNotFound) || err == nil && a == nil {
		return nil, ErrUnknownCredential
	}
	if err != nil {
		return nil, fmt.Errorf("find the account of a passkey: %w", err)
	}
	got, err := w.verify(a, s, parsed)
	if err == nil && !signsInAlone(got.Authenticator, got.UserVerified) {
		return nil, ErrUnknownCredential
	}
	return got, err
}

// answer reads a session of an assertion and what the client answered to it.
func (w *WebAuthn) answer(session, credential json.RawMessage, now time.Time) (webauthn.SessionData, *protocol.ParsedCredentialAssertionData, error) {
	begun, err := open(session, now)
	s := begun.SessionData
	if err != nil {
		return s, nil, err
	}
	if len(s.CredParams) != 0 {
		return s, nil, ErrNoCeremony // it is a registration's
	}
	if len(credential) > MaxCredential {
		return s, nil, refused("it is too long")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return s, nil, refusal(err)
	}
	w.acceptOrigin(&s, parsed.Response.CollectedClientData)
	return s, parsed, nil
}

// verify checks an assertion against the account's own credential.
func (w *WebAuthn) verify(a *state.Account, s webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*Assertion, error) {
	handle := UserHandle(a.ID)
	if len(s.UserID) != 0 && !bytes.Equal(s.UserID, handle) {
		return nil, ErrNoCeremony // it is another account's
	}
	x := find(a, parsed.RawID)
	if x == nil {
		return nil, ErrUnknownCredential
	}
	known, err := record(x)
	if err != nil {
		return nil, err
	}
	// The signature covers the flags, so what they say now is true, and only the library's
	// comparison with before stands in the way.
	flags := parsed.Response.AuthenticatorData.Flags
	known.Flags.BackupEligible = flags.HasBackupEligible()
	known.Authenticator.CloneWarning = false
	s.UserID = handle
	updated, err := w.lib.ValidateLogin(owner{handle: handle, credentials: []webauthn.Credential{*known}}, s, parsed)
	if err != nil {
		return nil, refusal(err)
	}
	cloned := updated.Authenticator.CloneWarning
	if cloned && !w.config.AcceptClones {
		return nil, &ClonedError{Account: a.ID, Authenticator: x.ID}
	}
	out, err := encode(updated, askedAsPasskey(x))
	if err != nil {
		return nil, err
	}
	return &Assertion{
		Account: a, Authenticator: x, Updated: out,
		UserVerified: flags.HasUserVerified(), CloneWarning: cloned,
	}, nil
}
