package draw

import (
	"cmp"
	"slices"
)

// column is a narrow picture: all nodes below one another, and beside them the rails, on
// which whatever does not lead to the next node runs.
type column struct {
	nodes []*node
	// place is where a node stands in the column.
	place map[*node]int
	// rails are by the node they lead to, counted from the left; count is how many there are.
	rails map[*node]int
	count int
}

// newColumn orders the nodes of a picture and gives them rails.
func (p *picture) newColumn() *column {
	c := &column{nodes: p.stacked(), place: make(map[*node]int), rails: make(map[*node]int)}
	for i, n := range c.nodes {
		c.place[n] = i
	}
	c.lay(p.links)
	return c
}

// next reports whether a link leads to the node below.
func (c *column) next(k *link) bool { return c.place[k.to] == c.place[k.from]+1 }

// stacked are the nodes in an order in which all links lead down that do in the picture:
// each next to one that leads to it where that can be, and below a session what leads to
// none: first what pretends, then other ends.
func (p *picture) stacked() []*node {
	waits := make(map[*node]int)
	for _, k := range p.links {
		if !k.back {
			waits[k.to]++
		}
	}
	leaves := p.leaves()
	var out []*node
	placed := make(map[*node]bool)
	// rank is how soon a node that can be placed is: the least is next.
	rank := func(n *node) int {
		rank := 1
		switch {
		case len(out) == 0 && n.start:
			return 0
		case len(out) > 0 && slices.ContainsFunc(leaves[out[len(out)-1]], func(k *link) bool { return k.to == n }):
			rank--
		}
		switch {
		case n.end() && n.look != lookGrants:
			rank += 4
		case n.look == lookPretends:
			rank += 3
		case n.end():
			rank += 2
		}
		return rank
	}
	for len(out) < len(p.nodes) {
		var best *node
		for _, n := range p.nodes {
			if !placed[n] && waits[n] == 0 && (best == nil || cmp.Or(rank(n)-rank(best), n.layer-best.layer) < 0) {
				best = n
			}
		}
		out, placed[best] = append(out, best), true
		for _, k := range leaves[best] {
			if !k.back {
				waits[k.to]--
			}
		}
	}
	return out
}

// lay gives each node that is led to from farther away a rail of its own along all of the
// way, the shortest ones the nearest.
func (c *column) lay(links []*link) {
	type reach struct {
		to          *node
		first, last int
	}
	var reaches []reach
	for _, k := range links {
		if c.next(k) {
			continue
		}
		// Links leave below their node, and lead to its side.
		first, last := 2*c.place[k.from]+1, 2*c.place[k.to]
		if first > last {
			first, last = last, first
		}
		i := slices.IndexFunc(reaches, func(r reach) bool { return r.to == k.to })
		if i < 0 {
			i, reaches = len(reaches), append(reaches, reach{k.to, first, last})
		}
		reaches[i].first, reaches[i].last = min(reaches[i].first, first), max(reaches[i].last, last)
	}
	slices.SortStableFunc(reaches, func(a, b reach) int {
		return cmp.Or(a.last-a.first-b.last+b.first, a.first-b.first)
	})
	var rails [][]reach
	for _, r := range reaches {
		free := func(rail []reach) bool {
			return !slices.ContainsFunc(rail, func(o reach) bool { return o.first <= r.last && r.first <= o.last })
		}
		i := slices.IndexFunc(rails, free)
		if i < 0 {
			i, rails = len(rails), append(rails, nil)
		}
		rails[i] = append(rails[i], r)
		c.rails[r.to] = i
	}
	c.count = len(rails)
}

// leaving are the links that leave a node, in the order in which they are written below
// it: those to the farthest rails first, so that they cross none that begin there, and
// last the one to the next node.
func (c *column) leaving(links []*link, n *node) []*link {
	var out []*link
	for _, k := range links {
		if k.from == n {
			out = append(out, k)
		}
	}
	rank := func(k *link) int {
		switch {
		case c.next(k):
			return c.count + 1
		case k.back:
			return c.rails[k.to]
		}
		return -c.rails[k.to]
	}
	slices.SortStableFunc(out, func(a, b *link) int { return rank(a) - rank(b) })
	return out
}
