package draw

import "slices"

// span is how far links run across to reach or leave a node.
type span struct {
	node        *node
	left, right int
}

// crossing returns the spans above a row, from left to right: of the links that are meant,
// by the node that they have in common.
func (p *picture) crossing(row int, meant func(*link) bool, of func(*link) *node) []span {
	var out []span
	for _, k := range p.links {
		n := of(k)
		if n.layer != row/2 || !meant(k) {
			continue
		}
		i := slices.IndexFunc(out, func(s span) bool { return s.node == n })
		if i < 0 {
			out = append(out, span{n, n.x, n.x})
			i = len(out) - 1
		}
		out[i].left, out[i].right = min(out[i].left, k.lane.x), max(out[i].right, k.lane.x)
	}
	slices.SortStableFunc(out, func(a, b span) int { return a.left - b.left })
	return out
}
