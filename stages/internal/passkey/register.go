package passkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/webauthn"

	"stagedoor/state"
)

// Options say what kind of credential to register.
type Options struct {
	// Passwordless asks for a passkey: discoverable, and with user verification required.
	// Otherwise it is a security key for use beside a password: discoverable is discouraged.
	Passwordless bool
	// Conditional asks for a passkey that the client makes by itself, without showing anything,
	// where it keeps the password that was used just now (section 5.1.3, mediation conditional).
	// Nobody need have touched the authenticator, or have been verified by it (section 7.1, step
	// 15). The options are passed on with {mediation: "conditional"}.
	Conditional bool
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
	return creationOptions(creation.Response, handle, w.config.Timeout), session, nil
}

func (w *WebAuthn) selection(o Options) protocol.AuthenticatorSelection {
	if o.Conditional {
		return protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationPreferred,
		}
	}
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
	// Conditional tells whether it was asked for as one that the client makes by itself.
	Conditional bool
	// Left is the session that still waits, nil where none does.
	Left json.RawMessage
}

// FinishRegistration verifies what a client answered to [WebAuthn.BeginRegistration]
// (section 7.1). It fails with an [ErrInvalid]; any other error is the server's.
func (w *WebAuthn) FinishRegistration(u User, session, credential json.RawMessage, now time.Time) (*Registration, error) {
	if len(session) == 0 {
		_, _, err := open(session, "", now)
		return nil, err
	}
	if len(credential) > MaxCredential {
		return nil, refused(Malformed, "it has %d bytes, %d are the most", len(credential), MaxCredential)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, malformed(err)
	}
	begun, left, err := open(session, parsed.Response.CollectedClientData.Challenge, now)
	if err != nil {
		return nil, err
	}
	s := begun.SessionData
	// Whatever is attested is not looked at; "none" is what says so.
	attested := &parsed.Response.AttestationObject
	attested.Format, attested.AttStatement, attested.SubStatements = string(protocol.AttestationFormatNone), nil, nil
	w.acceptOrigin(&s, parsed.Response.CollectedClientData)
	a := shown{protocol.CreateCeremony, parsed.Response.CollectedClientData, attested.AuthData}
	if len(s.CredParams) == 0 || !bytes.Equal(s.UserID, UserHandle(u.ID)) {
		return nil, refused(NoOptions, "the options it answers were of another account, or no registration").as(ErrNoCeremony)
	}
	made, err := w.create(u, s, parsed, a)
	if err != nil {
		return nil, err
	}
	if err := checkKey(made.PublicKey); err != nil {
		return nil, err
	}
	for i := range u.Credentials {
		if bytes.Equal(u.Credentials[i].CredentialID, made.ID) {
			return nil, refused(Taken, "the account has it already").of(&state.Account{ID: u.ID}, &u.Credentials[i])
		}
	}
	made.Attestation = webauthn.CredentialAttestation{}
	made.Transport = knownTransports(made.Transport)
	record, err := encode(made, extras{Passkey: begun.Passkey})
	if err != nil {
		return nil, err
	}
	return &Registration{
		Authenticator: state.Authenticator{
			Type: state.WebAuthn, CredentialID: made.ID, Credential: record, LastStep: -1, CreatedAt: now,
		},
		Passwordless: made.Extensions.RK,
		UserVerified: made.Flags.UserVerified,
		Conditional:  s.Mediation == protocol.MediationConditional,
		Left:         left,
	}, nil
}

// create has the library verify a new credential.
func (w *WebAuthn) create(u User, s webauthn.SessionData, parsed *protocol.ParsedCredentialCreationData, a shown) (*webauthn.Credential, error) {
	if why := w.framed(s, a); why != nil {
		return nil, why
	}
	made, err := w.lib.CreateCredential(owner{handle: UserHandle(u.ID)}, s, parsed)
	if err == nil {
		return made, nil
	}
	why := w.refusal(err, s, a)
	if why.Reason == Other || why.Reason == Key {
		if alg, offered := offered(s, a.auth.AttData.CredentialPublicKey); !offered {
			return nil, refused(Algorithm, "its key is of the algorithm %d, which was not offered", alg)
		}
	}
	return nil, why
}

// offered reports whether the algorithm of a key is among those that the options offered. A key
// that cannot be read is one of 0.
func offered(s webauthn.SessionData, cose []byte) (alg int64, ok bool) {
	var head struct {
		Alg int64 `cbor:"3,keyasint"`
	}
	if webauthncbor.Unmarshal(cose, &head) != nil {
		return 0, true
	}
	return head.Alg, slices.ContainsFunc(s.CredParams, func(p protocol.CredentialParameter) bool { return int64(p.Algorithm) == head.Alg })
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
