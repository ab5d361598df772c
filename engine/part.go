package engine

import (
	"cmp"
	"slices"
)

// Parts returns what begins where a run waits under an id of the wire: of each graph with
// such a node, the part that can be reached from there. Graphs that are alike from there on
// share one part, which names them in PartOf and in its title; the part that most graphs
// share comes first. There is none for an id under which nothing waits.
//
// A part is drawn and checked like any graph. A rule of an end that holds on no cut of the
// part was met before its start: the whole graph is where it is proved.
func Parts(graphs []Graph, wire string) []Graph {
	var parts []Graph
	if wire == "" {
		return nil
	}
	for _, g := range graphs {
		c := newChecker(g)
		for _, id := range c.order {
			if g.Nodes[id].Stage.Wire != wire {
				continue
			}
			part := c.part(id)
			i := slices.IndexFunc(parts, func(p Graph) bool { return alikeFromThere(p, part) })
			if i < 0 {
				parts = append(parts, part)
				continue
			}
			parts[i].PartOf = append(parts[i].PartOf, part.PartOf...)
			parts[i].Given = append(parts[i].Given, part.Given...)
		}
	}
	for i, p := range parts {
		slices.Sort(p.PartOf)
		slices.Sort(p.Given)
		p.PartOf, p.Given = slices.Compact(p.PartOf), slices.Compact(p.Given)
		p.Title = p.Nodes[p.Start].Stage.Title + ", in " + joined(p.PartOf)
		parts[i] = p
	}
	slices.SortStableFunc(parts, func(a, b Graph) int {
		return cmp.Or(len(b.PartOf)-len(a.PartOf), cmp.Compare(a.PartOf[0], b.PartOf[0]))
	})
	return parts
}

// part returns the part of the graph that can be reached from a node.
func (c *checker) part(start NodeID) Graph {
	p := c.g.deep()
	p.Flow, p.Start, p.PartOf = FlowID(c.g.Nodes[start].Stage.Wire), start, []FlowID{c.g.Flow}
	reached := c.reach(start, all)
	for id, n := range p.Nodes {
		if !reached[id] {
			delete(p.Nodes, id)
			continue
		}
		for i, r := range n.Rules {
			n.Rules[i].WaivedBy = slices.DeleteFunc(r.WaivedBy, func(e Edge) bool { return !reached[e.Node] })
		}
	}
	dead := c.dead()
	alive := func(a arc) bool { return !slices.Contains(dead, a.Edge) }
	for _, a := range c.edges {
		for _, proof := range a.shows.Proves {
			if !slices.Contains(p.Given, proof) && c.behind(proof, alive)[start] {
				p.Given = append(p.Given, proof)
			}
		}
	}
	if c.g.OfSession {
		p.Given = append(p.Given, Subject)
	}
	return p
}

// alikeFromThere reports whether two parts are the same wherever their runs are kept.
func alikeFromThere(a, b Graph) bool {
	a.Slot, b.Slot = "", ""
	return a.Fingerprint() == b.Fingerprint()
}

// joined prints names: "a, b and c".
func joined[S ~string](names []S) string {
	if len(names) < 2 {
		return listed(names)
	}
	last := len(names) - 1
	return listed(names[:last]) + " and " + string(names[last])
}
