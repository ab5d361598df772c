package engine

import (
	"slices"
	"strings"
)

// Report is what [Check] found out about one graph. Everything in it is in a fixed
// order: nodes in reading order from the start, exits by name.
type Report struct {
	Flow FlowID `json:"flow"`
	// Print is the graph's fingerprint, see [Graph.Fingerprint].
	Print string `json:"print"`
	// Stages counts the nodes, Edges what leads from one to another.
	Stages int `json:"stages"`
	Edges  int `json:"edges"`
	// Ends are the ends of the graph, Rules what they demand and how it is shown.
	Ends  []endReport  `json:"ends"`
	Rules []ruleReport `json:"rules"`
	// Faults are the reasons to refuse the graph.
	Faults []graphFault `json:"faults"`
	// Dead are edges no run of this graph can take, because nothing before them can have
	// shown what they need. That is no fault: a part that several graphs share may have
	// exits that only some of them use.
	Dead []Edge `json:"dead"`
}

// endReport is one end of a graph, and whether a session is granted there.
type endReport struct {
	Node   NodeID `json:"node"`
	Grants bool   `json:"grants"`
}

// ruleReport is one rule of an end with its proof, or with the way around it.
type ruleReport struct {
	End   NodeID `json:"end"`
	Proof Proof  `json:"proof"`
	// ProvedBy are the edges of the graph that prove it, WaivedBy those that waive it.
	ProvedBy []Edge `json:"proved_by"`
	WaivedBy []Edge `json:"waived_by"`
	// Holds is true where every way from the start to the end leads over one of them.
	Holds bool `json:"holds"`
	// Path is otherwise a shortest way that does not: the edges from the start to End.
	Path []Edge `json:"path,omitempty"`
	// Before is set in the report of a part where nothing in the part itself makes the rule
	// hold: it is met before the part begins.
	Before bool `json:"before,omitempty"`
}

// graphFault is one reason to refuse a graph.
type graphFault struct {
	Flow FlowID `json:"flow"`
	// Node and Exit say where; they are empty where it is the graph as a whole, or the
	// node as a whole.
	Node NodeID `json:"node,omitempty"`
	Exit Exit   `json:"exit,omitempty"`
	// What is wrong, and Hint what to do about it.
	What string `json:"what"`
	Hint string `json:"hint,omitempty"`
	// Path is the way through the graph that shows it, where there is one.
	Path []Edge `json:"path,omitempty"`
}

// Error says where the fault is, what is wrong, and what to do about it.
func (f graphFault) Error() string {
	var b strings.Builder
	b.WriteString("flow " + quoteEmpty(string(f.Flow)))
	if f.Node != "" {
		b.WriteString(", node " + string(f.Node))
	}
	if f.Exit != "" {
		b.WriteString(", exit " + string(f.Exit))
	}
	b.WriteString(": " + f.What)
	if f.Hint != "" {
		b.WriteString(" (" + f.Hint + ")")
	}
	return b.String()
}

// quoteEmpty makes an empty name visible in a message.
func quoteEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// OK reports whether the graph may be used.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// Grants reports whether a session is granted at an end of the graph.
func (r Report) Grants() bool {
	return slices.ContainsFunc(r.Ends, func(e endReport) bool { return e.Grants })
}

// Holds reports whether an end of the graph demands the proof, and nothing gets around it.
func (r Report) Holds(p Proof) bool {
	return slices.ContainsFunc(r.Rules, func(rule ruleReport) bool { return rule.Proof == p && rule.Holds })
}

// Err returns all faults as one error, each on a line of its own, or nil.
func (r Report) Err() error { return join(r.Faults) }

// MarshalText prints an edge as node.exit, so that reports are readable as JSON.
func (e Edge) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Check examines a graph. A graph that passes has a working start, an edge for every
// exit and for nothing else, no stage that cannot be reached or cannot be left towards an
// end, no circle in which nobody is asked, at most one binding of the subject on any
// way, no way from a run without a subject to a session, and an end that grants a session
// demands at least Subject, Active and First.
//
// Every rule is proved as a cut: without the edges that prove what it demands, those
// that need it (the engine refuses them to a run that has not shown it) and those that
// waive it, its end cannot be reached. A way that is left is the counter-example.
//
// What Check cannot see is behaviour: a decider that answers wrongly, a handler that
// says ok to anything.
func Check(g Graph) Report {
	c := newChecker(g)
	r := Report{
		Flow: g.Flow, Print: g.Fingerprint(), Stages: len(g.Nodes), Edges: len(c.edges),
		Ends: []endReport{}, Rules: []ruleReport{}, Dead: []Edge{},
	}
	c.checkGraph()
	for _, id := range c.order {
		c.checkNode(id)
		c.checkExits(id)
	}
	c.checkReach()
	c.checkCircles()
	c.checkBinding()
	c.checkPretending()
	for _, id := range c.order {
		if n := g.Nodes[id]; n.Stage.Kind == Ends {
			r.Ends = append(r.Ends, endReport{Node: id, Grants: n.Stage.Grants})
			c.checkDemands(id)
			r.Rules = append(r.Rules, c.proveRules(id)...)
		}
	}
	if dead := c.dead(); dead != nil {
		r.Dead = dead
	}
	r.Faults = c.faults
	if r.Faults == nil {
		r.Faults = []graphFault{}
	}
	return r
}

// checker is one examination of a graph.
type checker struct {
	g Graph
	// order is all nodes in reading order; arcs leave each node, by the name of the exit.
	order []NodeID
	arcs  map[NodeID][]arc
	// edges are all arcs in reading order.
	edges  []arc
	faults []graphFault
}

// arc is an edge with what is declared of it.
type arc struct {
	Edge
	to    NodeID
	shows ExitSpec
}

func newChecker(g Graph) *checker {
	c := &checker{g: g, arcs: make(map[NodeID][]arc, len(g.Nodes))}
	for id, n := range g.Nodes {
		for _, exit := range sorted(n.Next) {
			c.arcs[id] = append(c.arcs[id], arc{
				Edge: Edge{Node: id, Exit: exit}, to: n.Next[exit], shows: n.Stage.Exits[exit],
			})
		}
	}
	c.order = g.readingOrder()
	for _, id := range c.order {
		c.edges = append(c.edges, c.arcs[id]...)
	}
	return c
}

// fault notes a fault of a node, or of one of its exits.
func (c *checker) fault(node NodeID, exit Exit, what, hint string) {
	c.faults = append(c.faults, graphFault{Flow: c.g.Flow, Node: node, Exit: exit, What: what, Hint: hint})
}

// faultPath notes a fault that a way through the graph shows; to is where the way ends.
func (c *checker) faultPath(node NodeID, path []Edge, to NodeID, what, hint string) {
	c.faults = append(c.faults, graphFault{
		Flow: c.g.Flow, Node: node, What: printPath(path, to) + ": " + what, Hint: hint, Path: path,
	})
}

// printPath prints a way and the node it leads to: "form.ok -> due.active -> session".
func printPath(path []Edge, to NodeID) string {
	var b strings.Builder
	for _, e := range path {
		b.WriteString(e.String() + " -> ")
	}
	b.WriteString(string(to))
	return b.String()
}
