package engine

import (
	"context"
	"errors"
	"fmt"
)

// wrong answers a submission that stays where it is.
func (e *Engine) wrong(ctx context.Context, a *attempt) (Answer, bool, error) {
	ans := Answer{Outcome: Wrong, Errors: a.verdict.Errors, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
	tries := a.stage().Tries
	if a.start || a.verdict.Uncounted || tries == 0 {
		return ans, false, nil
	}
	rec := a.Entry.Record.Clone()
	counted := a.run.Slot
	if a.held != nil {
		counted = a.held.Slot
	}
	run := rec.Run(counted, a.Now)
	run.Tries++
	a.counted, a.spent = true, run.Tries >= tries
	if a.spent {
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

// store commits what a step wants, then swaps the record. epoch is the subject's as the
// turn found it: where there is nothing to commit, it is looked at here.
func (e *Engine) store(ctx context.Context, a *attempt, s stepped, epoch int64) (Answer, bool, error) {
	b := e.batch(a, s)
	var receipt Receipt
	if err := e.room(a, s, b); err != nil {
		return Answer{}, false, err
	}
	switch {
	case b.Empty() && b.Guard && !b.OfSession && b.Subject == s.run.Subject && epoch != b.Epoch:
		return e.ended(ctx, a)
	case !b.Empty():
		var err error
		if receipt, err = e.Ledger.Commit(ctx, b); err != nil {
			ans, again, err := e.refused(ctx, a, err)
			if ans.Outcome == Finished && b.OfSession {
				ans.Outcome = Conflict
			}
			return ans, again, err
		}
		a.wrote = b.Writes
		s.epoch(b, receipt)
		if b.Grant {
			lost := a.granted
			granted := b
			a.granted = &granted
			// The turn is decided again on another run: what the first one was granted is
			// nobody's.
			if lost != nil && lost.Run != b.Run {
				if err := e.Ledger.Abandon(context.WithoutCancel(ctx), *lost); err != nil {
					return Answer{}, false, err
				}
			}
		}
	}
	ans, sw := e.outcome(a, s, b, receipt)
	if sw == nil {
		if give := a.verdict.Refunds; len(give) > 0 {
			if _, _, err := e.Store.Swap(ctx, Swap{Refunds: give, Now: a.Now}); err != nil {
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
	case r.Ended && (!(a.start || a.elsewhere()) || len(a.verdict.IfSpent) == 0):
		return e.ended(ctx, a)
	}
	if len(a.verdict.IfSpent) == 0 {
		return Answer{}, false, err
	}
	a.verdict = Verdict{Errors: a.verdict.IfSpent}
	return e.wrong(ctx, a)
}

// ended ends the run of a turn whose account has changed too much since the run began:
// it is told as over, and nothing of the turn is stored. A session is told that it
// cannot do this now; its next request learns the rest.
func (e *Engine) ended(ctx context.Context, a *attempt) (Answer, bool, error) {
	ans := Answer{Outcome: Finished, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
	if a.flow.Graph.OfSession {
		ans.Outcome = Conflict
		return ans, false, nil
	}
	if a.start {
		return ans, false, nil
	}
	rec := a.Entry.Record.Clone()
	rec.Drop(a.run.Slot)
	ans, again, _, err := e.swap(ctx, a, ans, Swap{Record: rec})
	return ans, again, err
}

// epoch notes the subject's epoch after the writes of the turn.
func (s *stepped) epoch(b Batch, r Receipt) {
	if !b.Guard || b.OfSession || b.Subject != s.run.Subject {
		return
	}
	s.run.Epoch = r.Epoch
	if s.held != nil {
		s.held.Epoch = r.Epoch
	}
}

// elsewhere reports whether what the verdict wants stored is about another account than
// the run's: the key of a letter to somebody else.
func (a *attempt) elsewhere() bool { return a.verdict.About != 0 && a.verdict.About != a.run.Subject }

// guarded sets what the batch of a run must still find: what began before the epoch was
// raised stores nothing any more. Writes about the account that is signed in, in a run
// that is not its own, are its session's.
func (b Batch) guarded(f *Flow, run Run, c Client) Batch {
	switch {
	case b.Subject == 0:
	case b.Subject == run.Subject && !f.Graph.OfSession:
		b.Guard, b.Epoch = true, run.Epoch
	case b.Subject == c.Account:
		b.Guard, b.OfSession, b.Epoch = true, true, c.Epoch
	}
	return b
}

// batch gathers what a step wants stored.
func (e *Engine) batch(a *attempt, s stepped) Batch {
	b := Batch{
		Run: a.run.ID, Version: a.Entry.Record.Version, Subject: s.run.Subject,
		Client: a.Client, Writes: a.verdict.Writes, Messages: s.messages, Now: a.Now, Seed: a.Seed,
	}
	if a.verdict.About != 0 {
		b.Subject = a.verdict.About
	}
	if b = b.guarded(a.flow, s.run, a.Client); !b.Guard && a.verdict.About != 0 {
		b.Guard, b.Epoch = true, a.verdict.Epoch
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
	sw := Swap{Account: r.Changed, Refunds: a.verdict.Refunds}
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
		sw.Tombstone = Tombstone{Run: a.run.ID, Next: b.Key}
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
