package draw

import "slices"

// What a picture is judged by, the least is best: a line that runs into a node, a line
// that crosses another. How far lines run sideways and how wide the picture is count as
// many as they are pixels, wide ones more.
const (
	costObstacle = 20000
	costCrossing = 3000
	costWide     = 3
	// wide is a width that can still be read where it is shrunk to a page's.
	wide = 800
	// costLower is of an end that hangs a layer lower than it has to.
	costLower = 30
	// costLeft is of a way past a stage on the left, where others are on the right.
	costLeft = 20
)

// arrange gives every lane its x. An end beside the column may also hang lower than it has
// to, where a long line takes less room than the end itself.
func (p *picture) arrange() {
	const lowest = 4
	p.makeLanes()
	best := p.order()
	leaves, bottom := p.leaves(), p.bottom()
	for _, n := range p.nodes {
		if n.lane == p.lanes[0] || len(leaves[n]) > 0 {
			continue
		}
		first, kept := n.layer, n.layer
		for n.layer = first + 1; n.layer <= min(first+lowest, bottom); n.layer++ {
			p.makeLanes()
			if c := p.order() + costLower*(n.layer-first); c < best {
				best, kept = c, n.layer
			}
		}
		n.layer = kept
		p.makeLanes()
	}
	p.order()
}

// bottom is the lowest layer.
func (p *picture) bottom() int {
	out := 0
	for _, n := range p.nodes {
		out = max(out, n.layer)
	}
	return out
}

// order finds the order of the lanes from left to right, and returns what it costs: the
// best that is found from several beginnings.
func (p *picture) order() int {
	for _, l := range p.lanes {
		l.measure()
	}
	gaps := p.gaps()
	var best int
	var order []int
	for _, begin := range beginnings(len(p.lanes)) {
		if found, cost := p.improve(begin, gaps); order == nil || cost < best {
			order, best = found, cost
		}
	}
	p.compact(order, gaps)
	return best
}

// beginnings are orders to begin with: as the lanes were made, to the right of the column
// and to the left, and on both sides by turns.
func beginnings(lanes int) [][]int {
	right, turns := make([]int, lanes), make([]int, 0, lanes)
	for i := range right {
		right[i] = i
		if i%2 == 0 {
			turns = append(turns, i)
		} else {
			turns = slices.Insert(turns, 0, i)
		}
	}
	out := [][]int{right, turns}
	for _, o := range out[:2] {
		back := slices.Clone(o)
		slices.Reverse(back)
		out = append(out, back)
	}
	return out
}

// improve moves a lane, or changes two, in the way that helps most, until nothing does.
// It returns the order and what it costs.
func (p *picture) improve(order []int, gaps [][]int) ([]int, int) {
	p.compact(order, gaps)
	best := p.cost()
	// Each round costs as much as there are lanes, to the fourth power: a graph that is
	// larger than any person would read is not improved for ever.
	for range 40 {
		var better []int
		for from := range order {
			for to := range order {
				moved := slices.Insert(slices.Delete(slices.Clone(order), from, from+1), to, order[from])
				changed := slices.Clone(order)
				changed[from], changed[to] = order[to], order[from]
				for _, next := range [][]int{moved, changed} {
					p.compact(next, gaps)
					if c := p.cost(); c < best {
						best, better = c, next
					}
				}
			}
		}
		if better == nil {
			break
		}
		order = better
	}
	return order, best
}

// gaps says how far apart the middles of two lanes must be where the first is to the left
// of the second, 0 where they share no row.
func (p *picture) gaps() [][]int {
	const between = 14
	out := make([][]int, len(p.lanes))
	for i, a := range p.lanes {
		out[i] = make([]int, len(p.lanes))
		for j, b := range p.lanes {
			if i == j {
				continue
			}
			for row := max(a.first, b.first); row <= min(a.last, b.last); row++ {
				_, right := a.extent(row)
				left, _ := b.extent(row)
				out[i][j] = max(out[i][j], right+left+between)
			}
		}
	}
	return out
}

// compact places the lanes in an order as near to the column as they can be. The column
// is the first lane that was made.
func (p *picture) compact(order []int, gaps [][]int) {
	column := slices.Index(order, 0)
	p.lanes[0].x = 0
	for i := column - 1; i >= 0; i-- {
		x := 0
		for _, right := range order[i+1 : column+1] {
			if gap := gaps[order[i]][right]; gap > 0 {
				x = min(x, p.lanes[right].x-gap)
			}
		}
		p.lanes[order[i]].x = x
	}
	for i := column + 1; i < len(order); i++ {
		x := 0
		for _, left := range order[:i] {
			if gap := gaps[left][order[i]]; gap > 0 {
				x = max(x, p.lanes[left].x+gap)
			}
		}
		p.lanes[order[i]].x = x
	}
}

// cost judges where the lanes are.
func (p *picture) cost() int {
	left, right, sum := 0, 0, 0
	for _, l := range p.lanes {
		for row := l.first; row <= l.last; row++ {
			a, b := l.extent(row)
			left, right = min(left, l.x-a), max(right, l.x+b)
		}
	}
	for _, k := range p.links {
		if k.lane != k.top().lane {
			sum += abs(k.lane.x-k.top().lane.x) + p.departing(k)
		}
		if k.back {
			sum += abs(k.lane.x-k.bottom().lane.x) + p.beside(k, k.bottom())
			continue
		}
		if k.lane != k.bottom().lane {
			sum += abs(k.lane.x-k.bottom().lane.x) + p.arriving(k)
		}
		if k.top().lane == p.lanes[0] && k.bottom().lane == p.lanes[0] && k.lane.x < 0 {
			sum += costLeft
		}
	}
	return sum + right - left + costWide*max(0, right-left-wide)
}

// departing judges the way of a link from the side of its upper end to its lane.
func (p *picture) departing(k *link) int { return p.beside(k, k.top()) }

// beside judges the way of a link from its lane to the side of one of its ends.
func (p *picture) beside(k *link, n *node) int {
	row, sum := 2*n.layer, 0
	for _, l := range p.lanes {
		if !l.has(row) || !between(l.x, k.lane.x, n.lane.x) {
			continue
		}
		switch passing := l.linkIn(row); {
		case l.nodeIn(row) != nil:
			sum += costObstacle
		case passing != nil && passing.from != n:
			sum += costCrossing
		}
	}
	return sum
}

// obstructed reports whether a node stands between the upper end of a link and its lane.
func (p *picture) obstructed(k *link) bool { return p.departing(k) >= costObstacle }

// sideways reports whether a link that leads up leaves its lower end at the side: nothing
// stands in between.
func (p *picture) sideways(k *link) bool { return k.back && p.beside(k, k.bottom()) < costObstacle }

// arriving judges the way of a link from its lane to its lower end.
func (p *picture) arriving(k *link) int {
	row, sum := 2*k.bottom().layer-1, 0
	for _, l := range p.lanes {
		if !l.has(row) || !between(l.x, k.lane.x, k.bottom().lane.x) {
			continue
		}
		if passing := l.linkIn(row); passing != nil && passing.bottom() != k.bottom() {
			sum += costCrossing
		}
	}
	return sum
}

// between reports whether x lies between two others, in whatever order.
func between(x, a, b int) bool { return min(a, b) < x && x < max(a, b) }

func abs(x int) int { return max(x, -x) }

// nodeIn is the node of the lane in a row, or nil.
func (l *lane) nodeIn(row int) *node {
	for _, n := range l.nodes {
		if 2*n.layer == row {
			return n
		}
	}
	return nil
}

// linkIn is the link of the lane that is met in a row, or nil.
func (l *lane) linkIn(row int) *link {
	for _, k := range l.links {
		first, last := k.rowsTaken()
		if first <= row && row <= last && (row > first || k.top().lane != l) {
			return k
		}
	}
	return nil
}

// extent is how far the lane reaches to the left and to the right of its middle in a row.
func (l *lane) extent(row int) (left, right int) {
	e := l.extents[row-l.first]
	return e[0], e[1]
}

// measure finds out how far the lane reaches in each of its rows.
func (l *lane) measure() {
	l.extents = nil
	for row := l.first; row <= l.last; row++ {
		left, right := l.reach(row)
		l.extents = append(l.extents, [2]int{left, right})
	}
}

func (l *lane) reach(row int) (left, right int) {
	if n := l.nodeIn(row); n != nil {
		return n.w / 2, n.w / 2
	}
	if k := l.linkIn(row); k != nil && k.labelRow() == row {
		w, _ := labelSize(k.rows)
		return lineRoom, labelAside + w
	}
	return lineRoom, lineRoom
}
