package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Key names a record in its store: the lower-case hex SHA-256 of a token's id, so that
// a reader of the store holds no token.
type Key string

// Entry is what a store holds under a key.
type Entry struct {
	// Found is false where nothing is stored; then all else is zero.
	Found bool
	// Record is the client's.
	Record Record
	// Account and Session are what the owner of the store keeps beside the record of a
	// signed-in client, empty for an anonymous one. The engine passes them on unread.
	Account string
	Session string
	// SignedOut marks the record of a session that was signed out from elsewhere: it is
	// answered as anonymous once, and then dropped.
	SignedOut bool
	// Tombstone, if not nil, says that the record has ended; nothing else is set but Found.
	Tombstone *Tombstone
}

// Tombstone stands for ten seconds where a record has been, so that the twin of the
// submission that ended it can tell, and no slow reader revives it.
type Tombstone struct {
	// Last is the submission that ended the record; zero where it was revoked.
	Last Last `json:"l,omitzero"`
	// Run is the run that was granted a session, whose record lies under Next.
	Run  string `json:"r,omitempty"`
	Next Key    `json:"n,omitempty"`
}

// Take is one use of a rate limit: at most Max uses of Key in any window Per long.
type Take struct {
	// Key is unique over actions and whom they are counted for; it holds no address in
	// clear text.
	Key string
	Max int
	Per time.Duration
	// By says whom it counts: ip, user or key.
	By string
}

// ByKey reports whether the limit counts what the request is about rather than its sender:
// success gives back all of its uses, for good tries are not to be saved up for guesses.
func (t Take) ByKey() bool { return t.By == "key" }

// Action is what the limit is of, "login_failed": its key is what [Rates.Takes] makes.
func (t Take) Action() string {
	action, _, _ := strings.Cut(strings.TrimPrefix(t.Key, "rl:"), ":")
	return action
}

// Refusal says that a limit was used up, the first one of those that were, and when the next
// use of them all is possible.
type Refusal struct {
	Take  Take
	After time.Duration
}

// ErrUnavailable says that the store could not be asked. A turn that gets it stores
// nothing and answers nothing but that.
var ErrUnavailable = errors.New("the store of records is unavailable")

// ErrFull says that the store holds as much as it may: it begins no record of a client
// that nobody knows, and goes on with all that are there. It is an [ErrUnavailable].
var ErrFull = fmt.Errorf("%w: it is full", ErrUnavailable)

// Swap replaces a record if nobody did so meanwhile.
type Swap struct {
	Key Key
	// From is the version the turn loaded; 0 stores the record only where there is none.
	From uint64
	// Record is the new one, its version From+1. It is ignored where Move or Drop is set.
	Record Record
	// TTL is how long the record lives after this write; 0 leaves that as it is.
	TTL time.Duration
	// Drop replaces the record by Tombstone.
	Drop      bool
	Tombstone Tombstone
	// Move replaces the record under Key by Tombstone and writes a new one under a new key.
	// With an empty Key nothing is compared and only the new one is written: the client
	// had no record before.
	Move *Move
	// Account, if not empty, replaces what is kept of the account beside the record.
	Account string
	// Refunds is given back, beside a swap that wins. With neither Key nor Move nothing else is
	// done.
	Refunds []Refund
	// Now is the time of the turn.
	Now time.Time
}

// Move is the record of a client that has just signed in.
type Move struct {
	Key     Key
	Record  Record
	Account string
	Session string
	TTL     time.Duration
}

// Refund gives a limit back: the one use taken by this turn, or with All every use.
type Refund struct {
	Take Take
	All  bool
}

// Store keeps records and rate limits. Every operation works on one key alone (one
// round trip each; what is listed together travels together), so that a cluster serves
// it. Any failure to reach the store is [ErrUnavailable].
//
// A store that does not take as much as comes has a method CheckCapacity() error besides. It
// asks no other machine, and fails with [ErrFull] where no record of a client that nobody
// knows can be begun now: a turn that would begin one then writes nothing.
type Store interface {
	// Load reads the entry under a key ("" reads nothing) and uses up the limits in the
	// same round trip. Where a limit refuses, the uses taken beside it are given back, but for
	// those by ip that stand before it, and the refusal is returned together with the entry.
	Load(ctx context.Context, key Key, take []Take, now time.Time) (Entry, *Refusal, error)
	// Swap stores a record if its version is still the one that was loaded. Where it is
	// not, nothing is stored and the newer entry is returned with false.
	Swap(ctx context.Context, s Swap) (Entry, bool, error)
	// Take uses up limits as Load does: all of them, or those by ip before the first that
	// refuses.
	Take(ctx context.Context, take []Take, now time.Time) (*Refusal, error)
}

// capacityStore is a [Store] that does not take as much as comes.
type capacityStore interface {
	CheckCapacity() error
}
