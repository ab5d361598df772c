package engine

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// What a step refuses. All of them mean a fault of a graph or of the behaviour bound to
// it; the run goes nowhere.
var (
	// ErrNeeds says that an exit was taken without a proof it needs.
	ErrNeeds = errors.New("the exit needs a proof the run does not have")
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
	exit, reason, leaves := v.Exit, Reason(""), v.Leaves
	for _, m := range run.Trail {
		w.facts.note(f.Graph.Nodes[m.Node].Stage.Exits[m.Exit].Proves)
	}
	for range len(f.Graph.Nodes) + 1 {
		if f.Graph.Nodes[run.Node].Stage.Exits[exit].Renews {
			run.Deadline = w.now.Add(f.Graph.Lifetime).UnixMilli()
		}
		next, err := e.leave(f, &run, exit, reason, v, &w.facts)
		if err != nil {
			return stepped{}, err
		}
		node, ok := f.Graph.Nodes[next]
		if !ok {
			return stepped{}, fmt.Errorf("%s: no node %s", f.Graph.Flow, next)
		}
		run.Node, run.As, run.Tries, run.Acts, run.Data, run.Until = next, "", 0, nil, nil, 0
		switch node.Stage.Kind {
		case Ends:
			if err := audit(f, run.Trail, next); err != nil {
				return stepped{}, err
			}
			end := node
			begun, err := e.beginNext(end.Stage, run, leaves, w)
			return stepped{run: run, end: &end, begun: begun}, err
		case Asks:
			if !node.Stage.Pretending {
				return e.enter(f, run, next, w)
			}
			as, err := e.imagine(f, run.Trail[len(run.Trail)-1], w)
			if err != nil {
				return stepped{}, err
			}
			run.As, run.Subject, run.Epoch = as, 0, 0
			return e.enter(f, run, as, w)
		case Decides:
			exit, reason = e.decide(f, next, w)
			if strings.Contains(string(reason), ";") {
				return stepped{}, fmt.Errorf("%s: %s gives reason %q, which a trail cannot hold", f.Graph.Flow, next, reason)
			}
			v = Verdict{}
		}
	}
	return stepped{}, fmt.Errorf("%s: a run does not come to rest", f.Graph.Flow)
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
		Slot: f.Graph.Slot, ID: newRunID(w.seed, "begun"), Flow: f.Graph.Flow, Print: f.Print, Node: f.Graph.Start,
		Hint: last.Hint, Data: data, Started: w.now.UnixMilli(), Deadline: w.now.Add(e.Idle).UnixMilli(),
	}, err
}

// leave takes one exit: it checks what the exit needs, binds the subject, moves the
// machine and writes the trail.
func (e *Engine) leave(f *Flow, run *Run, exit Exit, reason Reason, v Verdict, facts *Facts) (NodeID, error) {
	node := f.Graph.Nodes[run.Node]
	shows, ok := node.Stage.Exits[exit]
	if !ok {
		return "", fmt.Errorf("%s: stage %s has no exit %q", f.Graph.Flow, node.Stage.ID, exit)
	}
	for _, need := range shows.Needs {
		if !f.proved(run.Trail, need) {
			return "", fmt.Errorf("%s: %s.%s: %w: %s", f.Graph.Flow, run.Node, exit, ErrNeeds, need)
		}
	}
	switch {
	case shows.Binds && (run.Subject != 0 || v.Subject == 0),
		!shows.Binds && v.Subject != 0 && v.Subject != run.Subject:
		return "", fmt.Errorf("%s: %s.%s: %w", f.Graph.Flow, run.Node, exit, ErrSubject)
	case shows.Binds:
		run.Subject, run.Epoch = v.Subject, v.Epoch
	case v.Epoch != 0:
		run.Epoch = v.Epoch
	}
	if v.Raises {
		run.Epoch++
	}
	if v.Hint != "" {
		run.Hint = v.Hint
	}
	if shows.Moves != "" {
		run.Slot = shows.Moves
	}
	next, err := f.fire(run.Node, exit)
	if err != nil {
		return "", err
	}
	run.Trail = append(run.Trail, Mark{Node: run.Node, Exit: exit, Reason: reason})
	facts.note(shows.Proves)
	return next, nil
}

// note sets what the run has shown.
func (f *Facts) note(proofs []Proof) {
	for _, p := range proofs {
		f.Asked = f.Asked || p == Asked
		f.ProvedCode = f.ProvedCode || p == Code
		f.ProvedSecond = f.ProvedSecond || p == Second
		f.ProvedAssertion = f.ProvedAssertion || p == Assertion
	}
}

// decide asks a decider, which sees only the facts its stage declares.
func (e *Engine) decide(f *Flow, id NodeID, w world) (Exit, Reason) {
	facts := w.facts
	facts.Own = w.own[id]
	return f.decider(id).Decide(mask(facts, f.reads(id)))
}

// mask returns the facts with all but the named fields zero.
func mask(f Facts, reads []int) Facts {
	var out Facts
	from, to := reflect.ValueOf(&f).Elem(), reflect.ValueOf(&out).Elem()
	for _, i := range reads {
		// Value.Set would move both to the heap.
		switch src, dst := from.Field(i), to.Field(i); src.Kind() {
		case reflect.Bool:
			dst.SetBool(src.Bool())
		case reflect.String:
			dst.SetString(src.String())
		default:
			dst.SetUint(src.Uint())
		}
	}
	return out
}

// imagine walks as a run with a subject would have, had it left by the exit that the
// last mark's exit imitates, to the first asking stage. Nothing of the walk is kept.
func (e *Engine) imagine(f *Flow, last Mark, w world) (NodeID, error) {
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
		exit, _ := e.decide(f, id, w)
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
	out.messages, out.takes, out.soft = in.Messages, in.Takes, in.Soft
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
		Slot: stage.Slot, ID: newRunID(w.seed, "held"), Flow: owner.Graph.Flow, Print: owner.Print, Node: at,
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
	return json.Marshal(v)
}

// newRunID derives the id of a run from the turn's seed.
func newRunID(s Seed, purpose string) string {
	return base64.RawURLEncoding.EncodeToString(s.Bytes("run "+purpose, 16))
}
