package passkey

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// malformed is the refusal of what the library could not read.
func malformed(err error) *Refusal {
	reason := err.Error()
	var e *protocol.Error
	if errors.As(err, &e) && e.DevInfo != "" {
		reason += ": " + e.DevInfo
	}
	return refused(Malformed, "%.200q", reason)
}

// framed refuses what was asked for in a frame by a browser that does not say of which site: the
// library takes that for any site that is permitted.
func (w *WebAuthn) framed(s webauthn.SessionData, a shown) *Refusal {
	if a.client.CrossOrigin && a.client.TopOrigin == "" {
		return w.ofClient(s, a)
	}
	return nil
}

// shown is what a refusal is explained by: what the client and the authenticator said.
type shown struct {
	ceremony protocol.CeremonyType
	client   protocol.CollectedClientData
	auth     protocol.AuthenticatorData
}

// refusal says why the library has refused an answer. Its errors have texts for developers
// only, so that the checks it makes are gone through again, in its order; what none of them
// explains is told by the kind of its error.
func (w *WebAuthn) refusal(err error, s webauthn.SessionData, a shown) *Refusal {
	if why := w.ofClient(s, a); why != nil {
		return why
	}
	if why := w.ofAuthenticator(s, a); why != nil {
		return why
	}
	var e *protocol.Error
	if !errors.As(err, &e) {
		return refused(Other, "%.200q", err.Error())
	}
	switch e.Type {
	case protocol.ErrAssertionSignature.Type:
		return refused(Signature, "the key of the credential has not signed it")
	case protocol.ErrUnsupportedKey.Type, protocol.ErrUnsupportedAlgorithm.Type:
		return refused(Key, "%.200q", e.Error()+": "+e.DevInfo)
	case protocol.ErrParsingData.Type:
		return refused(Malformed, "%.200q", e.Error()+": "+e.DevInfo)
	}
	return refused(Other, "%.200q", strings.TrimSuffix(e.Error()+": "+e.DevInfo, ": "))
}

// ofClient is what is wrong with what the client says of itself (section 7.1, steps 7 to 12,
// and section 7.2, steps 10 to 15), or nil. The challenge that was right is not spelled out: it
// may still be answered.
func (w *WebAuthn) ofClient(s webauthn.SessionData, a shown) *Refusal {
	c := a.client
	switch {
	case c.Type != a.ceremony:
		return refused(CeremonyType, "the client says it is %.40q, not %q", string(c.Type), string(a.ceremony))
	case c.Challenge != s.Challenge:
		return refused(Challenge, "the client answers options with the challenge %.60q, which do not wait: they were replaced by two newer ones, or answered", c.Challenge)
	case !w.mayAsk(c.Origin):
		return refused(Origin, "%.150q is none of the origins that may ask, which webauthn_origins and webauthn_related_origins list", c.Origin)
	case c.CrossOrigin && len(w.config.TopOrigins) == 0:
		return refused(CrossOrigin, "%.100q asked in a frame of %.100q, and webauthn_top_origins permits none", c.Origin, c.TopOrigin)
	case c.CrossOrigin && c.TopOrigin == "":
		return refused(TopOrigin, "%.100q asked in a frame, and the browser does not say of which site", c.Origin)
	case c.TopOrigin != "" && !(c.CrossOrigin && protocol.IsOriginInHaystack(c.TopOrigin, w.config.TopOrigins)):
		return refused(TopOrigin, "%.100q asked in a frame of %.100q, which webauthn_top_origins does not list", c.Origin, c.TopOrigin)
	}
	return nil
}

// mayAsk reports whether an origin may run ceremonies.
func (w *WebAuthn) mayAsk(origin string) bool {
	return w.config.AnyOrigin && origin != "" || protocol.IsOriginInHaystack(origin, w.lib.Config.RPOrigins)
}

// ofAuthenticator is what is wrong with what the authenticator says (section 7.1, steps 14 to
// 19, and section 7.2, steps 16 to 19), or nil.
func (w *WebAuthn) ofAuthenticator(s webauthn.SessionData, a shown) *Refusal {
	flags, hash := a.auth.Flags, sha256.Sum256([]byte(w.config.RPID))
	switch {
	case !bytes.Equal(a.auth.RPIDHash, hash[:]):
		return refused(RPID, "it is for another relying party than %q", w.config.RPID)
	case !flags.HasUserPresent() && s.Mediation != protocol.MediationConditional:
		return refused(Absent, "the authenticator does not say that somebody was present")
	case !flags.HasUserVerified() && s.UserVerification == protocol.VerificationRequired:
		return refused(Unverified, "the authenticator did not verify its holder")
	case flags.HasBackupState() && !flags.HasBackupEligible():
		return refused(Backup, "the authenticator says backed up, and not eligible for it")
	}
	return nil
}
