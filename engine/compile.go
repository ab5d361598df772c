package engine

import (
	"errors"
	"maps"
	"reflect"
	"slices"
)

// Set is everything that can be walked, and the behaviour behind it.
type Set struct {
	Graphs []Graph
	// Handlers are the behaviour of the asking stages of all graphs, Deciders that of
	// the deciding ones, by the stage's id.
	Handlers map[StageID]Handler
	Deciders map[StageID]Decider
}

// Flows is a set of graphs that passed every check, with behaviour bound to it. It does
// not change and may be used by any number of goroutines.
type Flows struct {
	flows  []*Flow
	byID   map[FlowID]*Flow
	stages []Stage
}

// Flow is one graph of a [Flows].
type Flow struct {
	// Graph is a copy of the declaration. It must not be changed.
	Graph Graph
	// Fingerprint is the graph's fingerprint, see [Graph.Fingerprint].
	Fingerprint string

	handlers map[NodeID]Handler
	deciders map[NodeID]Decider
	facts    map[NodeID][]int
	wires    map[string]NodeID
	machines *machines
}

// Compile checks every graph (see [Check]) and that graphs and behaviour fit together,
// and binds them. It reports every fault it finds together, one on a line, and returns
// no Flows then.
func Compile(s Set) (*Flows, error) {
	if err := checkSet(s); err != nil {
		return nil, err
	}
	out := &Flows{byID: make(map[FlowID]*Flow, len(s.Graphs))}
	stages := make(map[StageID]Stage)
	for _, g := range s.Graphs {
		f := bind(g.deep(), s)
		out.byID[g.Flow] = f
		for _, n := range f.Graph.Nodes {
			stages[n.Stage.ID] = n.Stage
		}
	}
	for _, id := range sorted(out.byID) {
		out.flows = append(out.flows, out.byID[id])
	}
	for _, id := range sorted(stages) {
		out.stages = append(out.stages, stages[id])
	}
	return out, nil
}

// bind makes a flow of a graph that has been checked.
func bind(g Graph, s Set) *Flow {
	f := &Flow{
		Graph:       g,
		Fingerprint: g.Fingerprint(),
		handlers:    make(map[NodeID]Handler),
		deciders:    make(map[NodeID]Decider),
		facts:       make(map[NodeID][]int),
		wires:       make(map[string]NodeID),
		machines:    newMachines(g),
	}
	facts := reflect.TypeFor[Facts]()
	for id, n := range g.Nodes {
		if h := s.Handlers[n.Stage.ID]; h != nil {
			f.handlers[id] = h
		}
		if d := s.Deciders[n.Stage.ID]; d != nil {
			f.deciders[id] = d
		}
		if n.Stage.Wire != "" {
			f.wires[n.Stage.Wire] = id
		}
		for _, name := range n.Stage.Reads {
			if field, ok := facts.FieldByName(name); ok {
				f.facts[id] = append(f.facts[id], field.Index[0])
			}
		}
	}
	return f
}

// Flow returns the flow of an id, or nil.
func (fs *Flows) Flow(id FlowID) *Flow { return fs.byID[id] }

// All returns the flows, sorted by id.
func (fs *Flows) All() []*Flow { return slices.Clone(fs.flows) }

// Stages returns every stage of the set once, sorted by id. What they hold must not be
// changed.
func (fs *Flows) Stages() []Stage { return slices.Clone(fs.stages) }

// Node returns a node of the flow's graph, and whether there is one of that id.
func (f *Flow) Node(id NodeID) (Node, bool) {
	n, ok := f.Graph.Nodes[id]
	return n, ok
}

// ByWire returns the node whose stage has that id on the wire, and whether there is one.
func (f *Flow) ByWire(id string) (NodeID, bool) {
	n, ok := f.wires[id]
	return n, ok
}

// handler returns the behaviour of an asking node, or nil.
func (f *Flow) handler(id NodeID) Handler { return f.handlers[id] }

// decider returns the behaviour of a deciding node, or nil.
func (f *Flow) decider(id NodeID) Decider { return f.deciders[id] }

// reads returns which fields of Facts the decider of a node looks at, by their index.
func (f *Flow) reads(id NodeID) []int { return f.facts[id] }

// deep returns a copy of the graph that shares nothing with it. What is empty is nil in
// the copy.
func (g Graph) deep() Graph {
	c := g.Clone()
	for id, n := range c.Nodes {
		n.Stage = n.Stage.deep()
		if len(n.Next) == 0 {
			n.Next = nil
		}
		for i := range n.Rules {
			n.Rules[i].WaivedBy = append([]Edge(nil), n.Rules[i].WaivedBy...)
		}
		c.Nodes[id] = n
	}
	return c
}

// deep returns a copy of the stage that shares nothing with it. What is empty is nil in
// the copy.
func (s Stage) deep() Stage {
	var exits Exits
	for exit, shows := range s.Exits {
		if exits == nil {
			exits = make(Exits, len(s.Exits))
		}
		shows.Proves = append([]Proof(nil), shows.Proves...)
		shows.Needs = append([]Proof(nil), shows.Needs...)
		exits[exit] = shows
	}
	s.Exits = exits
	s.Fields = append([]Field(nil), s.Fields...)
	s.Reads = append([]string(nil), s.Reads...)
	s.Because = maps.Clone(s.Because)
	s.Actions = append([]Action(nil), s.Actions...)
	for i := range s.Actions {
		s.Actions[i].Fields = append([]Field(nil), s.Actions[i].Fields...)
	}
	return s
}

// join makes one error of faults, each on a line of its own.
func join[E error](faults []E) error {
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}
