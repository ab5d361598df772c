package draw

import "slices"

// Sizes of narrow pictures, in pixels.
const (
	narrowMargin = 16
	narrowWidth  = 360
	// spine is how far from the left side of the nodes lines run down, twig how long the
	// lines are that leave it for a row, whose text is twigAside from it.
	spine     = 18
	twig      = 14
	twigAside = 5
	// railsAside is how far the first rail is from the nodes, railsApart the next from it.
	railsAside = 20
	railsApart = 11
	// under is between a node and its rows, and between them and the next node, over what
	// is kept free above a node that nothing from above leads to.
	under = 6
	over  = 18
	// narrowBelow is between the heading and the start, which is below it here.
	narrowBelow = 14
	// titleLength is how many characters of a title stand in one line.
	titleLength = 42
)

// rung is a row of a link in a narrow picture: its text at y, the middle of its first line,
// with its badges in lines.
type rung struct {
	row    row
	y      int
	badges [][]badge
}

// ladder is where everything in a narrow picture is.
type ladder struct {
	*column
	rungs map[*link][]rung
	// left and right are the sides of all nodes.
	left, right int
}

// narrow draws the picture narrow.
func (d *painter) narrow() {
	d.margin = narrowMargin
	l := &ladder{column: d.picture.newColumn(), rungs: make(map[*link][]rung), left: narrowMargin}
	beside := narrowMargin
	if l.count > 0 {
		beside += railsAside + railsApart*(l.count-1)
	}
	// An even width has its middle on a pixel.
	l.right = (narrowWidth - beside) / 2 * 2
	for _, n := range l.nodes {
		n.room = l.right - l.left - 2*(nodeInside+corner-4)
		n.measure()
		l.right = max(l.right, l.left+n.w)
	}
	for _, k := range d.picture.links {
		for _, r := range k.rows {
			wide := textWidth(r.text(), styleOf(exit))
			for _, b := range r.badges {
				wide = max(wide, badgeWidth(b))
			}
			l.right = max(l.right, l.text()+wide+twig)
		}
	}
	l.right += (l.right - l.left) % 2
	heading := d.heading(fill(d.picture.graph.Title, titleLength)...)
	d.w = max(narrowWidth, l.right+beside)
	for _, t := range heading {
		d.w = max(d.w, 2*narrowMargin+textWidth(t.text, styleOf(t.class)))
	}
	bottom := l.stack(d.picture.links, narrowMargin+above+narrowBelow+22*(len(heading)-3))
	d.frame(heading, bottom, func() {
		d.links(func(k *link) { d.climb(l, k) })
		d.nodes()
	})
}

// text is where the texts of rows begin.
func (l *ladder) text() int { return l.left + spine + twig + twigAside }

// stack finds how far down nodes and rows are, from y on, and returns where the last ends.
func (l *ladder) stack(links []*link, y int) int {
	for i, n := range l.nodes {
		n.w = l.right - l.left
		n.x, n.y, n.port = l.left+n.w/2, y, spine-n.w/2
		y += n.h
		leaving := l.leaving(links, n)
		for j, k := range leaving {
			if j == 0 {
				y += under
			}
			for _, r := range k.rows {
				one := rung{row: r, y: y + rowHeight/2, badges: l.flow(r)}
				y += rowHeight * max(1, len(one.badges))
				l.rungs[k] = append(l.rungs[k], one)
			}
		}
		switch {
		case i == len(l.nodes)-1:
		case len(leaving) > 0 && l.next(leaving[len(leaving)-1]):
			y += over
		default:
			y += over + under
		}
	}
	return y
}

// flow divides the badges of a row into lines: the first beside its text, which may have
// no room for any, the others below.
func (l *ladder) flow(r row) [][]badge {
	if len(r.badges) == 0 {
		return nil
	}
	room := l.right - twig - l.text()
	lines := [][]badge{nil}
	left := room - textWidth(r.text(), styleOf(exit))
	for _, b := range r.badges {
		need := badgeApart + badgeWidth(b)
		if need > left && (len(lines) == 1 || len(lines[len(lines)-1]) > 0) {
			lines, left = append(lines, nil), room+badgeApart
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], b)
		left -= need
	}
	return lines
}

// climb draws a link: for each row a line down to it, and from there on to where it leads,
// those that the run took last.
func (d *painter) climb(l *ladder, k *link) {
	d.beginLink(k)
	rungs := slices.Clone(l.rungs[k])
	slices.SortStableFunc(rungs, func(a, b rung) int { return d.height(k, a.row) - d.height(k, b.row) })
	for _, r := range rungs {
		d.mood = d.run.moodIf(d.run.tookAny(k.from, r.row))
		d.rung(l, k, r)
	}
	d.scene.end()
}

// height says which of a link's rows are drawn over others.
func (d *painter) height(k *link, r row) int {
	switch {
	case d.run.tookAny(k.from, r):
		return 2
	case r.dead:
		return 0
	}
	return 1
}

// rung draws one row of a link.
func (d *painter) rung(l *ladder, k *link, r rung) {
	c := line
	if r.row.dead && d.mood != took {
		c = deadLine
	}
	x, bottom := l.left+spine, k.from.y+k.from.h
	if l.next(k) {
		d.draw(c, elbows(at(x, bottom), at(x, k.to.y)), r.row.dead)
		d.draw(head, arrow(at(x, k.to.y), down), r.row.dead)
		d.written(k, r, l.text()-twig)
		return
	}
	d.draw(c, elbows(at(x, bottom), at(x, r.y), at(x+twig, r.y)), r.row.dead)
	right := d.written(k, r, l.text())
	rail, to := l.right+railsAside+railsApart*l.rails[k.to], k.to.y+k.to.h/2
	d.draw(c, elbows(at(right+twigAside, r.y), at(rail, r.y), at(rail, to), at(l.right, to)), r.row.dead)
	d.draw(head, arrow(at(l.right, to), leftward), r.row.dead)
}

// written writes a row at x, and returns where its first line ends.
func (d *painter) written(k *link, r rung, x int) (right int) {
	ink := d.mood
	if ink == took && len(r.row.exits) > 1 {
		d.apart(k, r.row, x, r.y+4)
	} else {
		d.write(exit, fromLeft, x, r.y+4, r.row.text(), r.row.dead)
	}
	d.mood = ink
	end := x + textWidth(r.row.text(), styleOf(exit))
	right = end
	for i, badges := range r.badges {
		if i > 0 {
			end = x - badgeApart
		}
		for _, b := range badges {
			end += badgeApart
			end += d.badge(b, end, r.y+i*rowHeight, r.row.dead)
		}
		if i == 0 {
			right = end
		}
	}
	return right
}
