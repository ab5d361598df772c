package engine

import (
	"context"
	"time"
)

// TurnEvent says of a turn, once it is over, what was submitted where, and what came of it.
// It holds no submitted value. What it points to must not be changed.
type TurnEvent struct {
	// Flow is the flow and Fingerprint that of its graph.
	Flow        FlowID
	Fingerprint string
	// Node is where the submission was judged, Action the action it was, "" for a
	// submission.
	Node   NodeID
	Action string
	// Started is set for the first submission of a flow.
	Started bool
	// Outcome is what the turn came to, Errors why it was refused, and Why the same for who runs
	// the server, where the stage says more than it tells clients.
	Outcome Outcome
	Errors  []FieldError
	Why     string
	// Refusal is the limit that refused the turn, nil where none did.
	Refusal *Refusal
	// Run is the run as the turn left it: at the stage it waits at, or at the end it
	// reached. It is nil for an action that needs no run.
	Run *Run
	// From is how many steps the run's trail had before: Run.Trail[From:] are new.
	From int
	// End is the end that was reached, "" while the run waits.
	End NodeID
	// Counted is set for a wrong submission that used up one of the stage's tries, Spent
	// where it was the last: the run is over.
	Counted, Spent bool
	// Subject is the account the turn is about, "" for nobody.
	Subject AccountID
	// Writes are what was stored of the account, as the stages asked for it.
	Writes []Write
	Client Client
	Now    time.Time
}

// describe is the last piece of a turn: a session that is not answered is taken back, and
// observers hear of the turn. What a client sees of the runs that wait is for Pending.
func (e *Engine) describe(ctx context.Context, a *attempt, ans Answer, err error) (Answer, error) {
	err = e.takeBack(ctx, a, ans, err)
	if err == nil {
		e.observe(ctx, a, ans)
	}
	return ans, err
}

// observe tells the observer of a turn that was decided. A turn that found nothing
// waiting, and an action without a run, are no turn of any run; one that only repeats
// what its twin was answered is known already.
func (e *Engine) observe(ctx context.Context, a *attempt, ans Answer) {
	if e.Observe == nil || ans.Outcome == NotWaiting || a.run == nil || a.twin {
		return
	}
	t := TurnEvent{
		Flow: a.flow.Graph.Flow, Fingerprint: a.flow.Fingerprint, Node: a.node, Action: a.action, Started: a.start,
		Outcome: ans.Outcome, Errors: ans.Errors, Why: ans.Why, Refusal: ans.Refusal, Run: ans.Run, End: ans.End, Client: a.Client, Now: a.Now,
		Counted: a.counted, Spent: a.spent, From: len(a.run.Trail), Subject: a.run.Subject,
	}
	if t.Run != nil && t.Run.Subject != "" {
		t.Subject = t.Run.Subject
	}
	switch ans.Outcome {
	case Advanced, Granted, Finished, Done:
		t.Writes = a.wrote
	}
	if t.Subject == "" {
		t.Subject = a.verdict.About
	}
	e.Observe(ctx, t)
}

// Pending describes a stage that waits for the client.
type Pending struct {
	Flow  FlowID
	Stage StageID
	Wire  string
	// Fields and Actions are the stage's.
	Fields  []Field
	Actions []Action
	// Details is what the stage says of itself, such as types.
	Details map[string]any
	// Run is the run that waits.
	Run *Run
}

// Pending lists what waits for the client, the login run first. A signed-in client is
// shown the runs of its session only.
func (e *Engine) Pending(en Entry, c Client, now time.Time) []Pending {
	var out []Pending
	for i := range en.Record.Runs {
		run := &en.Record.Runs[i]
		p := e.placeOf(run, now)
		if p == nil || p.flow.Graph.OfSession != (c.Account != "") {
			continue
		}
		stage := p.stage()
		one := Pending{Flow: run.Flow, Stage: stage.ID, Wire: stage.Wire, Fields: stage.Fields, Actions: stage.Actions, Run: run}
		if d, ok := p.flow.handler(p.node).(Describer); ok {
			one.Details = d.Describe(*run)
		}
		if run.Slot == SlotLogin {
			out = append([]Pending{one}, out...)
			continue
		}
		out = append(out, one)
	}
	return out
}
