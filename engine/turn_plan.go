package engine

// plan is what a turn comes to if it wins its swap: the answer, and the record as it is
// then.
type plan struct {
	answer Answer
	// swap is nil where nothing about the record changes; refunds are then given back
	// without one.
	swap    *Swap
	refunds []Refund
	// batch is what was committed: its messages are released.
	batch Batch
	// final is set where a lost swap changes nothing about the answer.
	final bool
}

// plan makes the plan of a turn from where the pieces have sent it.
func (e *Engine) plan(a *attempt, c committed, to route) (plan, error) {
	switch to {
	case stays:
		return a.stay()
	case over:
		return a.end(c.batch), nil
	case answered, limited:
		return a.reply(to), nil
	}
	if a.acts {
		return a.keep(c), nil
	}
	return e.advance(a, c), nil
}

// answer begins an answer: nothing about the entry has changed yet.
func (a *attempt) answer(o Outcome) Answer {
	return Answer{Outcome: o, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
}

// forget is for a submission to a stage at which nothing can be answered. A run that only
// seems to wait there, because its code is too old, is dropped.
func (e *Engine) forget(a *attempt) plan {
	p := plan{answer: Answer{Outcome: NotWaiting, Entry: a.Entry, Key: a.Key}, final: true}
	seen := e.visible(a.Entry, a.Client, a.wire, a.Now)
	if seen == nil {
		return p
	}
	a.place = *seen
	rec := a.Entry.Record.Clone()
	rec.dropLogin(seen.run, a.Client)
	if slot := seen.stage().Slot; slot != "" {
		rec.Drop(slot)
	}
	p.swap = &Swap{Record: rec}
	return p
}

// reply is for a turn that stores nothing: an action that only reads or is not allowed now,
// and a limit that refuses. Entered marks that of a stage the run would have arrived at.
func (a *attempt) reply(to route) plan {
	ans := a.answer(Done)
	switch {
	case to == limited:
		ans.Outcome, ans.Refusal, ans.Entered = Limited, a.refusal, !a.acts
	case a.acted.Conflict:
		ans.Outcome = Conflict
	}
	if a.acts {
		ans.Reply = a.acted.Reply
	}
	return plan{answer: ans}
}

// stay is for a submission that was refused: it uses up one of the stage's tries, and the
// last one ends the run.
func (a *attempt) stay() (plan, error) {
	p := plan{answer: a.answer(Wrong)}
	p.answer.Errors, p.answer.Why = a.verdict.Errors, a.verdict.Why
	tries := a.stage().Tries
	if a.start || a.verdict.Uncounted || tries == 0 {
		return p, nil
	}
	rec := a.Entry.Record.Clone()
	slot := a.counting().Slot
	run := rec.Run(slot, a.Now)
	run.Tries++
	a.counted, a.spent = true, run.Tries >= tries
	if a.spent {
		if a.run.As != "" {
			if _, err := a.flow.fire(a.run.Node, Spent); err != nil {
				return plan{}, err
			}
		}
		rec.Drop(slot)
		rec.dropLogin(a.run, a.Client)
	}
	p.swap = &Swap{Record: rec}
	return p, nil
}

// end is for a turn whose account has changed too much since its run began: the run is
// over, and nothing of the turn is stored. A session is told that it cannot do this now;
// its next request learns the rest. An action finds that nothing waits any more.
func (a *attempt) end(b Batch) plan {
	p := plan{answer: a.answer(Finished)}
	switch {
	case a.flow.Graph.OfSession:
		p.answer.Outcome = Conflict
		return p
	case a.acts:
		p.answer.Outcome = NotWaiting
	case b.OfSession:
		p.answer.Outcome = Conflict
	}
	if a.start {
		return p
	}
	rec := a.Entry.Record.Clone()
	rec.dropLogin(a.run, a.Client)
	p.swap = &Swap{Record: rec}
	return p
}

// keep is for an action that was carried out: the run waits where it did.
func (a *attempt) keep(c committed) plan {
	p := plan{answer: a.answer(Done), batch: c.batch}
	p.answer.Reply = a.acted.Reply
	rec := a.Entry.Record.Clone()
	if a.run != nil {
		rec.Put(c.run)
	}
	for _, run := range []*Run{c.held, c.used} {
		if run != nil {
			rec.Put(*run)
		}
	}
	p.swap = &Swap{Record: rec, Account: c.receipt.Changed}
	return p
}

// advance is for a run that has left its stage.
func (e *Engine) advance(a *attempt, c committed) plan {
	rec := a.Entry.Record.Clone()
	rec.prune(a.Now)
	uses := a.stage().Uses
	used := rec.Run(uses, a.Now) != nil
	rec.Drop(uses)
	if c.used != nil && !c.batch.Grant {
		rec.Put(*c.used)
	}
	if a.held != nil {
		rec.Drop(a.held.Slot)
	}
	who := a.whose(&c.run)
	switch over := c.end != nil && !c.end.Stage.Grants && (who == "" || who != a.Client.Account); {
	case !over:
		rec.Log(who, a.verdict.Methods...)
		if c.batch.Grant || !a.start {
			rec.Drop(a.run.Slot)
		}
	case !a.start:
		rec.dropLogin(a.run, a.Client)
	}
	p := plan{answer: a.answer(Advanced), refunds: a.verdict.Refunds, batch: c.batch}
	run := c.run
	p.answer.Run, p.answer.Values, p.answer.Reply = &run, a.verdict.Values, a.verdict.Reply
	p.swap = &Swap{Account: c.receipt.Changed, Refunds: a.verdict.Refunds}
	switch {
	case c.end == nil:
		rec.Put(c.run)
		if c.held != nil {
			rec.Put(*c.held)
		}
	case c.batch.Grant:
		e.grant(a, c, rec, &p)
		return p
	default:
		p.answer.Outcome, p.answer.End = Finished, c.run.Node
		if c.end.Stage.Grants {
			p.answer.Outcome = Granted
		}
		if c.begun != nil {
			rec.Put(*c.begun)
		}
		unchanged := a.start && len(a.verdict.Methods) == 0 && c.receipt.Changed == "" && !used && c.begun == nil
		if unchanged || !a.Entry.Found && len(rec.Runs) == 0 {
			p.swap = nil
			return p
		}
	}
	p.swap.Record = rec
	return p
}

// grant moves the record to the key of a new session. Of the record of a session that this one
// takes the place of, only the states of windows that are away at providers go along, and those
// where the account is the same: all else waits for who was signed in.
func (e *Engine) grant(a *attempt, c committed, rec Record, p *plan) {
	if a.inSession() {
		rec = rec.remainder(a.Entry.Record.Owner == c.run.Subject, a.Now)
	}
	// To whom a session belongs stands beside its record.
	rec.Version, rec.Methods, rec.Owner, rec.Holder = 1, c.batch.Methods, c.run.Subject, ""
	p.answer.Outcome, p.answer.End, p.answer.TokenID = Granted, c.run.Node, e.Mint(a.run.ID)
	p.swap.Tombstone = Tombstone{Run: a.run.ID, Next: c.batch.Key}
	p.swap.Move = &Move{Key: c.batch.Key, Record: rec, Account: c.receipt.Account, Session: c.receipt.Session, TTL: c.receipt.TTL}
}
