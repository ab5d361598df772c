package engine

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// What a step refuses. All of them mean a fault of a graph or of the behaviour bound to
// it; the run goes nowhere.
var (
	// ErrNeeds says that an exit was taken without a proof it needs.
	ErrNeeds = errors.New("the exit needs a proof the run does not have")
	// ErrShown says that an exit that must rest on something else was taken with what the
	// run has shown already.
	ErrShown = errors.New("the exit needs something that the run has not shown already")
	// ErrSubject says that an exit that binds the subject came without one, or with
	// another than the run's.
	ErrSubject = errors.New("the exit binds no subject, or a second one")
	// ErrRules says that a run reached an end without what the end demands.
	ErrRules = errors.New("the end demands a proof the run does not have")
	// ErrTrail says that a run's trail is no path through its graph.
	ErrTrail = errors.New("the trail is no path through the graph")
)

// stepped is what came of a step: the run as it is now, and what is to be stored and sent.
type stepped struct {
	run Run
	// held is what the stage keeps in a slot of its own, used what an action has begun in
	// the slot that its stage uses, or what a submission leaves there.
	held, used *Run
	// end is where the run ended, nil while it waits; begun is the run that goes on from
	// there.
	end      *Node
	begun    *Run
	writes   []Write
	messages []Message
	// takes are limits to be used up; with dropIfLimited the messages are left out where
	// one refuses.
	takes         []Take
	dropIfLimited bool
}

// step is the fourth piece of a turn: the run leaves its stage by the verdict's exit and
// walks to the next one that asks, or to an end. An action changes what the run keeps and
// leaves it where it is. It is pure.
func (e *Engine) step(a *attempt, w world) (stepped, error) {
	if a.acts {
		return a.actOn()
	}
	s, err := e.leave(a.flow, *a.run, a.verdict, w)
	if err != nil {
		return stepped{}, err
	}
	v := a.verdict
	s.writes = v.Writes
	s.messages = append(v.Messages[:len(v.Messages):len(v.Messages)], s.messages...)
	s.takes, s.dropIfLimited = append(v.Takes[:len(v.Takes):len(v.Takes)], s.takes...), s.dropIfLimited || v.DropIfLimited
	s.used, err = a.leftover()
	return s, err
}

// leftover is what a submission leaves in the slot that its stage uses, as long as what it was
// of would have waited.
func (a *attempt) leftover() (*Run, error) {
	used := a.used()
	if used == nil || a.verdict.Left == nil {
		return nil, nil
	}
	rest := used.clone()
	var err error
	rest.Data, err = encodeData(a.verdict.Left)
	return &rest, err
}

// leave takes a run from the node it stands at to the next one where it rests.
func (e *Engine) leave(f *Flow, run Run, v Verdict, w world) (stepped, error) {
	run = run.clone()
	run.Trail = slices.Grow(run.Trail, 8)
	node, err := f.walk(&run, v, &w.facts, w.own, w.now)
	switch {
	case err != nil:
		return stepped{}, err
	case node.Stage.Kind == Ends:
		end := node // of its own, so that a run that goes on allocates none
		begun, err := e.beginNext(end.Stage, run, v.NextData, w)
		return stepped{run: run, end: &end, begun: begun}, err
	case !node.Stage.Pretending:
		return e.enter(f, run, run.Node, w)
	}
	as, err := f.imagine(run.Trail[len(run.Trail)-1], w)
	if err != nil {
		return stepped{}, err
	}
	run.As, run.Subject, run.Epoch = as, "", 0
	return e.enter(f, run, as, w)
}

// actOn is the step of an action.
func (a *attempt) actOn() (stepped, error) {
	got := a.acted
	used, err := a.use()
	if a.run == nil || err != nil {
		return stepped{used: used}, err
	}
	s := stepped{run: a.run.clone(), used: used, writes: got.Writes, messages: got.Messages, takes: got.Takes}
	run := &s.run
	if a.held != nil {
		held := a.held.clone()
		s.held, run = &held, &held
	}
	if run.Acts == nil {
		run.Acts = make(map[string]int, 1)
	}
	run.Acts[a.action]++
	if got.Hint != "" {
		run.Hint = got.Hint
	}
	if lifetime := a.stage().Lifetime; got.Renew && lifetime > 0 {
		run.renew(a.Now.Add(lifetime).UnixMilli(), a.held != nil)
	}
	data, err := encodeData(got.Data)
	if data != nil {
		run.Data = data
	}
	return s, err
}

// renew lets a run stay at its stage until a time, Unix milliseconds. One in a slot of the
// stage's own is there for nothing else.
func (r *Run) renew(until int64, held bool) {
	if !held {
		r.Until = until
	}
	r.Deadline = max(r.Deadline, until)
}

// use makes the run that waits in the slot the stage uses, where an action begins
// something there.
func (a *attempt) use() (*Run, error) {
	got, stage := a.acted, a.stage()
	if got.Used == nil {
		return nil, nil
	}
	if stage.Uses == "" || got.UsedFor <= 0 {
		return nil, fmt.Errorf("stage %s begins something and has no slot or time for it", stage.ID)
	}
	subject := a.Client.Account
	if a.run != nil {
		subject = a.run.Subject
	}
	data, err := encodeData(got.Used)
	return &Run{
		Slot: stage.Uses, ID: newRunID(a.Seed, "used"), Subject: subject, Data: data,
		Started: a.Now.UnixMilli(), Deadline: a.Now.Add(got.UsedFor).UnixMilli(),
	}, err
}

// beginNext makes the run that goes on where another ends, or nil. It waits as long as
// the record of an anonymous client lives.
func (e *Engine) beginNext(end Stage, last Run, data any, w world) (*Run, error) {
	if end.Begins == "" {
		return nil, nil
	}
	f := e.Flows.Flow(end.Begins)
	if f == nil {
		return nil, fmt.Errorf("stage %s: no flow %q goes on from there", end.ID, end.Begins)
	}
	kept, err := encodeData(data)
	return &Run{
		Slot: f.Graph.Slot, ID: newRunID(w.seed, "begun"), Flow: f.Graph.Flow, Fingerprint: f.Fingerprint, Node: f.Graph.Start,
		Hint: last.Hint, Data: kept, Started: w.now.UnixMilli(), Deadline: w.now.Add(e.Idle).UnixMilli(),
	}, err
}

// imagine walks as a run with a subject would have, had it left by the exit that the
// last step's exit imitates, to the first asking stage. Nothing of the walk is kept.
func (f *Flow) imagine(last TrailEntry, w world) (NodeID, error) {
	exit := f.Graph.Nodes[last.Node].Stage.Exits[last.Exit].Pretends
	id := f.Graph.Nodes[last.Node].Next[exit]
	for range len(f.Graph.Nodes) + 1 {
		node, ok := f.Graph.Nodes[id]
		switch {
		case !ok || node.Stage.Kind == Ends:
			return "", fmt.Errorf("%s: %s.%s imitates a run that never waits", f.Graph.Flow, last.Node, last.Exit)
		case node.Stage.Kind == Asks:
			return id, nil
		}
		exit, _ := f.decide(id, w.facts, w.own)
		id = node.Next[exit]
	}
	return "", fmt.Errorf("%s: an imagined run does not come to rest", f.Graph.Flow)
}

// enter lets the stage a run arrives at prepare for it. at differs from where the run
// stands only for a run that pretends.
func (e *Engine) enter(f *Flow, run Run, at NodeID, w world) (stepped, error) {
	stage := f.Graph.Nodes[at].Stage
	out := stepped{run: run}
	var in Entered
	if enterer, ok := f.handler(at).(Enterer); ok {
		var err error
		in, err = enterer.Enter(Arrival{
			Node: at, Run: run, Facts: w.facts, Person: w.person,
			Client: w.client, Now: w.now, Seed: w.seed, Pretend: run.As != "",
		})
		if err != nil {
			return stepped{}, fmt.Errorf("%s: enter %s: %w", f.Graph.Flow, at, err)
		}
	}
	data, err := encodeData(in.Data)
	if err != nil {
		return stepped{}, fmt.Errorf("%s: enter %s: %w", f.Graph.Flow, at, err)
	}
	out.messages, out.takes, out.dropIfLimited = in.Messages, in.Takes, in.DropIfLimited
	if stage.Slot == "" || stage.Slot == run.Slot {
		out.run.Data = data
		if in.Hint != "" {
			out.run.Hint = in.Hint
		}
		if stage.Lifetime > 0 {
			out.run.Until = w.now.Add(stage.Lifetime).UnixMilli()
		}
		return out, nil
	}
	held, err := e.hold(stage, run, data, in.Hint, w)
	if err != nil {
		return stepped{}, err
	}
	out.held = &held
	return out, nil
}

// hold makes the run that waits in a stage's own slot. It walks the flow of that slot,
// so that it can be answered there when the run that made it is gone.
func (e *Engine) hold(stage Stage, run Run, data json.RawMessage, hint string, w world) (Run, error) {
	owner, at, exit := e.owner(stage)
	if owner == nil {
		return Run{}, fmt.Errorf("stage %s: no flow keeps its runs in slot %s", stage.ID, stage.Slot)
	}
	return Run{
		Slot: stage.Slot, ID: newRunID(w.seed, "held"), Flow: owner.Graph.Flow, Fingerprint: owner.Fingerprint, Node: at,
		Subject: run.Subject, Epoch: run.Epoch, Hint: hint, Data: data,
		Started: w.now.UnixMilli(), Deadline: w.now.Add(stage.Lifetime).UnixMilli(),
		Trail: Trail{{Node: owner.Graph.Start, Exit: exit, Reason: "held"}},
	}, nil
}

func encodeData(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return Encode(v)
}

// newRunID derives the id of a run from the turn's seed.
func newRunID(s Seed, purpose string) string {
	sum := s.sum("run ", purpose)
	var text [22]byte
	base64.RawURLEncoding.Encode(text[:], sum[:16])
	return string(text[:])
}
