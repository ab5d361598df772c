package passkey

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"

	"stagedoor/state"
)

// How the contract names a refusal: the code of all of them, and the field of an
// assertion's. That of a new credential belongs to no field.
const (
	Code  = "incorrect_code"
	Param = "credential"
)

// What a Finish refuses. All of them are [ErrInvalid].
var (
	// ErrInvalid says that the client's answer is malformed or proves nothing here.
	ErrInvalid = errors.New("the credential was refused")
	// ErrUnknownCredential says that no account in question has the credential.
	ErrUnknownCredential = fmt.Errorf("%w: nobody here has it", ErrInvalid)
	// ErrNoCeremony says that no ceremony is under way that the answer could belong to, or
	// that it has expired.
	ErrNoCeremony = fmt.Errorf("%w: no ceremony waits for it", ErrInvalid)
)

// ClonedError says that a credential's signature counter did not go up. It is an
// [ErrInvalid]; nothing about the credential was changed.
type ClonedError struct {
	// Account and Authenticator are the ids of whose credential it is.
	Account       state.AccountID
	Authenticator int64
}

// Error says what it means.
func (e *ClonedError) Error() string {
	return ErrInvalid.Error() + ": its signature counter did not go up, so it may have been copied"
}

// Unwrap makes it an ErrInvalid.
func (*ClonedError) Unwrap() error { return ErrInvalid }

// refused is an ErrInvalid for a reason.
func refused(reason string) error { return fmt.Errorf("%w: %s", ErrInvalid, reason) }

// refusal turns the library's error into an ErrInvalid. Its text may hold what a client
// sent, so it is quoted, and cut to what fits a log line.
func refusal(err error) error {
	reason := err.Error()
	var e *protocol.Error
	// A wrong challenge is not spelled out: the right one may still be answered.
	if errors.As(err, &e) && e.DevInfo != "" && !strings.Contains(e.Details, "challenge") {
		reason += ": " + e.DevInfo
	}
	return fmt.Errorf("%w: %.200q", ErrInvalid, reason)
}
