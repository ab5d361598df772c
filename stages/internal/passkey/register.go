package passkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"stagedoor/state"
)

// Options say what kind of credential to register.
type Options struct {
	// Passwordless asks for a passkey: discoverable, and with user verification required.
	// Otherwise it is a security key for use beside a password: discoverable is discouraged.
	Passwordless bool
}

// BeginRegistration returns the options for a new credential of the user, and the session
// to finish with. challenge is at least [MinChallenge] unpredictable bytes, better 32.
func (w *WebAuthn) BeginRegistration(u User, o Options, challenge []byte, now time.Time) (CreationOptions, json.RawMessage, error) {
	handle := UserHandle(u.ID)
	creation, s, err := w.lib.BeginRegistration(
		owner{handle: handle, name: u.Name, displayName: u.DisplayName},
		func(c *protocol.PublicKeyCredentialCreationOptions) error {
			c.Challenge = challenge
			c.AuthenticatorSelection = w.selection(o)
			return nil
		},
		webauthn.WithCredentialParameters(accepted()),
		webauthn.WithExclusions(descriptorsOf(u.Credentials)),
		webauthn.WithExtensions(webauthn.WithExtensionCredProps()),
	)
	if err != nil {
		return CreationOptions{}, nil, fmt.Errorf("webauthn registration: %w", err)
	}
	session, err := w.seal(s, o, now)
	if err != nil {
		return CreationOptions{}, nil, err
	}
	return creationOptions(creation.Response, handle), session, nil
}

func (w *WebAuthn) selection(o Options) protocol.AuthenticatorSelection {
	if o.Passwordless {
		return protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		}
	}
	return protocol.AuthenticatorSelection{
		RequireResidentKey: protocol.ResidentKeyNotRequired(),
		ResidentKey:        protocol.ResidentKeyRequirementDiscouraged,
		UserVerification:   w.otherwise(),
	}
}

// Registration is a new credential.
type Registration struct {
	// Authenticator has all fields but ID and Name, which the caller gives it. Its
	// Credential is the library's record without the attestation, and with whether a
	// passkey was asked for. That no other account
	// has the credential is left to the store (section 7.1, step 26).
	Authenticator state.Authenticator
	// Passwordless is whether the client says that the credential is discoverable; nil if
	// it does not say. Nothing proves it.
	Passwordless *bool
	// UserVerified tells whether the authenticator verified its holder.
	UserVerified bool
}

// FinishRegistration verifies what a client answered to [WebAuthn.BeginRegistration]
// (section 7.1). It fails with an [ErrInvalid]; any other error is the server's.
func (w *WebAuthn) FinishRegistration(u User, session, credential json.RawMessage, now time.Time) (*Registration, error) {
	begun, err := open(session, now)
	if err != nil {
		return nil, err
	}
	s := begun.SessionData
	if len(credential) > MaxCredential {
		return nil, refused("it is too long")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, refusal(err)
	}
	// Whatever is attested is not looked at; "none" is what says so.
	attested := &parsed.Response.AttestationObject
	attested.Format, attested.AttStatement, attested.SubStatements = string(protocol.AttestationFormatNone), nil, nil
	w.acceptOrigin(&s, parsed.Response.CollectedClientData)
	made, err := w.lib.CreateCredential(owner{handle: UserHandle(u.ID)}, s, parsed)
	if err != nil {
		return nil, refusal(err)
	}
	if err := checkKey(made.PublicKey); err != nil {
		return nil, err
	}
	for i := range u.Credentials {
		if bytes.Equal(u.Credentials[i].CredentialID, made.ID) {
			return nil, refused("the account has it already")
		}
	}
	made.Attestation = webauthn.CredentialAttestation{}
	made.Transport = knownTransports(made.Transport)
	record, err := encode(made, begun.Passkey)
	if err != nil {
		return nil, err
	}
	return &Registration{
		Authenticator: state.Authenticator{
			Type: state.WebAuthn, CredentialID: made.ID, Credential: record, LastStep: -1, CreatedAt: now,
		},
		Passwordless: made.Extensions.RK,
		UserVerified: made.Flags.UserVerified,
	}, nil
}

// knownTransports drops what is no transport (section 5.8.4), since clients may say
// anything, and what is said twice.
func knownTransports(said []protocol.AuthenticatorTransport) []protocol.AuthenticatorTransport {
	var out []protocol.AuthenticatorTransport
	for _, known := range []protocol.AuthenticatorTransport{
		protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
	} {
		for _, t := range said {
			if t == known {
				out = append(out, t)
				break
			}
		}
	}
	return out
}
