package engine

import (
	"context"
	"time"
)

// Batch is what a turn wants stored in one transaction.
type Batch struct {
	Run     string
	Version uint64
	Subject AccountID
	// Epoch is what the run knows of the subject's. With Guard it must still be that, or
	// have been raised by this same run, or, with OfSession, have left the client's session
	// alone; else the batch is refused as ended.
	Epoch     int64
	Guard     bool
	OfSession bool
	// Grant asks for a session whose record will lie under Key.
	Grant bool
	Key   Key
	// Methods is the client's whole log, where a session is granted or the log of the
	// client's own session has grown.
	Methods  []Method
	Client   Client
	Writes   []Write
	Messages []Message
	Now      time.Time
	Seed     Seed
}

// Empty reports whether there is nothing to store.
func (b Batch) Empty() bool {
	return !b.Grant && len(b.Methods) == 0 && len(b.Writes) == 0 && len(b.Messages) == 0
}

// Receipt is what was stored, as the owner of the store keeps it beside records.
type Receipt struct {
	// Account and Session are encoded; empty where no session was granted.
	Account string
	Session string
	// TTL is how long a granted session lives.
	TTL time.Duration
	// Changed is the account's new snapshot where writes changed the account of a
	// signed-in client.
	Changed string
	// Epoch is the subject's after the writes.
	Epoch int64
}

// Refused is an error of a Ledger that is an answer, not a fault: what was to be stored
// is no longer possible. Verdict says what the turn comes to instead: again with errors,
// or the end of the run.
type Refused struct {
	// Spent says that a single-use write was spent by another run: the answer is the
	// verdict's IfSpent, and the run stays where it is.
	Spent bool
	// Retry asks to judge the submission again from the start: what it was judged on has
	// changed (an address was taken meanwhile).
	Retry bool
	// Ended ends the run without a session.
	Ended bool
	Err   error
}

// Error says what was refused.
func (r *Refused) Error() string { return "refused: " + r.Err.Error() }

// Unwrap returns the cause.
func (r *Refused) Unwrap() error { return r.Err }

// Ledger stores what turns want, in one transaction each. See [Refused] for the errors
// that are answers; any other error means that nothing was stored or that it is not
// known, and the client may repeat the turn.
type Ledger interface {
	Commit(ctx context.Context, b Batch) (Receipt, error)
	// Release lets the messages of a committed turn go out.
	Release(ctx context.Context, b Batch) error
	// Abandon undoes the session of a run that lost for good, and its messages.
	Abandon(ctx context.Context, b Batch) error
}
