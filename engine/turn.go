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
}

// Start begins a flow with its first submission.
func (e *Engine) Start(ctx context.Context, flow FlowID, t Turn) (Answer, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return Answer{}, fmt.Errorf("no flow %q", flow)
	}
	run := Run{
		Slot: f.Graph.Slot, ID: newRunID(t.Seed, string(flow)), Flow: flow, Print: f.Print, Node: f.Graph.Start,
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

// settled ends a turn. A session that it stored and does not answer is taken back,
// unless another submission of the same run has won it. While it is not known what came
// of the swap the session stays: nobody holds its token, and the run can be repeated.
func (e *Engine) settled(ctx context.Context, a *attempt, ans Answer, err error) (Answer, error) {
	switch gone := a.Entry.Gone; {
	case a.granted == nil || ans.Outcome == Granted,
		gone != nil && gone.Run == a.granted.Run,
		err != nil && !errors.Is(err, ErrContended):
		return ans, err
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
		Kept: a.verdict.Kept, Now: a.Now, Seed: a.Seed,
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
		a.verdict = Verdict{Errors: errs, Forgive: !aboutCode(a.stage(), errs)}
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
		writes = v.Draft
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
	s.takes, s.soft = append(v.Takes[:len(v.Takes):len(v.Takes)], s.takes...), s.soft || v.Soft
	if refusal, err := e.take(ctx, a, &s); err != nil || refusal != nil {
		return Answer{Outcome: Limited, Refusal: refusal, Entered: true, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}, false, err
	}
	return e.store(ctx, a, s)
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

// wrong answers a submission that stays where it is.
func (e *Engine) wrong(ctx context.Context, a *attempt) (Answer, bool, error) {
	ans := Answer{Outcome: Wrong, Errors: a.verdict.Errors, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
	tries := a.stage().Tries
	if a.start || a.verdict.Forgive || tries == 0 {
		return ans, false, nil
	}
	rec := a.Entry.Record.Clone()
	counted := a.run.Slot
	if a.held != nil {
		counted = a.held.Slot
	}
	run := rec.Run(counted, a.Now)
	if run.Tries++; run.Tries >= tries {
		if a.run.As != "" {
			if _, err := a.flow.fire(a.run.Node, Spent); err != nil {
				return Answer{}, false, err
			}
		}
		rec.Drop(counted)
		rec.Drop(a.run.Slot)
	}
	ans, again, _, err := e.swap(ctx, a, ans, Swap{Record: rec})
	return ans, again, err
}

// store commits what a step wants, then swaps the record.
func (e *Engine) store(ctx context.Context, a *attempt, s stepped) (Answer, bool, error) {
	b := e.batch(a, s)
	var receipt Receipt
	if !b.Empty() {
		var err error
		if receipt, err = e.Ledger.Commit(ctx, b); err != nil {
			return e.refused(ctx, a, err)
		}
		if b.Grant {
			granted := b
			a.granted = &granted
		}
	}
	ans, sw := e.outcome(a, s, b, receipt)
	if sw == nil {
		if give := a.verdict.Give; len(give) > 0 {
			if _, _, err := e.Store.Swap(ctx, Swap{Give: give, Now: a.Now}); err != nil {
				return Answer{}, false, err
			}
		}
		return ans, false, e.release(ctx, b)
	}
	ans, again, won, err := e.swap(ctx, a, ans, *sw)
	if err == nil && won {
		err = e.release(ctx, b)
	}
	return ans, again, err
}

// release lets the messages of a turn that came to be go out; those of one that did not
// are dropped by the ledger in time. The turn stands even if this fails: the client can
// ask for another message.
func (e *Engine) release(ctx context.Context, b Batch) error {
	if len(b.Messages) == 0 {
		return nil
	}
	if err := e.Ledger.Release(context.WithoutCancel(ctx), b); err != nil {
		return fmt.Errorf("release messages: %w", err)
	}
	return nil
}

// refused answers what the ledger would not store.
func (e *Engine) refused(ctx context.Context, a *attempt, err error) (Answer, bool, error) {
	var r *Refused
	if !errors.As(err, &r) {
		return Answer{}, false, err
	}
	switch {
	case r.Retry:
		a.judged = false
		return Answer{}, true, nil
	case r.Ended:
		rec := a.Entry.Record.Clone()
		rec.Drop(a.run.Slot)
		ans := Answer{Outcome: Finished, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
		if a.start {
			return ans, false, nil
		}
		ans, again, _, err := e.swap(ctx, a, ans, Swap{Record: rec})
		return ans, again, err
	}
	if !r.Spent || len(a.verdict.IfSpent) == 0 {
		return Answer{}, false, err
	}
	a.verdict = Verdict{Errors: a.verdict.IfSpent}
	return e.wrong(ctx, a)
}

// batch gathers what a step wants stored.
func (e *Engine) batch(a *attempt, s stepped) Batch {
	b := Batch{
		Run: a.run.ID, Version: a.Entry.Record.Version, Subject: s.run.Subject, Epoch: a.run.Epoch,
		Client: a.Client, Writes: a.verdict.Writes, Messages: s.messages, Now: a.Now, Seed: a.Seed,
	}
	if a.verdict.Epoch != 0 {
		b.Epoch = a.verdict.Epoch
	}
	if a.verdict.About != 0 {
		b.Subject = a.verdict.About
	}
	if s.end != nil && s.end.Stage.Grants && !e.sameSession(a, s) {
		b.Grant = true
		b.Key = KeyOf(e.Mint(a.run.ID))
	}
	if b.Grant || (a.Client.Session != 0 && len(a.verdict.Methods) > 0) {
		rec := a.Entry.Record.Clone()
		rec.Log(a.verdict.Methods...)
		b.Methods = rec.Methods
	}
	return b
}

// sameSession reports whether the client is signed in to the account already: then it
// keeps its session.
func (e *Engine) sameSession(a *attempt, s stepped) bool {
	return a.Client.Account != 0 && a.Client.Account == s.run.Subject
}

// outcome turns a committed step into the answer and the swap that makes it so. No swap
// is needed where nothing about the record changes.
func (e *Engine) outcome(a *attempt, s stepped, b Batch, r Receipt) (Answer, *Swap) {
	rec := a.Entry.Record.Clone()
	rec.prune(a.Now)
	rec.Log(a.verdict.Methods...)
	ans := Answer{Flow: a.flow.Graph.Flow, Run: &s.run, Entry: a.Entry, Key: a.Key, Values: a.verdict.Values}
	ans.Reply = a.verdict.Reply
	sw := Swap{Account: r.Changed, Give: a.verdict.Give}
	uses := a.stage().Uses
	used := rec.Run(uses, a.Now) != nil
	rec.Drop(uses)
	if a.held != nil {
		rec.Drop(a.held.Slot)
	}
	switch {
	case s.end == nil:
		ans.Outcome = Advanced
		if !a.start {
			rec.Drop(a.run.Slot)
		}
		rec.Put(s.run)
		if s.held != nil {
			rec.Put(*s.held)
		}
	case b.Grant:
		ans.Outcome, ans.End = Granted, s.run.Node
		rec.Drop(a.run.Slot)
		if a.Client.Account != 0 {
			rec = Record{}
		}
		id := e.Mint(a.run.ID)
		rec.Version = 1
		ans.TokenID = id
		sw.Stone = Tombstone{Run: a.run.ID, Next: b.Key}
		sw.Move = &Move{Key: b.Key, Record: rec, Account: r.Account, Session: r.Session, TTL: r.TTL}
		return ans, &sw
	default:
		ans.Outcome, ans.End = Finished, s.run.Node
		if s.end.Stage.Grants {
			ans.Outcome = Granted
		}
		if !a.start {
			rec.Drop(a.run.Slot)
		}
		if s.begun != nil {
			rec.Put(*s.begun)
		}
		if !a.Entry.Found && len(rec.Runs) == 0 {
			return ans, nil
		}
		if a.start && len(a.verdict.Methods) == 0 && r.Changed == nil && !used && s.begun == nil {
			return ans, nil
		}
	}
	sw.Record = rec
	return ans, &sw
}
