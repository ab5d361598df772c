package state

import (
	"context"
	"time"
)

// Trail is what is kept of a run beside the request, so that it can be explained later:
// where it went and why. It proves nothing and nothing is decided by it. It holds no
// secret, and no address.
type Trail struct {
	// Run is the id of the run, Account whom it is about: "" for nobody.
	Run     string
	Account AccountID
	// Flow is the flow's id, Print the fingerprint of the graph the run walked.
	Flow  string
	Print string
	// Client is browser, app or rest.
	Client string
	// Node is where the run stands or has ended; As, if not empty, is the node it shows
	// itself as while it pretends.
	Node string
	As   string
	// Over says how the run came to its end, empty while it waits.
	Over Over
	// Marks is the trail on one line, as the engine writes it: exits and reasons.
	Marks string
	// Wrong counts wrong tries by the node they were made at; Why is why the last submission was
	// refused, if it was and its stage says so.
	Wrong map[string]int
	Why   string
	// Started, Updated and Deadline are the times of its start, of its last turn, and of
	// when it stops waiting, zero where it does not wait.
	Started, Updated, Deadline time.Time
}

// Over says how a run came to its end.
type Over string

// How a run comes to its end. One that only ran out of time still waits, with a deadline
// in the past.
const (
	// Reached: it reached an end of its graph.
	Reached Over = "end"
	// Spent: the tries at its stage were used up.
	Spent Over = "spent"
	// Withdrawn: the account has changed meanwhile, so that the run may not go on.
	Withdrawn Over = "withdrawn"
	// Refused: what would have begun it was refused. It is kept for why.
	Refused Over = "refused"
)

// Trails keeps trails.
type Trails interface {
	// KeepTrails stores trails in one transaction. Of two about one run the one with the
	// later time counts, of two with one time the one that is stored last; wrong tries are
	// added to those that are there.
	KeepTrails(ctx context.Context, list []Trail) error
	// Trail returns what is kept of a run, or [ErrNotFound].
	Trail(ctx context.Context, run string) (Trail, error)
	// TrailsOf returns at most limit trails of an account, those with the latest turns
	// first; with account "" those of everybody and nobody.
	TrailsOf(ctx context.Context, account AccountID, limit int) ([]Trail, error)
}
