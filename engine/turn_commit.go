package engine

import (
	"context"
	"errors"
	"slices"
)

// committed is what of a step is stored for good.
type committed struct {
	stepped
	batch   Batch
	receipt Receipt
}

// commit is the fifth piece of a turn: it uses up the limits of the step and stores what is
// to survive, in one transaction. epoch is looked at here where there is nothing to store:
// that of the subject as the turn has found it.
func (e *Engine) commit(ctx context.Context, a *attempt, s stepped, w world) (committed, route, error) {
	if refused, err := e.take(ctx, a, &s); err != nil || refused {
		return committed{}, limited, err
	}
	c := committed{stepped: s}
	if a.run == nil {
		return c, onward, nil
	}
	c.batch = e.batch(a, s)
	b := c.batch
	if err := e.checkCapacity(a, s, b); err != nil {
		return committed{}, onward, err
	}
	if b.Empty() {
		if !a.acts && b.Guard && !b.OfSession && b.Subject == s.run.Subject && w.person.Epoch != b.Epoch {
			return c, over, nil
		}
		return c, onward, nil
	}
	receipt, err := e.Ledger.Commit(ctx, b)
	if err != nil {
		to, err := a.refused(err)
		return c, to, err
	}
	a.wrote, c.receipt = b.Writes, receipt
	c.noteEpoch()
	return c, onward, e.keepGranted(ctx, a, b)
}

// take uses up the limits of the stage the run arrives at, and reports whether one refuses
// the turn.
func (e *Engine) take(ctx context.Context, a *attempt, s *stepped) (bool, error) {
	if len(s.takes) == 0 {
		return false, nil
	}
	refusal, err := e.Store.Take(ctx, s.takes, a.Now)
	if refusal != nil && s.dropIfLimited {
		s.messages = nil
		return false, err
	}
	a.refusal = refusal
	return refusal != nil, err
}

// batch gathers what a step wants stored.
func (e *Engine) batch(a *attempt, s stepped) Batch {
	b := Batch{
		Run: a.run.ID, Version: a.Entry.Record.Version, Subject: s.run.Subject,
		Client: a.Client, Writes: s.writes, Messages: s.messages, Now: a.Now, Seed: a.Seed,
	}
	if a.verdict.About != "" {
		b.Subject = a.verdict.About
	}
	if b = b.guarded(a.flow, s.run, a.Client); !b.Guard && a.verdict.About != "" {
		b.Guard, b.Epoch = true, a.verdict.Epoch
	}
	// A client that is signed in to the account already keeps its session.
	signedIn := a.Client.Account != "" && a.Client.Account == s.run.Subject
	if s.end != nil && s.end.Stage.Grants && !signedIn {
		b.Grant = true
		b.Key = KeyOf(e.Mint(a.run.ID))
	}
	if who := a.whose(&s.run); b.Grant || (who == a.Client.Account && a.Client.Session != 0 && len(a.verdict.Methods) > 0) {
		b.Methods = a.methods(who, b.Grant)
	}
	return b
}

// methods is the client's log of an account after the turn. What was proved again was proved
// for one session, and is in the log of no other.
func (a *attempt) methods(who AccountID, grants bool) []Method {
	if grants && a.afresh() {
		return nil
	}
	log := slices.Clone(a.Entry.Record.MethodsOf(who))
	if grants {
		log = slices.DeleteFunc(log, func(m Method) bool { return m.Reauthenticated })
	}
	rec := Record{Methods: log, Owner: who}
	rec.Log(who, a.verdict.Methods...)
	return rec.Methods
}

// whose is the account that a verdict's methods are of: the run's, or in a run that is nobody's
// the one that the verdict is about.
func (a *attempt) whose(run *Run) AccountID {
	if run.Subject == "" {
		return a.verdict.About
	}
	return run.Subject
}

// guarded sets what the batch of a run must still find: what began before the epoch was
// raised stores nothing any more. Writes about the account that is signed in, in a run
// that is not its own, are its session's.
func (b Batch) guarded(f *Flow, run Run, c Client) Batch {
	switch {
	case b.Subject == "":
	case b.Subject == run.Subject && !f.Graph.OfSession:
		b.Guard, b.Epoch = true, run.Epoch
	case b.Subject == c.Account:
		b.Guard, b.OfSession, b.Epoch = true, true, c.Epoch
	}
	return b
}

// checkCapacity fails where a step would begin a record that the store has no room for. A
// client that signs in, or whose record is there already, is not held up.
func (e *Engine) checkCapacity(a *attempt, s stepped, b Batch) error {
	if a.acts || a.Entry.Found || b.Grant || s.end != nil && s.begun == nil {
		return nil
	}
	if c, ok := e.Store.(capacityStore); ok {
		return c.CheckCapacity()
	}
	return nil
}

// refused says where the turn goes when the ledger does not store it.
func (a *attempt) refused(err error) (route, error) {
	var r *Refused
	if !errors.As(err, &r) {
		return onward, err
	}
	switch {
	case r.Retry:
		a.judged = false
		return again, nil
	case r.Ended && (!(a.start || a.elsewhere()) || len(a.verdict.IfSpent) == 0):
		return over, nil
	}
	if len(a.verdict.IfSpent) == 0 {
		return onward, err
	}
	a.verdict = Verdict{Errors: a.verdict.IfSpent}
	return stays, nil
}

// noteEpoch notes the subject's epoch after the writes of the turn.
func (c *committed) noteEpoch() {
	b := c.batch
	if !b.Guard || b.OfSession || b.Subject != c.run.Subject {
		return
	}
	c.run.Epoch = c.receipt.Epoch
	if c.held != nil {
		c.held.Epoch = c.receipt.Epoch
	}
}

// keepGranted notes the batch that has stored a session. Where the turn was decided again
// on another run, what the first one was granted is nobody's.
func (e *Engine) keepGranted(ctx context.Context, a *attempt, b Batch) error {
	if !b.Grant {
		return nil
	}
	// A copy of its own, so that a turn that grants nothing allocates none.
	lost, granted := a.granted, b
	a.granted = &granted
	if lost == nil || lost.Run == b.Run {
		return nil
	}
	return e.Ledger.Abandon(context.WithoutCancel(ctx), *lost)
}
