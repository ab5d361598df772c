package draw

import "slices"

// layers says how far down nodes stand: each below all that lead to it, and as high as
// that allows. Links that would lead up a circle are turned round first.
func (p *picture) layers() {
	const walking, walked = 1, 2
	state := make(map[*node]int)
	leaves := p.leaves()
	var down []*node
	var visit func(*node)
	visit = func(n *node) {
		state[n] = walking
		for _, l := range leaves[n] {
			l.back = state[l.to] == walking
			if state[l.to] == 0 {
				visit(l.to)
			}
		}
		state[n] = walked
		down = append(down, n)
	}
	for _, n := range p.nodes {
		if state[n] == 0 {
			visit(n)
		}
	}
	slices.Reverse(down)
	for _, n := range down {
		for _, l := range leaves[n] {
			if !l.back {
				l.to.layer = max(l.to.layer, n.layer+1)
			}
		}
	}
	// A link that leads up still needs a layer between its ends, which it has: its upper
	// end was met first on the way to the lower one.
}

// leaves are the links by where they begin.
func (p *picture) leaves() map[*node][]*link {
	out := make(map[*node][]*link)
	for _, l := range p.links {
		out[l.from] = append(out[l.from], l)
	}
	return out
}

// lane is a vertical line and all that stands on it: nodes that lead to one another and
// the links between them, or a single link. Rows of the picture are counted so that nodes
// stand in even ones, at twice their layer, and labels between them in odd ones.
type lane struct {
	nodes []*node
	links []*link
	// first and last are the rows the lane takes part in.
	first, last int
	// extents are how far it reaches to the left and to the right of x in each of them.
	extents [][2]int
	x       int
}

// has reports whether the lane takes part in a row.
func (l *lane) has(row int) bool { return l.first <= row && row <= l.last }

func (l *lane) addNode(n *node) {
	n.lane = l
	l.nodes = append(l.nodes, n)
	l.cover(2*n.layer, 2*n.layer)
}

// addLink gives a link its place in the lane.
func (l *lane) addLink(k *link) {
	k.lane = l
	l.links = append(l.links, k)
	l.cover(k.rowsTaken())
}

// rowsTaken are the first and last row of a link: from that of its upper end, where it
// leaves sideways unless it leaves straight down, to the one above its lower end. A link
// that leads up leaves that end sideways, too.
func (k *link) rowsTaken() (first, last int) {
	first, last = 2*k.top().layer, 2*k.bottom().layer-1
	if k.back {
		last++
	}
	return first, last
}

func (l *lane) cover(first, last int) {
	if len(l.nodes)+len(l.links) == 1 {
		l.first, l.last = first, last
		return
	}
	l.first, l.last = min(l.first, first), max(l.last, last)
}

// makeLanes divides the picture into lanes. The first is the column: the longest way
// from the start to what the flow is for. What is left is divided in the same way, and
// links that are in no chain have lanes of their own.
func (p *picture) makeLanes() {
	p.lanes = nil
	for _, n := range p.nodes {
		n.lane = nil
	}
	for _, k := range p.links {
		k.lane = nil
	}
	for {
		chain := p.longestChain()
		if len(chain) == 0 {
			break
		}
		p.addChain(chain)
	}
	for _, k := range p.links {
		if k.lane == nil {
			p.newLane().addLink(k)
		}
	}
}

func (p *picture) newLane() *lane {
	l := &lane{}
	p.lanes = append(p.lanes, l)
	return l
}

// addChain makes a lane of nodes that lead to one another, and of a link that leads to
// the first of them: the shortest, so that the chain hangs where it is left for last.
func (p *picture) addChain(chain []*node) {
	l := p.newLane()
	var in *link
	for _, k := range p.links {
		if k.lane == nil && !k.back && k.bottom() == chain[0] && (in == nil || k.top().layer > in.top().layer) {
			in = k
		}
	}
	if in != nil {
		l.addLink(in)
	}
	for i, n := range chain {
		l.addNode(n)
		if i+1 < len(chain) {
			l.addLink(p.between(n, chain[i+1]))
		}
	}
}

// between is the link that leads down from one node to another.
func (p *picture) between(top, bottom *node) *link {
	for _, k := range p.links {
		if k.top() == top && k.bottom() == bottom && !k.back {
			return k
		}
	}
	return nil
}

// goal ranks what a chain leads to.
func goal(n *node) int {
	switch n.look {
	case lookGrants:
		return 3
	case lookDemands:
		return 2
	case lookBegins:
		return 1
	}
	return 0
}

// longestChain returns the longest chain of nodes that have no lane: from the start, if
// it has none, to the best end that can be reached. It is empty where every node has one.
func (p *picture) longestChain() []*node {
	type way struct {
		goal, length int
		next         *node
	}
	leaves := p.leaves()
	ways := make(map[*node]way)
	var best func(*node) way
	best = func(n *node) way {
		if w, ok := ways[n]; ok {
			return w
		}
		w := way{goal: goal(n), length: 1}
		for _, l := range leaves[n] {
			if l.back || l.to.lane != nil {
				continue
			}
			next := best(l.to)
			if next.goal > w.goal || next.goal == w.goal && next.length+1 > w.length {
				w = way{goal: next.goal, length: next.length + 1, next: l.to}
			}
		}
		ways[n] = w
		return w
	}
	var head *node
	for _, n := range p.nodes {
		if n.lane != nil {
			continue
		}
		if head == nil || !head.start && best(n).length > best(head).length {
			head = n
		}
	}
	var chain []*node
	for n := head; n != nil; n = best(n).next {
		chain = append(chain, n)
	}
	return chain
}
