package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// attempt is one submission while it is decided.
type attempt struct {
	Turn
	place
	// start is set for the first submission of a flow: it has no twins.
	start   bool
	verdict Verdict
	judged  bool
	// granted is the batch that stored a session, which is taken back where the turn
	// does not end in it.
	granted *Batch
	// wrote is what was committed last, twin set where the answer is that of an identical
	// submission, counted and spent what a wrong submission used up; all for who observes.
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
	run := Run{
		Slot: f.Graph.Slot, ID: newRunID(t.Seed, string(flow)), Flow: flow, Fingerprint: f.Fingerprint, Node: f.Graph.Start,
		Started: t.Now.UnixMilli(), Deadline: t.Now.Add(f.Graph.Lifetime).UnixMilli(),
	}
	if f.Graph.OfSession {
		run.Subject = t.Client.Account
	}
	a := attempt{Turn: t, start: true, place: place{flow: f, run: &run, node: f.Graph.Start}}
	for range MaxTurns {
		ans, again, err := e.decideOnce(ctx, &a)
		if err != nil || !again {
			return e.settled(ctx, &a, ans, err)
		}
	}
	return e.settled(ctx, &a, Answer{}, ErrContended)
}

// Submit judges a submission to the stage with the wire id that waits for the client.
func (e *Engine) Submit(ctx context.Context, wire string, t Turn) (Answer, error) {
	a := attempt{Turn: t}
	for range MaxTurns {
		p := e.locate(a.Entry, a.Client, wire, a.Now)
		if p == nil {
			ans, err := e.absent(ctx, &a, wire)
			return e.settled(ctx, &a, ans, err)
		}
		if a.judged && !samePlace(&a.place, p) {
			a.judged = false
		}
		a.place = *p
		ans, again, err := e.decideOnce(ctx, &a)
		if err != nil || !again {
			return e.settled(ctx, &a, ans, err)
		}
	}
	return e.settled(ctx, &a, Answer{}, ErrContended)
}

// settled ends a turn: see takeBack. Then whoever observes is told.
func (e *Engine) settled(ctx context.Context, a *attempt, ans Answer, err error) (Answer, error) {
	ans, err = e.takeBack(ctx, a, ans, err)
	e.observe(ctx, a, "", ans, err)
	return ans, err
}

// takeBack undoes a session that the turn stored and does not answer, unless another
// submission of the same run has won it. While it is not known what came of the swap the
// session stays: nobody holds its token, and the run can be repeated. A first
// submission's run cannot: the next try is another one.
func (e *Engine) takeBack(ctx context.Context, a *attempt, ans Answer, err error) (Answer, error) {
	switch gone := a.Entry.Tombstone; {
	case a.granted == nil || ans.Outcome == Granted,
		gone != nil && gone.Run == a.granted.Run,
		err != nil && !errors.Is(err, ErrContended) && !a.start:
		return ans, err
	case gone == nil && !a.Entry.Found && !a.start:
		// The tombstone that named the winner may be gone already: its session is not.
		won, _, lerr := e.Store.Load(context.WithoutCancel(ctx), a.granted.Key, nil, a.Now)
		if lerr != nil || won.Found {
			return ans, errors.Join(err, lerr)
		}
	}
	return ans, errors.Join(err, e.Ledger.Abandon(context.WithoutCancel(ctx), *a.granted))
}

// samePlace reports whether a verdict made at one place still counts at the other: the
// same run, at the same stage, with the same challenge.
func samePlace(a, b *place) bool {
	if a.run.ID != b.run.ID || a.node != b.node || !bytes.Equal(a.run.Data, b.run.Data) {
		return false
	}
	if a.held == nil || b.held == nil {
		return a.held == b.held
	}
	return a.held.ID == b.held.ID && bytes.Equal(a.held.Data, b.held.Data)
}

// judge asks the handler, unless a verdict still stands.
func (e *Engine) judge(ctx context.Context, a *attempt) error {
	if a.judged && a.stage().Uses == "" {
		return nil
	}
	s := Submission{
		Node: a.node, Values: a.Values, Invalid: a.Invalid, Client: a.Client, Held: a.held,
		Memo: a.verdict.Memo, Now: a.Now, Seed: a.Seed,
	}
	if !a.start || a.flow.Graph.OfSession {
		s.Run = a.run
	}
	if slot := a.stage().Uses; slot != "" {
		s.Used = a.Entry.Record.Run(slot, a.Now)
	}
	errs, err := e.clean(ctx, a, s)
	if err != nil {
		return err
	}
	a.judged = true
	if len(errs) > 0 {
		a.verdict = Verdict{Errors: errs, Uncounted: !aboutCode(a.stage(), errs)}
		return nil
	}
	v, err := a.flow.handler(a.node).Submit(ctx, s)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", a.flow.Graph.Flow, a.node, err)
	}
	if a.run.As != "" && v.Exit != Again {
		if v, err = pretended(a, v); err != nil {
			return err
		}
	}
	a.verdict = v
	return nil
}

// clean returns what is wrong with the fields, or the refusal of a limit that guards the
// stage. The limits of a start were used up with the load of the record.
func (e *Engine) clean(ctx context.Context, a *attempt, s Submission) ([]FieldError, error) {
	errs := a.Invalid
	if c, ok := a.flow.handler(a.node).(Cleaner); ok {
		more, err := c.Clean(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", a.flow.Graph.Flow, a.node, err)
		}
		errs = append(errs[:len(errs):len(errs)], more...)
	}
	l, ok := a.flow.handler(a.node).(Limiter)
	if len(errs) > 0 || !ok || a.start {
		return errs, nil
	}
	takes := l.Limits(s)
	if len(takes) == 0 {
		return nil, nil
	}
	refusal, err := e.Store.Take(ctx, takes, a.Now)
	if err != nil || refusal == nil {
		return nil, err
	}
	return l.Limited(s), nil
}

// StartLimits returns the limits that guard the first submission of a flow, for the
// load of the record to use up, and what to tell the client where one refuses.
func (e *Engine) StartLimits(flow FlowID, t Turn) ([]Take, []FieldError) {
	f := e.Flows.Flow(flow)
	if f == nil || len(t.Invalid) > 0 {
		return nil, nil
	}
	l, ok := f.handler(f.Graph.Start).(Limiter)
	if !ok {
		return nil, nil
	}
	s := Submission{Node: f.Graph.Start, Values: t.Values, Client: t.Client, Now: t.Now, Seed: t.Seed}
	if f.Graph.OfSession {
		s.Run = &Run{Subject: t.Client.Account}
	}
	return l.Limits(s), l.Limited(s)
}

// aboutCode reports whether any error is about a field that carries a code: only such
// errors use up attempts.
func aboutCode(s Stage, errs []FieldError) bool {
	for _, err := range errs {
		for _, f := range s.Fields {
			if f.Name == err.Param && f.Type == CodeIn {
				return true
			}
		}
	}
	return false
}

// decideOnce is one round of a turn. It reports whether the turn must be decided again,
// on the newer entry that it has put into the attempt.
func (e *Engine) decideOnce(ctx context.Context, a *attempt) (Answer, bool, error) {
	a.counted, a.spent = false, false
	if err := e.judge(ctx, a); err != nil {
		return Answer{}, false, err
	}
	if a.verdict.Exit == Again {
		return e.wrong(ctx, a)
	}
	v := a.verdict
	shows := a.stage().Exits[v.Exit]
	writes := v.Writes
	if shows.Pretends != "" {
		writes = v.PretendWrites
	} else if v.About != 0 && v.About != a.run.Subject {
		writes = nil
	}
	subject := v.Subject
	if subject == 0 {
		subject = a.run.Subject
	}
	hint := v.Hint
	if hint == "" {
		hint = a.run.Hint
	}
	w, err := e.world(ctx, a.flow, a.Turn, subject, hint, v, writes)
	if err != nil {
		return Answer{}, false, err
	}
	s, err := e.step(a.flow, *a.run, v, w)
	if err != nil {
		return Answer{}, false, err
	}
	s.messages = append(v.Messages[:len(v.Messages):len(v.Messages)], s.messages...)
	s.takes, s.soft = append(v.Takes[:len(v.Takes):len(v.Takes)], s.takes...), s.soft || v.DropIfLimited
	refusal, err := e.take(ctx, a, &s)
	if err != nil {
		return Answer{}, false, err
	}
	if refusal != nil {
		return Answer{Outcome: Limited, Refusal: refusal, Entered: true, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}, false, nil
	}
	return e.store(ctx, a, s, w.person.Epoch)
}

// take uses up the limits of the stage the run arrives at.
func (e *Engine) take(ctx context.Context, a *attempt, s *stepped) (*Refusal, error) {
	if len(s.takes) == 0 {
		return nil, nil
	}
	refusal, err := e.Store.Take(ctx, s.takes, a.Now)
	if refusal != nil && s.soft {
		s.messages = nil
		return nil, err
	}
	return refusal, err
}
