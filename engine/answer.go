package engine

import (
	"fmt"
	"time"
)

// Turn is one submission as the transport hands it over, with the entry it has loaded.
type Turn struct {
	// Key is where the client's record lies; empty for a client without a token.
	Key   Key
	Entry Entry
	// Values are the cleaned fields, Invalid what is wrong with them.
	Values  Values
	Invalid []FieldError
	Client  Client
	// Digest identifies the submission; see Last.
	Digest []byte
	Now    time.Time
	Seed   Seed
	// Afresh is set where another session of the client ends with the one that the turn grants.
	// What was shown in the one is nothing to the other: its log begins empty, as it does where
	// Entry is the record of a session.
	Afresh bool
}

// afresh reports whether a session that the turn grants begins with an empty log.
func (t *Turn) afresh() bool { return t.Afresh || t.inSession() }

// inSession reports whether the record is that of a session, whoever the turn says its client
// is: a reset by code is nobody's.
func (t *Turn) inSession() bool { return len(t.Entry.Session) > 0 }

// Outcome says how a turn ended.
type Outcome uint8

// The outcomes of a turn.
const (
	// NotWaiting: no run of this client waits at that stage.
	NotWaiting Outcome = iota + 1
	// Wrong: the submission was refused, with Errors; the run stays (unless its attempts
	// are spent).
	Wrong
	// Limited: a rate limit refused; nothing was stored.
	Limited
	// Conflict: the action is not allowed now.
	Conflict
	// Advanced: the run waits at its next stage.
	Advanced
	// Granted: the client is signed in now.
	Granted
	// Finished: the run reached an end that grants nothing; see End.
	Finished
	// Done: an action was carried out.
	Done
)

// String returns the outcome in lower case: not waiting, wrong, limited, ...
func (o Outcome) String() string {
	names := [...]string{
		NotWaiting: "not waiting", Wrong: "wrong", Limited: "limited", Conflict: "conflict",
		Advanced: "advanced", Granted: "granted", Finished: "finished", Done: "done",
	}
	if int(o) >= len(names) || names[o] == "" {
		return fmt.Sprintf("Outcome(%d)", o)
	}
	return names[o]
}

// Answer is what a turn came to.
type Answer struct {
	Outcome Outcome
	Errors  []FieldError
	// Why says in a line why a submission was refused, for the log alone.
	Why     string
	Refusal *Refusal
	// Entry is what is stored now.
	Entry Entry
	// Key is where, and TokenID, where not nil, the id of a token that is new to the
	// client.
	Key     Key
	TokenID []byte
	// Flow, Run and End tell of the run: as it is now, and the end it reached.
	Flow FlowID
	Run  *Run
	End  NodeID
	// Entered marks a refusal of a stage that was only entered in this turn.
	Entered bool
	// Values are for the client alone; see Verdict.
	Values map[string]string
	// Reply is what an action answers.
	Reply any
}
