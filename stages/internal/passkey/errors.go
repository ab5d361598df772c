package passkey

import (
	"errors"
	"fmt"

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

// Reason says in a word why an answer was refused.
type Reason string

// The reasons for which answers are refused, in the order of the specification (sections 7.1
// and 7.2).
const (
	// Malformed: it is no answer of an authenticator.
	Malformed Reason = "malformed"
	// NoOptions: no options wait that it could answer, or they were of something else or of
	// somebody else.
	NoOptions Reason = "options"
	// Expired: the options it answers are too old.
	Expired Reason = "expired"
	// Unknown: nobody in question has the credential.
	Unknown Reason = "unknown"
	// NotAPasskey: it was made to stand beside a password, and does not sign in alone.
	NotAPasskey Reason = "not_a_passkey"
	// Handle: it names nobody, or somebody else.
	Handle Reason = "user_handle"
	// CeremonyType: it answers another kind of options.
	CeremonyType Reason = "type"
	// Challenge: it answers none of the options that wait.
	Challenge Reason = "challenge"
	// Origin: the page or app that asked for it may not.
	Origin Reason = "origin"
	// CrossOrigin: it was made in a frame of another site, which is not permitted. TopOrigin:
	// it is permitted, but not in pages of that site.
	CrossOrigin Reason = "cross_origin"
	TopOrigin   Reason = "top_origin"
	// RPID: it is for another relying party.
	RPID Reason = "rp_id"
	// Absent: nobody touched the authenticator. Unverified: it did not verify who did.
	Absent     Reason = "absent"
	Unverified Reason = "unverified"
	// Backup: its backup flags contradict each other.
	Backup Reason = "backup_flags"
	// Algorithm: its key is of a kind that was not offered. Key: its key cannot verify anything.
	Algorithm Reason = "algorithm"
	Key       Reason = "key"
	// Taken: the account has it already.
	Taken Reason = "taken"
	// Signature: it was not signed with the credential's key.
	Signature Reason = "signature"
	// Counter: the signature counter did not go up, so it may have been copied.
	Counter Reason = "counter"
	// Other: the library has refused it for something else.
	Other Reason = "other"
)

// Refusal says why an answer was refused, to who runs the server: clients are told none of it.
// It is an [ErrInvalid]; nothing about the credential was changed.
type Refusal struct {
	Reason Reason
	// Detail says more, in one line of at most 300 bytes. What a client sent stands in it
	// quoted.
	Detail string
	// Account and Authenticator are the ids of whose credential was shown, zero where it is
	// nobody's or nothing was shown.
	Account       state.AccountID
	Authenticator int64

	kind error
}

// Why is the refusal in one line: the reason, and the detail.
func (e *Refusal) Why() string { return string(e.Reason) + ": " + e.Detail }

// Error says what it means.
func (e *Refusal) Error() string { return ErrInvalid.Error() + ": " + e.Why() }

// Unwrap makes it an ErrInvalid.
func (e *Refusal) Unwrap() error {
	if e.kind != nil {
		return e.kind
	}
	return ErrInvalid
}

// maxDetail bounds what is said of a refusal, in bytes.
const maxDetail = 300

// refused is an ErrInvalid for a reason. What comes from clients is formatted with %q.
func refused(reason Reason, format string, args ...any) *Refusal {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > maxDetail {
		detail = detail[:maxDetail-3] + "..."
	}
	return &Refusal{Reason: reason, Detail: detail}
}

// as makes a refusal one of the errors that callers look for.
func (e *Refusal) as(kind error) *Refusal {
	e.kind = kind
	return e
}

// of notes whose credential was shown.
func (e *Refusal) of(a *state.Account, x *state.Authenticator) *Refusal {
	e.Account, e.Authenticator = a.ID, x.ID
	return e
}
