package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Onward is where an exit of a spliced node leads that lets the run go on to where it
// was going. It is no id that a node can have.
const Onward NodeID = "->"

// Splice is a part of a graph that is put into graphs others have written, such as a
// stage that every way in must pass.
type Splice struct {
	// Before is the node it stands in front of: every edge that led there leads to Start.
	// At is a single edge instead.
	Before NodeID
	At     Edge
	// In, where not empty, are the flows it is for, and each must have the place.
	// Otherwise it is for every graph that has it, and one must.
	In []FlowID
	// Start is the node where a run comes in; it may be left out where there is but one.
	Start NodeID
	// Nodes are what is put in. Their exits lead to each other, to nodes of the graph, or
	// [Onward].
	Nodes Nodes
	// Rules are what every end that grants a session demands from then on, and Before
	// where it is an end. They are demanded in every graph the splice is for, whether or
	// not it has the place: one without it has a way around, and is refused.
	Rules []Rule
}

// Splice returns a copy of the graph with the splice in it, its rules demanded. It fails
// where the graph does not have the place or has a node of the same id, or where the
// splice makes no sense; s.In is not looked at. What comes of it is for [Check] to judge.
func (g Graph) Splice(s Splice) (Graph, error) {
	if faults := append(s.faults(), s.misfits(g)...); len(faults) > 0 {
		return Graph{}, join(faults)
	}
	c := g.Clone()
	onward := s.Before
	if onward == "" {
		onward = c.Nodes[s.At.Node].Next[s.At.Exit]
	}
	for _, e := range s.edges(c) {
		c.Nodes[e.Node].Next[e.Exit] = s.start()
	}
	for id, n := range s.Nodes {
		n.Next, n.Rules = maps.Clone(n.Next), slices.Clone(n.Rules)
		for exit, to := range n.Next {
			if to == Onward {
				n.Next[exit] = onward
			}
		}
		c.Nodes[id] = n
	}
	return s.demand(c), nil
}

// faults lists what is wrong with the splice whatever graph it is for.
func (s Splice) faults() []error {
	var out []error
	fault := func(format string, args ...any) {
		out = append(out, fmt.Errorf("splice %s: %w", s, fmt.Errorf(format, args...)))
	}
	if (s.Before == "") == (s.At == Edge{}) {
		fault("it needs either Before, a node, or At, an edge")
	}
	switch _, ok := s.Nodes[s.start()]; {
	case len(s.Nodes) == 0:
		fault("it has no nodes")
	case s.start() == "":
		fault("it has %d nodes and no Start (name the one where a run comes in)", len(s.Nodes))
	case !ok:
		fault("its start %s is none of its nodes", s.Start)
	}
	return out
}

// misfits lists why the graph cannot take the splice.
func (s Splice) misfits(g Graph) []error {
	var out []error
	if len(s.edges(g)) == 0 {
		out = append(out, fmt.Errorf("splice %s: flow %s has no %s", s, g.Flow, s.place()))
	}
	for _, id := range sorted(s.Nodes) {
		if _, taken := g.Nodes[id]; taken {
			out = append(out, fmt.Errorf("splice %s: flow %s has a node %s already", s, g.Flow, id))
		}
	}
	return out
}

// edges are the edges of the graph that the splice is put onto, in order.
func (s Splice) edges(g Graph) []Edge {
	if s.Before == "" {
		if _, ok := g.Nodes[s.At.Node].Next[s.At.Exit]; !ok {
			return nil
		}
		return []Edge{s.At}
	}
	var out []Edge
	for _, id := range sorted(g.Nodes) {
		for _, exit := range sorted(g.Nodes[id].Next) {
			if g.Nodes[id].Next[exit] == s.Before {
				out = append(out, Edge{Node: id, Exit: exit})
			}
		}
	}
	return out
}

// start is where a run comes in, "" where that is not said.
func (s Splice) start() NodeID {
	if s.Start == "" && len(s.Nodes) == 1 {
		return sorted(s.Nodes)[0]
	}
	return s.Start
}

// demand returns the graph with the rules added to its ends. A waiver that is not of a
// graph that lacks the place is left out: the rule then fails with the way around.
func (s Splice) demand(g Graph) Graph {
	_, placed := g.Nodes[s.start()]
	for id, n := range g.Nodes {
		if !n.Stage.Grants && (id != s.Before || n.Stage.Kind != Ends) {
			continue
		}
		for _, r := range s.Rules {
			r.WaivedBy = slices.DeleteFunc(slices.Clone(r.WaivedBy), func(e Edge) bool {
				_, leads := g.Nodes[e.Node].Next[e.Exit]
				return !placed && !leads
			})
			n.Rules = append(n.Rules, r)
		}
		g.Nodes[id] = n
	}
	return g
}

// place names where the splice goes.
func (s Splice) place() string {
	if s.Before == "" {
		return "edge " + s.At.String()
	}
	return "way to a node " + string(s.Before)
}

// String names the splice for an error: where it starts and where it goes.
func (s Splice) String() string {
	if s.Before == "" {
		return fmt.Sprintf("%s at %s", quoteEmpty(string(s.start())), s.At)
	}
	return fmt.Sprintf("%s before %s", quoteEmpty(string(s.start())), s.Before)
}

// into puts the splice into every graph it is for, in place, and reports each that cannot
// take it.
func (s Splice) into(graphs []Graph) error {
	faults := s.faults()
	for _, id := range s.In {
		if !slices.ContainsFunc(graphs, func(g Graph) bool { return g.Flow == id }) {
			faults = append(faults, fmt.Errorf("splice %s: there is no flow %s (misspelt, or switched off)", s, id))
		}
	}
	if len(faults) > 0 {
		return join(faults)
	}
	placed := false
	for i, g := range graphs {
		named := slices.Contains(s.In, g.Flow)
		switch fits := len(s.edges(g)) > 0; {
		case len(s.In) > 0 && !named:
		case !fits && !named:
			graphs[i] = s.demand(g.Clone())
		default:
			spliced, err := g.Splice(s)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			graphs[i], placed = spliced, true
		}
	}
	if !placed && len(faults) == 0 {
		faults = append(faults, fmt.Errorf("splice %s: no flow has a %s", s, s.place()))
	}
	return errors.Join(faults...)
}
