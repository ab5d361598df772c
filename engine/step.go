package engine

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
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

// world is what a step may look at besides the run: everything read before it began.
type world struct {
	facts  Facts
	person Person
	own    map[NodeID]string
	client Client
	now    time.Time
	seed   Seed
}

// stepped is what came of a step.
type stepped struct {
	run Run
	// held is what the stage keeps in a slot of its own.
	held *Run
	// end is where the run ended, nil while it waits; begun is the run that goes on from
	// there.
	end      *Node
	begun    *Run
	messages []Message
	takes    []Take
	soft     bool
}

// step leaves the node a run stands at by an exit and walks to the next asking stage or
// end. It is pure.
func (e *Engine) step(f *Flow, run Run, v Verdict, w world) (stepped, error) {
	run = run.clone()
	run.Trail = slices.Grow(run.Trail, 8)
	node, err := f.walk(&run, v, &w.facts, w.own, w.now)
	switch {
	case err != nil:
		return stepped{}, err
	case node.Stage.Kind == Ends:
		begun, err := e.beginNext(node.Stage, run, v.NextData, w)
		return stepped{run: run, end: &node, begun: begun}, err
	case !node.Stage.Pretending:
		return e.enter(f, run, run.Node, w)
	}
	as, err := f.imagine(run.Trail[len(run.Trail)-1], w)
	if err != nil {
		return stepped{}, err
	}
	run.As, run.Subject, run.Epoch = as, 0, 0
	return e.enter(f, run, as, w)
}

// beginNext makes the run that goes on where another ends, or nil. It waits as long as
// the record of an anonymous client lives.
func (e *Engine) beginNext(end Stage, last Run, leaves any, w world) (*Run, error) {
	if end.Begins == "" {
		return nil, nil
	}
	f := e.Flows.Flow(end.Begins)
	if f == nil {
		return nil, fmt.Errorf("stage %s: no flow %q goes on from there", end.ID, end.Begins)
	}
	data, err := encodeData(leaves)
	return &Run{
		Slot: f.Graph.Slot, ID: newRunID(w.seed, "begun"), Flow: f.Graph.Flow, Fingerprint: f.Fingerprint, Node: f.Graph.Start,
		Hint: last.Hint, Data: data, Started: w.now.UnixMilli(), Deadline: w.now.Add(e.Idle).UnixMilli(),
	}, err
}

// imagine walks as a run with a subject would have, had it left by the exit that the
// last mark's exit imitates, to the first asking stage. Nothing of the walk is kept.
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

// pretended turns a verdict that lets a run go into one for a run that pretends, which
// stands elsewhere and has one way out: to its end. Only an exit that shows nothing can
// be taken that way, such as that of a link that was good, but for somebody else.
func pretended(a *attempt, v Verdict) (Verdict, error) {
	shows := a.stage().Exits[v.Exit]
	if shows.Binds || len(shows.Proves) > 0 || v.Subject != 0 {
		return v, fmt.Errorf("%s: %s: a run that pretends cannot leave by %q", a.flow.Graph.Flow, a.node, v.Exit)
	}
	v.Exit = Spent
	return v, nil
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
	out.messages, out.takes, out.soft = in.Messages, in.Takes, in.DropIfLimited
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

// audit walks a trail from the start of its graph and checks that it is a path to the
// end, that no exit was taken without what it needs, and that the end's rules hold.
func audit(f *Flow, trail Trail, end NodeID) error {
	at := f.Graph.Start
	for i, m := range trail {
		shows, ok := f.Graph.Nodes[m.Node].Stage.Exits[m.Exit]
		if !ok || m.Node != at {
			return fmt.Errorf("%s: %w: %s.%s", f.Graph.Flow, ErrTrail, m.Node, m.Exit)
		}
		for _, need := range shows.Needs {
			if !f.proved(trail[:i], need) {
				return fmt.Errorf("%s: %s.%s: %w: %s", f.Graph.Flow, m.Node, m.Exit, ErrNeeds, need)
			}
		}
		at = f.Graph.Nodes[m.Node].Next[m.Exit]
	}
	if at != end {
		return fmt.Errorf("%s: %w: it leads to %s, not %s", f.Graph.Flow, ErrTrail, at, end)
	}
	for _, rule := range f.Graph.Nodes[end].Rules {
		if !f.proved(trail, rule.Proof) && !waived(trail, rule.WaivedBy) {
			return fmt.Errorf("%s: %s: %w: %s", f.Graph.Flow, end, ErrRules, rule.Proof)
		}
	}
	return nil
}

// proved reports whether any step of the trail proves p.
func (f *Flow) proved(trail Trail, p Proof) bool {
	for _, m := range trail {
		if slices.Contains(f.Graph.Nodes[m.Node].Stage.Exits[m.Exit].Proves, p) {
			return true
		}
	}
	return false
}

func waived(trail Trail, by []Edge) bool {
	for _, m := range trail {
		if slices.Contains(by, Edge{Node: m.Node, Exit: m.Exit}) {
			return true
		}
	}
	return false
}

func encodeData(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return Encode(v)
}

// newRunID derives the id of a run from the turn's seed.
func newRunID(s Seed, purpose string) string {
	return base64.RawURLEncoding.EncodeToString(s.Bytes("run "+purpose, 16))
}
