package provider

import (
	"errors"
	"fmt"
	"strconv"
)

// What can go wrong. Every error of this package is one of these, by errors.Is, but those
// of [New] and of Deps.Once, which is somebody else's. Those of [Provider.VerifyToken] have a code on the wire: see [Code].
var (
	// ErrClientIDRequired: a token came without the client id it was issued to.
	ErrClientIDRequired = errors.New("no client id")
	// ErrClientIDMismatch: a token came with a client id that is not ours.
	ErrClientIDMismatch = errors.New("the client id is not ours")
	// ErrTokenRequired: neither an id_token nor an access_token came.
	ErrTokenRequired = errors.New("no token")
	// ErrInvalidToken: the token is forged, out of date, meant for somebody else, used
	// up, or says nobody's name.
	ErrInvalidToken = errors.New("the token is not valid")
	// ErrUnsupported: this provider signs in by redirect only.
	ErrUnsupported = errors.New("no sign-in by token")
	// ErrUnreachable: the provider gave no answer in time, or none that can be used
	// (too long, no JSON, a fault of its own, metadata of another issuer). Trying again
	// later may help.
	ErrUnreachable = errors.New("the provider cannot be reached")
	// ErrDenied: the person said no at the provider (RFC 6749 section 4.1.2.1,
	// access_denied).
	ErrDenied = errors.New("cancelled at the provider")
	// ErrRefused: the provider answered, and the answer cannot be accepted: an error,
	// a code that is used up, an id_token that does not hold, no identity.
	ErrRefused = errors.New("the provider's answer is refused")
	// ErrRequest: the request or callback lacks what the caller must bring.
	ErrRequest = errors.New("the request is incomplete")
	// ErrNotConfigured: the provider and our configuration do not agree. It is one of the above as
	// well, and nothing that a person does helps.
	ErrNotConfigured = errors.New("the provider and the configuration do not agree")
)

// Cause gives what is behind an error of this package as front ends learn it, "" for what is none
// of the provider's: provider_unavailable (it gave no answer, or none that can be used; trying again
// later may help), token_refused (what came of it is not accepted; beginning anew may help) or
// not_configured (nothing that a person does helps).
func Cause(err error) string {
	switch {
	case errors.Is(err, ErrNotConfigured):
		return "not_configured"
	case errors.Is(err, ErrUnreachable):
		return "provider_unavailable"
	case errors.Is(err, ErrInvalidToken), errors.Is(err, ErrRefused):
		return "token_refused"
	}
	return ""
}

// misfitting marks an error as ErrNotConfigured.
type misfitting struct{ error }

// Is tells the mark (errors.Is).
func (misfitting) Is(target error) bool { return target == ErrNotConfigured }

// Unwrap returns the error itself.
func (m misfitting) Unwrap() error { return m.error }

// misfit is fault, of what only who runs the server can mend.
func misfit(is error, format string, args ...any) error {
	return misfitting{fault(is, format, args...)}
}

// as has an error counted as another one, with its mark.
func as(is, err error) error {
	if errors.Is(err, ErrNotConfigured) {
		return misfit(is, "%v", err)
	}
	return fault(is, "%v", err)
}

// Code gives the headless contract's error code and the field it belongs to for an
// error of [Provider.VerifyToken]. It gives "" for errors that are no fault of the
// client's input, [ErrUnreachable] above all.
//
// A client id that is not ours is invalid_token, as the contract answers where no
// provider is configured with it; a caller that wants client_id_mismatch asks for
// [ErrClientIDMismatch].
func Code(err error) (code, param string) {
	switch {
	case errors.Is(err, ErrUnreachable):
		return "", ""
	case errors.Is(err, ErrUnsupported):
		return "token_authentication_not_supported", "provider"
	case errors.Is(err, ErrClientIDRequired):
		return "client_id_required", "token"
	case errors.Is(err, ErrTokenRequired):
		return "token_required", "token"
	case errors.Is(err, ErrClientIDMismatch), errors.Is(err, ErrInvalidToken), errors.Is(err, ErrRefused):
		return "invalid_token", "token"
	}
	return "", ""
}

// fault is one of the errors above with what led to it. The arguments must be ours, or
// go through [clip].
func fault(is error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", is, fmt.Sprintf(format, args...))
}

// clip quotes a word that somebody else chose, short enough for a line of a log.
func clip(s string) string {
	if len(s) > 60 {
		s = s[:60] + "..."
	}
	return strconv.QuoteToASCII(s)
}

// named says whose error it is.
func (p *Provider) named(err error) error {
	return fmt.Errorf("provider %s: %w", p.id, err)
}
