package engine

import (
	"context"
	"fmt"
)

// Act carries out an action of the stage with the wire id that waits for the client.
// Actions have no twins: each one counts.
func (e *Engine) Act(ctx context.Context, wire, action string, t Turn) (Answer, error) {
	a := attempt{Turn: t}
	// The digest names submissions; an action is none.
	a.Digest = nil
	for range MaxTurns {
		p := e.locate(a.Entry, a.Client, wire, a.Now)
		if p == nil {
			return e.absent(ctx, &a, wire)
		}
		a.place = *p
		ans, again, err := e.actOnce(ctx, &a, action)
		if err != nil || !again {
			e.observe(ctx, &a, action, ans, err)
			return ans, err
		}
	}
	return Answer{}, ErrContended
}

// Ask carries out an action of the first stage of a flow, for a client that has no run of
// it. Such an action reads, or begins what a submission finishes.
func (e *Engine) Ask(ctx context.Context, flow FlowID, action string, t Turn) (Answer, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return Answer{}, fmt.Errorf("no flow %q", flow)
	}
	ans := Answer{Outcome: Done, Entry: t.Entry, Key: t.Key, Flow: flow}
	actor, ok := f.handler(f.Graph.Start).(Actor)
	if _, declared := findAction(f.Graph.Nodes[f.Graph.Start].Stage, action); !ok || !declared {
		ans.Outcome = Conflict
		return ans, nil
	}
	got, err := actor.Act(ctx, action, Submission{
		Node: f.Graph.Start, Action: action, Values: t.Values, Invalid: t.Invalid, Client: t.Client, Now: t.Now, Seed: t.Seed,
	})
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("%s: %s: %w", flow, action, err)
	case got.Conflict:
		ans.Outcome = Conflict
	case len(got.Errors) > 0:
		ans.Outcome, ans.Errors = Wrong, got.Errors
	case got.Used != nil:
		ans.Reply = got.Reply
		return e.begin(ctx, ans, f.Graph.Nodes[f.Graph.Start].Stage, got, t)
	case !got.Keep:
		return Answer{}, fmt.Errorf("%s: %s wants to store something, and there is no run", flow, action)
	}
	ans.Reply = got.Reply
	return ans, nil
}

// begin stores what an action without a run leaves in the slot its stage uses, and
// nothing else.
func (e *Engine) begin(ctx context.Context, ans Answer, stage Stage, got Acted, t Turn) (Answer, error) {
	a := attempt{Turn: t, start: true}
	for range MaxTurns {
		rec := a.Entry.Record.Clone()
		if err := use(&rec, stage, got, t, t.Client.Account); err != nil {
			return Answer{}, err
		}
		done, again, _, err := e.swap(ctx, &a, ans, Swap{Record: rec})
		if err != nil || !again {
			return done, err
		}
	}
	return Answer{}, ErrContended
}

// use puts what an action begins into the slot its stage uses.
func use(rec *Record, stage Stage, got Acted, t Turn, subject int64) error {
	if got.Used == nil {
		return nil
	}
	if stage.Uses == "" || got.UsedFor <= 0 {
		return fmt.Errorf("stage %s begins something and has no slot or time for it", stage.ID)
	}
	data, err := encodeData(got.Used)
	if err != nil {
		return err
	}
	rec.Put(Run{
		Slot: stage.Uses, ID: newRunID(t.Seed, "used"), Subject: subject, Data: data,
		Started: t.Now.UnixMilli(), Deadline: t.Now.Add(got.UsedFor).UnixMilli(),
	})
	return nil
}

// Probe judges the first submission of a flow without taking it: it returns what is
// wrong with it. It is for a client that may not start the flow but is first told what
// is wrong with its input.
func (e *Engine) Probe(ctx context.Context, flow FlowID, t Turn) ([]FieldError, error) {
	f := e.Flows.Flow(flow)
	if f == nil {
		return nil, fmt.Errorf("no flow %q", flow)
	}
	a := attempt{Turn: t, start: true, place: place{flow: f, run: &Run{}, node: f.Graph.Start}}
	err := e.judge(ctx, &a)
	return a.verdict.Errors, err
}

// actOnce is one round of an action.
func (e *Engine) actOnce(ctx context.Context, a *attempt, name string) (Answer, bool, error) {
	a.counted, a.spent = false, false
	ans := Answer{Outcome: Done, Entry: a.Entry, Key: a.Key, Flow: a.flow.Graph.Flow, Run: a.run}
	actor, ok := a.flow.handler(a.node).(Actor)
	action, declared := findAction(a.stage(), name)
	counted := a.run
	if a.held != nil {
		counted = a.held
	}
	if !ok || !declared || (action.Max > 0 && counted.Acts[name] >= action.Max) {
		ans.Outcome = Conflict
		return ans, false, nil
	}
	got, err := actor.Act(ctx, name, Submission{
		Node: a.node, Action: name, Values: a.Values, Invalid: a.Invalid, Client: a.Client,
		Run: a.run, Held: a.held, Now: a.Now, Seed: a.Seed,
	})
	if err != nil {
		return Answer{}, false, fmt.Errorf("%s: %s: %s: %w", a.flow.Graph.Flow, a.node, name, err)
	}
	ans.Reply = got.Reply
	switch {
	case got.Conflict:
		ans.Outcome = Conflict
		return ans, false, nil
	case len(got.Errors) > 0:
		a.verdict = Verdict{Errors: got.Errors, Uncounted: !got.Counts}
		return e.wrong(ctx, a)
	case got.Keep:
		return ans, false, nil
	}
	return e.acted(ctx, a, ans, name, got)
}

// acted stores what an action did.
func (e *Engine) acted(ctx context.Context, a *attempt, ans Answer, name string, got Acted) (Answer, bool, error) {
	if len(got.Takes) > 0 {
		refusal, err := e.Store.Take(ctx, got.Takes, a.Now)
		if err != nil {
			return Answer{}, false, err
		}
		if refusal != nil {
			ans.Outcome, ans.Refusal = Limited, refusal
			return ans, false, nil
		}
	}
	slot := a.run.Slot
	if a.held != nil {
		slot = a.held.Slot
	}
	rec, err := a.after(slot, name, got)
	if err != nil {
		return Answer{}, false, err
	}
	b := Batch{
		Run: a.run.ID, Version: a.Entry.Record.Version, Subject: a.run.Subject, Client: a.Client,
		Writes: got.Writes, Messages: got.Messages, Now: a.Now, Seed: a.Seed,
	}.guarded(a.flow, *a.run, a.Client)
	var receipt Receipt
	if !b.Empty() {
		if receipt, err = e.Ledger.Commit(ctx, b); err != nil {
			ans, again, err := e.refused(ctx, a, err)
			if ans.Outcome == Finished {
				ans.Outcome = NotWaiting // nothing was done, and nothing waits any more
			}
			return ans, again, err
		}
		a.wrote = b.Writes
		if b.Guard && !b.OfSession {
			// What waits in a slot of its own is of the same run.
			for _, of := range []Slot{slot, a.run.Slot} {
				if waits := rec.Run(of, a.Now); waits != nil {
					waits.Epoch = receipt.Epoch
				}
			}
		}
	}
	ans, again, won, err := e.swap(ctx, a, ans, Swap{Record: rec, Account: receipt.Changed})
	if err == nil && won {
		err = e.release(ctx, b)
	}
	return ans, again, err
}

// after is the record once the action has been, which is about the run in the slot.
func (a *attempt) after(slot Slot, name string, got Acted) (Record, error) {
	rec := a.Entry.Record.Clone()
	run := rec.Run(slot, a.Now)
	if run.Acts == nil {
		run.Acts = make(Counts, 1)
	}
	run.Acts[name]++
	if got.Hint != "" {
		run.Hint = got.Hint
	}
	data, err := encodeData(got.Data)
	if err != nil {
		return Record{}, err
	}
	if data != nil {
		run.Data = data
	}
	return rec, use(&rec, a.stage(), got, a.Turn, a.run.Subject)
}

func findAction(s Stage, name string) (Action, bool) {
	for _, a := range s.Actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}
