package draw

// Sizes, in pixels.
const (
	// lineRoom is what a line keeps free on both sides; labels stand labelAside to the
	// right of their line.
	lineRoom   = 6
	labelAside = 9
	// rowHeight is of a row of a label, badgeHeight of a badge, wordsHeight of a line in a
	// node under its name.
	rowHeight   = 20
	badgeHeight = 18
	badgeInside = 6
	badgeApart  = 4
	wordsHeight = 16
	// nodeInside is what a node keeps free around its text; hexagons have corners besides.
	nodeInside = 12
	corner     = 14
	nodeWidth  = 120
	// leaving is the least height between a node and the labels under it, reaching between
	// labels and the nodes under them. A track is a line across in there.
	leaving  = 6
	reaching = 27
	track    = 11
)

// labelRow is the row in which the label of a link stands: next to where it begins.
func (k *link) labelRow() int {
	if k.back {
		return 2*k.bottom().layer - 1
	}
	return 2*k.top().layer + 1
}

// badgeWidth is the width of a badge.
func badgeWidth(b badge) int { return textWidth(b.text(), styleOf(textOf(b.kind))) + 2*badgeInside }

// rowWidth is the width of a row of a label.
func rowWidth(r row) int {
	w := textWidth(r.text(), styleOf(exit))
	for _, b := range r.badges {
		w += badgeApart + badgeWidth(b)
	}
	return w + 2
}

// labelSize is the size of a label.
func labelSize(rows []row) (w, h int) {
	for _, r := range rows {
		w = max(w, rowWidth(r))
	}
	return w, rowHeight * len(rows)
}

// measure gives a node its size. Exits that lead back to it are words in it.
func (n *node) measure() {
	for _, r := range n.self {
		n.lines = append(n.lines, wrap("here again by "+r.plain())...)
	}
	w := textWidth(n.lines[0], styleOf(name))
	for _, l := range n.lines[1:] {
		w = max(w, textWidth(l, styleOf(words)))
	}
	n.h = 14 + 18 + wordsHeight*(len(n.lines)-1)
	for _, r := range n.badgeRows() {
		w = max(w, badgesWidth(r))
		n.h += badgeHeight + badgeApart
	}
	w += 2 * nodeInside
	if n.look == lookDecides || n.end() {
		w += 2 * (corner - 4)
	}
	// An even width has its middle on a pixel.
	n.w = max(nodeWidth, w+w%2)
}

// badgeRows divides what an end demands into rows.
func (n *node) badgeRows() [][]badge {
	const each = 4
	var out [][]badge
	for _, b := range n.badges {
		last := len(out) - 1
		if last < 0 || len(out[last]) == each || n.room > 0 && badgesWidth(append(out[last][:len(out[last]):len(out[last])], b)) > n.room {
			out = append(out, []badge{b})
		} else {
			out[last] = append(out[last], b)
		}
	}
	return out
}

// badgesWidth is the width of badges beside each other.
func badgesWidth(row []badge) int {
	w := -badgeApart
	for _, b := range row {
		w += badgeApart + badgeWidth(b)
	}
	return w
}

// plan is where everything is, in pixels; the top of the first node is at 0.
type plan struct {
	// top and height are of rows.
	top, height []int
	// leaves and reaches are where links run across: y by the node they leave or reach.
	leaves, reaches map[*node]int
	// left and right are how far the picture reaches, bottom how far down.
	left, right, bottom int
}

// place finds where everything is. Lanes have their x already.
func (p *picture) place() *plan {
	rows := 0
	for _, l := range p.lanes {
		rows = max(rows, l.last+1)
	}
	out := &plan{top: make([]int, rows), height: make([]int, rows), leaves: make(map[*node]int), reaches: make(map[*node]int)}
	for _, n := range p.nodes {
		n.x = n.lane.x
		out.height[2*n.layer] = max(out.height[2*n.layer], n.h)
	}
	for _, k := range p.links {
		_, h := labelSize(k.rows)
		out.height[k.labelRow()] = max(out.height[k.labelRow()], h)
	}
	y := 0
	for row := range out.top {
		switch {
		case row == 0:
		case row%2 == 1:
			y += leaving + track*out.across(y, p.crossing(row, p.obstructed, (*link).top), out.leaves)
		default:
			reach := func(k *link) bool { return k.lane != k.bottom().lane && !p.sideways(k) }
			// There is room for one line anyhow.
			y += reaching + track*max(0, out.across(y, p.crossing(row, reach, (*link).bottom), out.reaches)-1)
		}
		out.top[row] = y
		y += out.height[row]
	}
	out.bottom = y
	for _, n := range p.nodes {
		n.y = out.top[2*n.layer] + (out.height[2*n.layer]-n.h)/2
	}
	for _, l := range p.lanes {
		for row := l.first; row <= l.last; row++ {
			a, b := l.extent(row)
			out.left, out.right = min(out.left, l.x-a), max(out.right, l.x+b)
		}
	}
	return out
}

// across gives each node that links cross to a line of its own where they would run into
// one another, and returns how many lines there are above each other.
func (o *plan) across(y int, spans []span, lines map[*node]int) int {
	var tracks []int
	for _, s := range spans {
		at := 0
		for at < len(tracks) && tracks[at] >= s.left {
			at++
		}
		if at == len(tracks) {
			tracks = append(tracks, 0)
		}
		tracks[at] = s.right
		lines[s.node] = y + lineRoom + 2 + at*track
	}
	return len(tracks)
}
