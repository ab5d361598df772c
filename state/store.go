package state

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// What a store says, besides errors of its own (which mean that it could not be asked).
var (
	// ErrUnavailable says that the database could not be asked. Nothing is known then of
	// what came of a write; it can be repeated.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrNotFound says that there is no such account or session.
	ErrNotFound = errors.New("not found")
	// ErrSpent says that a single-use thing was used before, by another run.
	ErrSpent = errors.New("used before")
	// ErrEnded says that the account is disabled or its epoch has moved since the run
	// began, so that no session may be granted.
	ErrEnded = errors.New("ended meanwhile")
	// ErrMoved says that the account has changed since it was decided what to write.
	ErrMoved = errors.New("the account has changed meanwhile")
)

// ConflictError says that something unique belongs to another account.
type ConflictError struct {
	// Field is id, username, email, phone, credential, provider or authenticator.
	Field string
}

// Error names the field.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s is taken", e.Field)
}

// The kinds of [Key].
const (
	KeyUsername   = "username"
	KeyEmail      = "email"
	KeyPhone      = "phone"
	KeyCredential = "credential"
	KeyProvider   = "provider"
)

// Key says by what an account is looked up.
type Key struct {
	// Kind is one of [KeyUsername] and the others, or id.
	Kind string
	// Value is the value: the id, the username (any case), the address in lower
	// case, the number in E.164, the raw bytes of the credential id, or
	// "provider\x00uid".
	Value string
}

// Accounts reads accounts. An account is whole: with its addresses, authenticators,
// connected third-party accounts and attributes, in one query.
type Accounts interface {
	// Account returns the account with the id, or [ErrNotFound].
	Account(ctx context.Context, id AccountID) (*Account, error)
	// Find returns the account with the key, or [ErrNotFound]. An address or a number
	// leads to the account that has verified it. One that nobody has verified leads to the
	// account that has it and is not [Account.Proved], or where it was reached before: the one
	// where it was, then the oldest. Beside a proved contact it leads nowhere: the
	// owner of the account may have named an address of somebody else.
	Find(ctx context.Context, key Key) (*Account, error)
	// Named returns what Find does, nil where there is none, and who claims the name besides
	// without having verified it. It is for a sign-in that shows a password, too: nothing
	// is ever sent to claimants.
	Named(ctx context.Context, key Key) (Named, error)
}

// Named is whom a name and a password may be of.
type Named struct {
	*Account
	// Others have an address or a number unverified, are active and have a password: at
	// most [MaxClaimants], those who have signed in before first, oldest first, then the
	// newest. Where Account has verified the name, whom it would lead to otherwise comes
	// before them, whatever it has: a claim fares alike whether the name is taken or not.
	Others []Claimant
}

// MaxClaimants bounds how many passwords are tried for one name, besides that of whom it
// leads to, or would lead to.
const MaxClaimants = 4

// Claimant is an account that has a name it has not verified.
type Claimant struct {
	Account      AccountID
	PasswordHash string
}

// Batch is what one turn wants stored: all of it in one transaction, or nothing.
type Batch struct {
	// Run is the spender of single-use writes; it also names the messages to release.
	Run string
	// Version is the record version the turn started from, or any number of its own;
	// together with Run it names the messages of this turn. Of two turns with one name
	// the later one's messages take the place of the other's, until they are released.
	Version uint64
	// Account is whom the writes are about; "" is nobody, for messages alone.
	Account AccountID
	// Epoch, where a session is granted or Guard is set, must still be the account's,
	// and the account must be active; else [ErrEnded]. An epoch that this same run has
	// raised does not end it.
	Epoch int64
	Guard bool
	// Holder, if not 0, is the signed-in session that asks: an epoch that was raised but
	// left this session alone, each time since Epoch, does not end it either.
	Holder int64
	// Revision, if not 0, is the account's on which the writes were decided: whether this
	// address may go, say. Where it has moved, nothing is stored and the answer is
	// [ErrMoved]: the question must be asked again.
	Revision int64
	// Session, if not nil, is inserted after the writes and with the epoch they leave,
	// unless the run has one already: then the stored one is left as it is and counts as
	// granted. A run whose session was ended is granted no other: [ErrEnded].
	Session *Session
	Writes  []Write
	// Now is the time of the turn.
	Now time.Time
}

// Receipt says what was stored.
type Receipt struct {
	// Account is the account after the writes, or nil for a batch about nobody.
	Account *Account
	// Session is the granted session as stored, or nil.
	Session *Session
	// Messages says whether any message waits to be released.
	Messages bool
}

// Ledger stores what turns want.
type Ledger interface {
	// Commit stores a batch in one transaction. It returns [ErrSpent], [ErrEnded],
	// [ErrMoved], [ErrNotFound] or a [*ConflictError], and then has stored nothing. A batch that the
	// same run repeats is stored once more without harm. A batch that makes no sense (a
	// session of another account, say) is an error of its own and stores nothing. Every
	// batch that changes its account raises the revision once; where it can change the
	// snapshot, the account's sessions learn of it by a [Change].
	Commit(ctx context.Context, b Batch) (Receipt, error)
	// Release lets the messages of a turn go out; the winner of the swap calls it.
	// Messages nobody released within a minute are dropped, but for notices
	// ([Template.IsNotice]): what they tell of is stored, so that they go out then, unless
	// another turn of the run has released its own.
	Release(ctx context.Context, run string, version uint64, now time.Time) error
	// Abandon undoes the session of a run that lost for good, and drops the messages of
	// its turn.
	Abandon(ctx context.Context, run string, version uint64) error
}

// Seen is what is written about a session once a minute.
type Seen struct {
	At        time.Time
	IP        string
	UserAgent string
}

// Sessions reads signed-in sessions.
type Sessions interface {
	// Session returns the session whose token has the hash together with its account,
	// or [ErrNotFound]: also for one that has expired at now, or whose account is
	// disabled.
	Session(ctx context.Context, tokenHash []byte, now time.Time) (*Session, *Account, error)
	// Touch confirms that the session goes on and notes when and from where it was last
	// seen, in one statement; an address or agent that is empty, because nobody knows it,
	// leaves the one that is noted. It returns to what the session is bound, so that whoever has
	// not heard of that learns it. [ErrNotFound] says that it has ended.
	Touch(ctx context.Context, id int64, seen Seen) (Binding, error)
	// SessionsOf lists the sessions of an account that go on at now, oldest first.
	SessionsOf(ctx context.Context, account AccountID, now time.Time) ([]Session, error)
}

// Change is something the records of an account's sessions must learn of.
type Change struct {
	ID      int64
	Account AccountID
	// TokenHash names the one session it is about.
	TokenHash []byte
	// Kind is snapshot, ended (gone: the token is unknown from now on) or signed_out
	// (the next request is answered as anonymous, after that it is unknown).
	Kind string
	// Snapshot is the account's newest, for kind snapshot.
	Snapshot Snapshot
}

// Changes hands out what committed turns changed, so that the records of other
// sessions follow. It is at-least-once: a change may come twice and out of order;
// snapshots carry a revision for that.
type Changes interface {
	// ClaimChanges takes at most limit changes, oldest first, for the length of the
	// lease. With an account only that account's.
	ClaimChanges(ctx context.Context, account AccountID, now time.Time, lease time.Duration, limit int) ([]Change, error)
	// ChangesDone forgets changes that were passed on.
	ChangesDone(ctx context.Context, ids []int64) error
}
