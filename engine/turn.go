package engine

import (
	"context"
	"fmt"
)

// route says where a turn goes from one of its pieces, see the package documentation.
type route uint8

const (
	// onward: to the piece that follows.
	onward route = iota
	// stays: the submission was refused, and the run stays where it is.
	stays
	// over: the run ends, because its account has changed too much since it began.
	over
	// limited: a limit refuses; nothing is stored.
	limited
	// answered: there is nothing to store.
	answered
	// again: from the first piece, on the entry that is there now.
	again
)

// attempt is one submission or action on its way through the pieces: what came in, and
// what they have made of it so far. Entry is replaced by the newer one after a lost swap.
type attempt struct {
	Turn
	// wire is the stage that is answered. start is set instead where no run waits yet: for
	// the first submission of a flow, and for an action that needs no run. Such a turn has
	// its place from the beginning, and no twin.
	wire  string
	start bool
	// acts is set for an action, which is called action.
	acts   bool
	action string

	place
	verdict Verdict
	acted   Acted
	judged  bool
	refusal *Refusal
	// granted is the batch that stored a session, which is taken back where the turn does
	// not end in it.
	granted *Batch
	// wrote is what was committed last, twin set where the answer is that of an identical
	// submission, counted and spent what a wrong submission used up; all for observers.
	wrote          []Write
	twin           bool
	counted, spent bool
}

// Start begins a flow with its first submission.
func (e *Engine) Start(ctx context.Context, flow FlowID, t Turn) (Answer, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return Answer{}, fmt.Errorf("no flow %q", flow)
	}
	return e.turn(ctx, &attempt{Turn: t, start: true, place: begun(f, t)})
}

// Submit judges a submission to the stage with the wire id that waits for the client.
func (e *Engine) Submit(ctx context.Context, wire string, t Turn) (Answer, error) {
	return e.turn(ctx, &attempt{Turn: t, wire: wire})
}

// Act carries out an action of the stage with the wire id that waits for the client.
// Actions have no twins: each one counts.
func (e *Engine) Act(ctx context.Context, wire, action string, t Turn) (Answer, error) {
	// The digest names submissions; an action is none.
	t.Digest = nil
	return e.turn(ctx, &attempt{Turn: t, wire: wire, acts: true, action: action})
}

// Ask carries out an action of the first stage of a flow, for a client that has no run of
// it. Such an action reads, or begins what a submission finishes.
func (e *Engine) Ask(ctx context.Context, flow FlowID, action string, t Turn) (Answer, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return Answer{}, fmt.Errorf("no flow %q", flow)
	}
	return e.turn(ctx, &attempt{Turn: t, start: true, acts: true, action: action, place: place{flow: f, node: f.Graph.Start}})
}

// turn takes a submission or action through the pieces, and again on the newer entry where
// the record has changed meanwhile. All turns go through here.
func (e *Engine) turn(ctx context.Context, a *attempt) (Answer, error) {
	for range MaxTurns {
		ans, to, err := e.round(ctx, a)
		if err != nil || to != again {
			return e.describe(ctx, a, ans, err)
		}
	}
	return e.describe(ctx, a, Answer{}, ErrContended)
}

// round is one turn: pieces 1 to 5 make a plan, which the swap decides on.
func (e *Engine) round(ctx context.Context, a *attempt) (Answer, route, error) {
	p, to, err := e.prepare(ctx, a)
	if err != nil || to == again {
		return Answer{}, to, err
	}
	ans, to, err := e.swap(ctx, a, p)
	if err == nil && to == onward {
		err = e.release(ctx, p.batch)
	}
	return ans, to, err
}

// prepare goes through the pieces up to the plan. A piece that does not send the turn
// onward sends it straight to a plan, or back to the start.
func (e *Engine) prepare(ctx context.Context, a *attempt) (plan, route, error) {
	a.counted, a.spent = false, false
	if !e.locate(a) {
		return e.forget(a), onward, nil
	}
	to, err := e.judge(ctx, a)
	var (
		w world
		s stepped
		c committed
	)
	if err == nil && to == onward {
		w, err = e.facts(ctx, a)
	}
	if err == nil && to == onward {
		s, err = e.step(a, w)
	}
	if err == nil && to == onward {
		c, to, err = e.commit(ctx, a, s, w)
	}
	if err != nil || to == again {
		return plan{}, to, err
	}
	p, err := e.plan(a, c, to)
	return p, onward, err
}
