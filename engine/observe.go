package engine

import (
	"context"
	"time"
)

// TurnEvent tells of a turn once it is over: what was submitted where, and what came of it.
// It holds no submitted value. What it points to must not be changed.
type TurnEvent struct {
	// Flow is the flow and Print the fingerprint of its graph.
	Flow        FlowID
	Fingerprint string
	// Node is where the submission was judged, Action the action it was, "" for a
	// submission.
	Node   NodeID
	Action string
	// Started is set for the first submission of a flow.
	Started bool
	// Outcome is what the turn came to, Errors why it was refused.
	Outcome Outcome
	Errors  []FieldError
	// Run is the run as the turn left it: at the stage it waits at, or at the end it
	// reached. It is nil for an action that needs no run.
	Run *Run
	// From is how many marks the run's trail had before: Run.Trail[From:] are new.
	From int
	// End is the end that was reached, "" while the run waits.
	End NodeID
	// Counted is set for a wrong submission that used up one of the stage's tries, Spent
	// where it was the last: the run is over.
	Counted, Spent bool
	// Subject is the account the turn is about, 0 for nobody.
	Subject int64
	// Writes are what was stored of the account, as the stages asked for it.
	Writes []Write
	Client Client
	Now    time.Time
}

// observe tells the observer of a turn that was decided. A turn that found nothing
// waiting is no turn of any run, and one that only repeats what its twin was answered
// was told of already.
func (e *Engine) observe(ctx context.Context, a *attempt, action string, ans Answer, err error) {
	if e.Observe == nil || err != nil || ans.Outcome == NotWaiting || a.flow == nil || a.twin {
		return
	}
	t := TurnEvent{
		Flow: a.flow.Graph.Flow, Fingerprint: a.flow.Fingerprint, Node: a.node, Action: action, Started: a.start,
		Outcome: ans.Outcome, Errors: ans.Errors, Run: ans.Run, End: ans.End, Client: a.Client, Now: a.Now,
		Counted: a.counted, Spent: a.spent,
	}
	if a.run != nil {
		t.From, t.Subject = len(a.run.Trail), a.run.Subject
	}
	if t.Run != nil && t.Run.Subject != 0 {
		t.Subject = t.Run.Subject
	}
	switch ans.Outcome {
	case Advanced, Granted, Finished, Done:
		t.Writes = a.wrote
		if t.Subject == 0 {
			t.Subject = a.verdict.About
		}
	}
	e.Observe(ctx, t)
}
