package engine

import "time"

// place is where a submission goes: the run it is for, the node it is judged at, and
// what waits in that node's own slot. The run is nil for an action that needs none.
type place struct {
	flow *Flow
	run  *Run
	node NodeID
	held *Run
}

// stage returns the stage the client sees the run at.
func (p *place) stage() Stage { return p.flow.Graph.Nodes[p.node].Stage }

// counting is the run whose tries and actions count: what waits in the stage's own slot, or
// else the run itself.
func (p *place) counting() *Run {
	if p.held != nil {
		return p.held
	}
	return p.run
}

// begun is the place of a flow's first submission, with the run that it begins.
func begun(f *Flow, t Turn) place {
	run := Run{
		Slot: f.Graph.Slot, ID: newRunID(t.Seed, string(f.Graph.Flow)), Flow: f.Graph.Flow, Fingerprint: f.Fingerprint, Node: f.Graph.Start,
		Started: t.Now.UnixMilli(), Deadline: t.Now.Add(f.Graph.Lifetime).UnixMilli(),
	}
	if f.Graph.OfSession {
		run.Subject = t.Client.Account
	}
	return place{flow: f, run: &run, node: f.Graph.Start}
}

// locate is the first piece of a turn: it finds where the submission goes in the entry that
// was loaded, and reports whether anything waits for it there. A verdict of an earlier
// round is forgotten where it was about another place.
func (e *Engine) locate(a *attempt) bool {
	if a.start {
		return true
	}
	p := e.waiting(a.Entry, a.Client, a.wire, a.Now)
	if p == nil {
		return false
	}
	if a.judged && !samePlace(&a.place, p) {
		a.judged = false
	}
	a.place = *p
	return true
}

// Waiting returns the run that waits at the stage with the wire id, or nil. A client
// that is signed in has only the runs of its session.
func (e *Engine) Waiting(en Entry, c Client, wire string, now time.Time) *Run {
	if p := e.waiting(en, c, wire, now); p != nil {
		return p.run
	}
	return nil
}

// waiting finds the run that waits at the stage with the wire id and can be answered.
func (e *Engine) waiting(en Entry, c Client, wire string, now time.Time) *place {
	p := e.visible(en, c, wire, now)
	if p == nil || p.run.expired(now) {
		return nil
	}
	stage := p.stage()
	if stage.Slot == "" || stage.Slot == p.run.Slot {
		return p
	}
	p.held = en.Record.Run(stage.Slot, now)
	if p.held == nil || p.held.Subject != p.run.Subject {
		return nil
	}
	return p
}

// visible finds the run that a client sees at the stage with the wire id. What it waits
// for may be over: the client learns that when it comes back to it, see forget.
func (e *Engine) visible(en Entry, c Client, wire string, now time.Time) *place {
	for i := range en.Record.Runs {
		p := e.placeOf(&en.Record.Runs[i], now)
		if p != nil && p.stage().Wire == wire && p.flow.Graph.OfSession == (c.Account != "") {
			return p
		}
	}
	return nil
}

// placeOf returns the place of a run, or nil for one whose time is over or whose graph has
// changed meanwhile.
func (e *Engine) placeOf(run *Run, now time.Time) *place {
	f := e.Flows.Flow(run.Flow)
	if f == nil || f.Fingerprint != run.Fingerprint || run.Deadline <= now.UnixMilli() {
		return nil
	}
	p := &place{flow: f, run: run, node: run.Node}
	if run.As != "" {
		p.node = run.As
	}
	if p.stage().Kind != Asks {
		return nil
	}
	return p
}
