package draw

import (
	"maps"
	"slices"

	"stagedoor/engine"
)

// look is how a node is drawn.
type look string

// The looks of nodes, which are also their classes in the SVG.
const (
	lookAsks     look = "asks"
	lookPretends look = "pretends"
	lookDecides  look = "decides"
	lookGrants   look = "grants"
	lookDemands  look = "demands"
	lookBegins   look = "begins"
	lookEnds     look = "ends"
	// lookMissing is a node that an edge leads to and that is not there.
	lookMissing look = "missing"
)

// node is a node of the picture.
type node struct {
	id    engine.NodeID
	look  look
	start bool
	// lines are what stands in it, the name first.
	lines []string
	// badges are what an end demands.
	badges []badge
	// self are the exits that lead back to the node itself.
	self []row

	// layer counts from the top; see layers.
	layer int
	lane  *lane
	// x is the middle, y the top, in pixels; w and h are the size.
	x, y, w, h int
	// port is how far from the middle a line from above comes in; room is what badges have
	// beside one another, 0 for four of them.
	port, room int
}

// end reports whether the node is an end.
func (n *node) end() bool {
	return n.look == lookGrants || n.look == lookDemands || n.look == lookBegins || n.look == lookEnds
}

// link is all edges from one node to another.
type link struct {
	from, to *node
	rows     []row
	// back is set where the link leads up, against the layers.
	back bool
	lane *lane
}

// top and bottom are the nodes above and below.
func (k *link) top() *node {
	if k.back {
		return k.to
	}
	return k.from
}

func (k *link) bottom() *node {
	if k.back {
		return k.from
	}
	return k.to
}

// dead reports whether no run can take any of the edges.
func (k *link) dead() bool {
	return !slices.ContainsFunc(k.rows, func(r row) bool { return !r.dead })
}

// picture is a graph taken apart.
type picture struct {
	graph  engine.Graph
	report engine.Report
	// nodes are in the order in which a walk from the start meets them.
	nodes []*node
	links []*link
	lanes []*lane
}

// newPicture takes a graph apart, and says how far down each node stands.
func newPicture(g engine.Graph) *picture {
	p := &picture{graph: g, report: engine.Check(g)}
	known := make(map[engine.NodeID]*node)
	p.walk(g.Start, known)
	for _, id := range slices.Sorted(maps.Keys(g.Nodes)) {
		p.walk(id, known)
	}
	waived := p.waivers()
	for _, n := range slices.Clone(p.nodes) {
		p.connect(n, known, waived)
	}
	p.layers()
	return p
}

// walk adds a node and those it leads to.
func (p *picture) walk(id engine.NodeID, known map[engine.NodeID]*node) {
	if known[id] != nil {
		return
	}
	n := p.newNode(id)
	known[id] = n
	p.nodes = append(p.nodes, n)
	for _, exit := range slices.Sorted(maps.Keys(p.graph.Nodes[id].Next)) {
		p.walk(p.graph.Nodes[id].Next[exit], known)
	}
}

// newNode describes the node of that id.
func (p *picture) newNode(id engine.NodeID) *node {
	n := &node{id: id, start: id == p.graph.Start, lines: []string{shown(string(id))}}
	place, ok := p.graph.Nodes[id]
	if !ok {
		n.look = lookMissing
		n.lines = append(n.lines, "there is no such node")
		return n
	}
	s := place.Stage
	n.look = lookOf(place)
	if s.Title != "" {
		n.lines = append(n.lines, wrap(shown(s.Title))...)
	}
	if s.Wire != "" && s.Wire != string(id) {
		n.lines = append(n.lines, "pending as "+shown(s.Wire))
	}
	if s.Begins != "" {
		n.lines = append(n.lines, "goes on as "+shown(string(s.Begins)))
	}
	for _, r := range p.report.Rules {
		if r.End != id {
			continue
		}
		kind := demands
		if !r.Holds {
			kind = broken
		}
		n.badges = append(n.badges, badge{kind, shown(string(r.Proof))})
	}
	return n
}

// lookOf tells stages apart.
func lookOf(n engine.Node) look {
	switch s := n.Stage; {
	case s.Pretending:
		return lookPretends
	case s.Kind == engine.Asks:
		return lookAsks
	case s.Kind == engine.Decides:
		return lookDecides
	case s.Grants:
		return lookGrants
	case s.Begins != "":
		return lookBegins
	case len(n.Rules) > 0:
		return lookDemands
	}
	return lookEnds
}

// waivers are the proofs that edges waive, at any end.
func (p *picture) waivers() map[engine.Edge][]engine.Proof {
	out := make(map[engine.Edge][]engine.Proof)
	for _, r := range p.report.Rules {
		for _, e := range r.WaivedBy {
			if !slices.Contains(out[e], r.Proof) {
				out[e] = append(out[e], r.Proof)
			}
		}
	}
	return out
}

// connect adds the links that leave a node: one for each node they lead to, with a row
// for all exits that mean the same.
func (p *picture) connect(n *node, known map[engine.NodeID]*node, waived map[engine.Edge][]engine.Proof) {
	place := p.graph.Nodes[n.id]
	out := make(map[*node]*link)
	for _, exit := range slices.Sorted(maps.Keys(place.Next)) {
		edge := engine.Edge{Node: n.id, Exit: exit}
		r := row{
			exits: []string{shown(string(exit))}, leaves: []engine.Exit{exit}, badges: badgesOf(place.Stage.Exits[exit], waived[edge]),
			dead: slices.Contains(p.report.Dead, edge),
		}
		to := known[place.Next[exit]]
		switch {
		case to == n:
			n.self = addRow(n.self, r)
		case out[to] == nil:
			out[to] = &link{from: n, to: to, rows: []row{r}}
			p.links = append(p.links, out[to])
		default:
			out[to].rows = addRow(out[to].rows, r)
		}
	}
}
