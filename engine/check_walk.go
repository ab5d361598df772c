package engine

import "slices"

// readingOrder returns all nodes so that every node comes after those that lead to it,
// as far as circles allow: first what can be reached from the start, then its ends, those
// that grant first, then what cannot be reached.
func (g Graph) readingOrder() []NodeID {
	var walked []NodeID
	seen := make(map[NodeID]bool, len(g.Nodes))
	var visit func(NodeID)
	visit = func(id NodeID) {
		n, ok := g.Nodes[id]
		if !ok || seen[id] {
			return
		}
		seen[id] = true
		for _, exit := range slices.Backward(sorted(n.Next)) {
			visit(n.Next[exit])
		}
		walked = append(walked, id)
	}
	visit(g.Start)
	slices.Reverse(walked)
	class := func(id NodeID) int {
		switch s := g.Nodes[id].Stage; {
		case s.Kind != Ends:
			return 0
		case s.Grants:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(walked, func(a, b NodeID) int { return class(a) - class(b) })
	out := walked
	for _, id := range sorted(g.Nodes) {
		if !seen[id] {
			out = append(out, id)
		}
	}
	return out
}

// way finds a shortest way over arcs that pass from a node to one that is wanted (which
// may be the node itself), and returns its edges and where it leads. Of several shortest
// ways it is the same one every time.
func (c *checker) way(from NodeID, pass func(arc) bool, want func(NodeID) bool) ([]Edge, NodeID, bool) {
	if _, ok := c.g.Nodes[from]; !ok {
		return nil, "", false
	}
	came := map[NodeID]Edge{from: {}}
	queue := []NodeID{from}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if want(at) {
			return trace(came, from, at), at, true
		}
		for _, a := range c.arcs[at] {
			_, known := c.g.Nodes[a.to]
			if _, seen := came[a.to]; !known || seen || !pass(a) {
				continue
			}
			came[a.to] = a.Edge
			queue = append(queue, a.to)
		}
	}
	return nil, "", false
}

// trace reads the way back from where it led.
func trace(came map[NodeID]Edge, from, at NodeID) []Edge {
	var path []Edge
	for at != from {
		path = append(path, came[at])
		at = came[at].Node
	}
	slices.Reverse(path)
	return path
}

// reach returns all nodes that can be reached from one over arcs that pass.
func (c *checker) reach(from NodeID, pass func(arc) bool) map[NodeID]bool {
	seen := make(map[NodeID]bool, len(c.g.Nodes))
	c.way(from, pass, func(id NodeID) bool {
		seen[id] = true
		return false
	})
	return seen
}

// all lets every arc pass.
func all(arc) bool { return true }

// node wants one node.
func node(id NodeID) func(NodeID) bool {
	return func(other NodeID) bool { return other == id }
}

// checkReach refuses stages that cannot be reached, and stages no end can be reached
// from.
func (c *checker) checkReach() {
	_, started := c.g.Nodes[c.g.Start]
	reached := c.reach(c.g.Start, all)
	isEnd := func(id NodeID) bool { return c.g.Nodes[id].Stage.Kind == Ends }
	for _, id := range c.order {
		if started && !reached[id] {
			c.fault(id, "", "cannot be reached from the start", "lead an exit there, or leave it out")
		}
		if _, _, ok := c.way(id, all, isEnd); !ok {
			c.fault(id, "", "no end can be reached from here", "lead one of its exits towards an end")
		}
	}
}

// checkCircles refuses ways that lead back to their beginning without asking anybody: a
// run on one would never come to rest.
func (c *checker) checkCircles() {
	quiet := func(a arc) bool { return c.g.Nodes[a.to].Stage.Kind == Decides }
	told := make(map[NodeID]bool)
	for _, id := range c.order {
		if c.g.Nodes[id].Stage.Kind != Decides || told[id] {
			continue
		}
		circle := c.circle(id, quiet)
		if circle == nil {
			continue
		}
		for _, e := range circle {
			told[e.Node] = true
		}
		c.faultPath(id, circle, id, "a circle in which nobody is asked", "let an asking stage stand in it")
	}
}

// circle finds a shortest way from a node back to itself, or nil.
func (c *checker) circle(id NodeID, pass func(arc) bool) []Edge {
	var best []Edge
	for _, a := range c.arcs[id] {
		if !pass(a) {
			continue
		}
		if path, _, ok := c.way(a.to, pass, node(id)); ok && (best == nil || len(path)+1 < len(best)) {
			best = append([]Edge{a.Edge}, path...)
		}
	}
	return best
}
