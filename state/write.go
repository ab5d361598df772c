package state

import (
	"encoding/json"
	"time"
)

// Write is one change to an account that a turn wants. Its fields are its arguments;
// the account it is about is the batch's.
type Write interface {
	// Apply changes the account in memory as the store will.
	Apply(*Account)
	// AccountWrite marks what a store can be asked to write, so that nothing else can be
	// handed to one.
	AccountWrite()
}

// CreateAccount makes the batch's account before its other writes: its addresses,
// number, authenticators, connected third-party accounts and attributes with it. It
// fails with a [ConflictError] if the username, the third-party account, or an address or
// number that is verified in it belongs to somebody already: is verified there, if it is
// an address or a number. What it has verified is taken from every account that has it
// unverified, as by [ProveContact]. An account that the same run made before stays as it
// is.
type CreateAccount struct{ Account Account }

// SetPassword stores a new hash. A change by the person also raises the epoch and signs
// out every session but Keep (0 keeps none).
type SetPassword struct {
	Hash string
	// SignOut is false for a hash that only replaces an older form of the same password.
	SignOut bool
	Keep    int64
	// Replaces, if not empty, is the hash that must still be stored; otherwise the write
	// does nothing (an upgrade must not undo a change made meanwhile). With Strict it must
	// be stored even if it is empty, and otherwise the write fails with [ErrSpent], unless
	// this same run has stored Hash.
	Replaces string
	Strict   bool
}

// AddEmail adds an unverified address, which is not primary: the first one of an account
// without any becomes that once it is verified. An address the account has already is left as it is. It is endorsed as an authenticator
// would be.
type AddEmail struct{ Address string }

// ProveContact notes that somebody has shown that he receives what is sent to an address
// or a number: by a link, by a code, or by the word of a third party that may vouch for it.
// It is the one way by which a contact becomes verified, and the one place where
// credentials end because nobody knows who set them.
//
// The contact is added where the account does not have it, and verified. It fails with a
// [ConflictError] if another account has verified it; every other account that has it
// unverified loses it. The address becomes primary where no other is: one that was only
// reached, if this write has ended the one that was.
//
// If it is the first contact of the account to be proved, what the account carries was set
// by nobody knows whom. With Own it was the person who proves the contact: the password stays, and
// sessions, and what the run that made the account set is endorsed; other authenticators,
// third-party accounts and unproved addresses, which were set since, end. Otherwise
// everything ends: the password, all authenticators and third-party accounts, all sessions
// and what began before (the epoch rises), and the other contacts. How the person is called
// and looks goes with the third-party accounts, see [Profile].
type ProveContact struct {
	// Email is an address in lower case, Phone a number in E.164: one of the two.
	Email string
	Phone string
	// Own is set where the message that came back is the sign-up's, or that of a sign-in with
	// what the account carries, to an address that the sign-up named; or where it came back
	// to the run or the session that had asked for it.
	Own bool
	// Reached leaves an address unverified that it finds so: it only notes that a message
	// came back, and takes the address from nobody.
	Reached bool
	// Recovers ends what is not endorsed of an account with proved contacts, too, and all
	// contacts that are not proved.
	Recovers bool
	// Replace removes all other addresses, and makes this one primary.
	Replace bool
}

// RemoveEmail removes an address; an unknown one is no error.
type RemoveEmail struct{ Address string }

// SetPrimaryEmail makes an address of the account its only primary one.
type SetPrimaryEmail struct{ Address string }

// SetPhone replaces the number by one that is not verified, or by none.
type SetPhone struct{ Number string }

// AddAuthenticator adds one. A second TOTP, a second set of recovery codes, or a
// credential id that any account has already, fails with a [ConflictError]; unless this
// same run added it: then what is stored stays as it is. It is endorsed if a contact of
// the account is proved.
type AddAuthenticator struct{ Authenticator Authenticator }

// RemoveAuthenticators removes authenticators by id; unknown ids are no error. If none
// but recovery codes would be left, those go too.
type RemoveAuthenticators struct{ IDs []int64 }

// RenameAuthenticator renames a WebAuthn credential.
type RenameAuthenticator struct {
	ID   int64
	Name string
}

// SpendTOTP marks a time step as used. It fails with [ErrSpent] unless the step is
// later than the last one used, or is that one and was used by this same run.
type SpendTOTP struct {
	ID   int64
	Step int64
	At   time.Time
}

// SpendRecoveryCode marks the code at an index as used. It fails with [ErrSpent] if it
// was used, unless by this same run, or if the set is no longer the one named by ID.
type SpendRecoveryCode struct {
	ID    int64
	Index int
	At    time.Time
}

// UpdateCredential stores a WebAuthn credential after an assertion, unless a later one
// has been stored: of two at once the newer sign count stays (sign count, backup
// flags) and when it was used.
type UpdateCredential struct {
	ID         int64
	Credential []byte
	At         time.Time
}

// ViewRecoveryCodes notes that the codes were shown, the first time.
type ViewRecoveryCodes struct {
	ID int64
	At time.Time
}

// NoteLogin notes when the account last signed in.
type NoteLogin struct{ At time.Time }

// RaiseEpoch ends everything that began before, and every session but Keep (0 keeps
// none).
type RaiseEpoch struct{ Keep int64 }

// SetActive enables or disables the account; disabling raises the epoch and ends all
// its sessions.
type SetActive struct{ Active bool }

// ConnectProvider connects a third-party account, or refreshes what is known of it. It
// fails with a [ConflictError] if it belongs to another account, and takes it from one
// that has never signed in and is not proved: a sign-up that went no further. A new one is
// endorsed if a contact of the account is proved.
type ConnectProvider struct{ Account ProviderAccount }

// DisconnectProvider disconnects a third-party account; an unknown one is no error.
type DisconnectProvider struct{ Provider, UID string }

// SetAttribute stores a value of a custom stage; an empty value removes it.
type SetAttribute struct{ Key, Value string }

// LogMethods stores the log of authentications of a session.
type LogMethods struct {
	Session int64
	Methods json.RawMessage
}

// RenewSession gives a session a new token, whose id has the hash.
type RenewSession struct {
	Session   int64
	TokenHash []byte
}

// BindSession binds a session to the key of a device, for good. It fails with [ErrSpent] where
// it is bound to another one already, and with [ErrEnded] where the account has no such session.
type BindSession struct {
	Session int64
	Binding Binding
}

// EndSessions ends sessions of the account by id; unknown ids are no error.
type EndSessions struct{ IDs []int64 }

// NoteProviderSession notes by what session at a third party the batch's run signs in, or, where
// Session is not 0, by what one that session of the account was proved again. It is kept till
// Until at most. What was noted of the same provider before gives way.
type NoteProviderSession struct {
	ProviderSession
	Session int64
	Until   time.Time
}

// Queue puts a message into the outbox, sealed and not released yet.
type Queue struct{ Message Message }

// Audit notes an event for operators.
type Audit struct {
	Event string
	// Data is JSON; it holds no secret.
	Data json.RawMessage
}
