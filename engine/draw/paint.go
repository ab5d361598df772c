package draw

import (
	"strconv"
	"strings"

	"stagedoor/engine"
)

// What surrounds the nodes, in pixels.
const (
	margin   = 28
	above    = 92
	minWidth = 560
	legendAt = 34
)

// painter puts a picture into a scene.
type painter struct {
	*scene
	picture *picture
	plan    *plan
	run     course
	// dx and dy are where the picture's own x and y begin.
	dx, dy int
	// margin is around the picture.
	margin int
}

// newScene draws a graph.
func newScene(g engine.Graph, o Options) *scene {
	p := newPicture(g)
	d := &painter{
		scene:   &scene{title: shown(string(g.Flow)), says: shown(g.Title) + ": " + p.counts()},
		picture: p, run: courseOf(g, o), margin: margin,
	}
	if o.Narrow {
		d.narrow()
		return d.scene
	}
	for _, n := range p.nodes {
		n.measure()
	}
	p.arrange()
	d.plan = p.place()
	heading := d.heading(g.Title)
	width := d.plan.right - d.plan.left
	for _, l := range heading {
		width = max(width, textWidth(l.text, styleOf(l.class)))
	}
	d.w = max(width+2*margin, minWidth)
	d.dx, d.dy = (d.w-d.plan.left-d.plan.right)/2, margin+above
	d.frame(heading, d.dy+d.plan.bottom, func() {
		d.links(d.link)
		d.nodes()
	})
	return d.scene
}

// counts says how large the graph is, and which it is.
func (p *picture) counts() string {
	return counted(p.report.Stages, "stage") + ", " + counted(p.report.Edges, "edge") + ", print " + p.report.Print
}

// textLine is a line of the heading, so far below the one before.
type textLine struct {
	class class
	below int
	text  string
}

// heading is what stands above the picture.
func (d *painter) heading(about ...string) []textLine {
	out := []textLine{{title, 16, d.title}}
	for _, l := range about {
		out = append(out, textLine{subtitle, 22, shown(l)})
	}
	return append(out, textLine{small, 19, d.picture.counts()})
}

// frame draws the ground and the heading, what is inside down to bottom, and the legend.
func (d *painter) frame(heading []textLine, bottom int, inside func()) {
	legend := d.legend()
	below := bottom + legendAt
	d.h = below + legendHeight(legend, d.margin, d.w) + d.margin - 8
	d.draw(ground, roundRect(1, 1, d.w-2, d.h-2, 8), false)
	y := d.margin
	for _, l := range heading {
		y += l.below
		d.write(l.class, fromLeft, d.margin, y, l.text, false)
	}
	inside()
	d.draw(rule, path{}.move(at(d.margin, below-14)).line(at(d.w-d.margin, below-14)), false)
	d.drawLegend(legend, below)
}

// nodes draws all nodes.
func (d *painter) nodes() {
	for _, n := range d.picture.nodes {
		d.mood = d.run.moodIf(n.id == d.run.at || len(d.run.steps(n.id)) > 0)
		d.node(n)
	}
	d.mood = noMood
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + thing
}

// links draws all links, one by one: what no run takes below the others, what the run took above them.
func (d *painter) links(one func(*link)) {
	rank := func(k *link) int {
		switch {
		case d.run.along(k):
			return 2
		case k.dead():
			return 0
		}
		return 1
	}
	for r := range 3 {
		for _, k := range d.picture.links {
			if rank(k) == r {
				d.mood = d.run.moodIf(r == 2)
				one(k)
			}
		}
	}
	d.mood = noMood
}

// link draws what leads from one node to another: the line, its head and its label.
func (d *painter) link(k *link) {
	c := line
	if k.dead() && d.mood != took {
		c = deadLine
	}
	d.beginLink(k)
	way := d.way(k)
	d.draw(c, elbows(way...), k.dead())
	switch {
	case !k.back:
		d.draw(head, arrow(way[len(way)-1], down), k.dead())
	case way[1].y != way[0].y:
		d.draw(head, arrow(way[0], upward), k.dead())
	case way[1].x > way[0].x:
		d.draw(head, arrow(way[0], leftward), k.dead())
	default:
		d.draw(head, arrow(way[0], rightward), k.dead())
	}
	d.label(k, d.dx+k.lane.x+labelAside, d.dy+d.plan.top[k.labelRow()])
	d.scene.end()
}

// beginLink begins the group of a link, which names its edges.
func (d *painter) beginLink(k *link) {
	said := []string{k.from.lines[0] + " -> " + k.to.lines[0]}
	var about []string
	for _, r := range k.rows {
		said = append(said, r.plain())
		for _, exit := range r.leaves {
			about = append(about, string(k.from.id)+":"+string(exit))
		}
	}
	d.begin(edges, strings.Join(about, " "), said)
}

// way are the corners of a link, from its upper end to its lower one.
func (d *painter) way(k *link) []point {
	top, bottom := k.top(), k.bottom()
	spot := func(x, y int) point { return at(d.dx+x, d.dy+y) }
	var way []point
	switch across := d.plan.leaves[top]; {
	case k.lane == top.lane && !k.back:
		way = append(way, spot(top.x, top.y+top.h))
	case d.picture.obstructed(k):
		way = append(way, spot(top.x, top.y+top.h), spot(top.x, across), spot(k.lane.x, across))
	case k.back:
		y := top.y + top.h/4
		way = append(way, spot(top.side(k.lane.x, y), y), spot(k.lane.x, y))
	default:
		y := top.y + top.h/2
		way = append(way, spot(top.side(k.lane.x, y), y), spot(k.lane.x, y))
	}
	if d.picture.sideways(k) {
		y := bottom.y + bottom.h/2
		return append(way, spot(k.lane.x, y), spot(bottom.side(k.lane.x, y), y))
	}
	if k.lane != bottom.lane {
		y := d.plan.reaches[bottom]
		way = append(way, spot(k.lane.x, y), spot(bottom.x, y))
	}
	return append(way, spot(bottom.x, bottom.y))
}

// side is where the node's outline is at a height, on the side towards an x.
func (n *node) side(toward, y int) int {
	reach := n.w / 2
	if n.look == lookDecides {
		reach -= abs(y-n.y-n.h/2) * corner / (n.h / 2)
	}
	if toward < n.x {
		return n.x - reach
	}
	return n.x + reach
}

// label writes rows of exits with their badges, from the left.
func (d *painter) label(k *link, x, y int) {
	for i, r := range k.rows {
		middle := y + i*rowHeight + rowHeight/2
		d.mood = d.run.moodIf(d.run.tookAny(k.from, r))
		if d.mood == took && len(r.exits) > 1 {
			d.apart(k, r, x, middle+4)
		} else {
			d.write(exit, fromLeft, x, middle+4, r.text(), r.dead)
		}
		right := x + textWidth(r.text(), styleOf(exit))
		for _, b := range r.badges {
			right += badgeApart
			right += d.badge(b, right, middle, r.dead)
		}
	}
}

// apart writes the exits of a row one by one, so that those the run took are set off.
func (d *painter) apart(k *link, r row, x, y int) {
	before := ""
	for i, text := range r.exits {
		if i < len(r.exits)-1 {
			text += ","
		}
		d.mood = d.run.moodIf(d.run.took(k.from.id, r.leaves[i]))
		d.write(exit, fromLeft, x+textWidth(before, styleOf(exit)), y, text, r.dead)
		before += text + " "
	}
	d.mood = took
}

// node draws a node.
func (d *painter) node(n *node) {
	x, y := d.dx+n.x-n.w/2, d.dy+n.y
	d.begin(aNode, string(n.id), d.run.says(n))
	if n.start {
		port := d.dx + n.x + n.port
		d.draw(head, roundRect(port-5, y-31, 10, 10, 5), false)
		d.draw(line, path{}.move(at(port, y-22)).line(at(port, y-6)), false)
		d.draw(head, arrow(at(port, y), down), false)
	}
	if n.id == d.run.at && n.id != "" {
		d.draw(here, outline(n.look, x-5, y-5, n.w+10, n.h+10), false)
	}
	d.draw(class(n.look), outline(n.look, x, y, n.w, n.h), false)
	if n.look == lookGrants {
		d.draw(inner, outline(n.look, x+3, y+3, n.w-6, n.h-6), false)
	}
	y += 7
	d.write(name, centred, d.dx+n.x, y+14, n.lines[0], false)
	y += 18
	for _, l := range n.lines[1:] {
		d.write(words, centred, d.dx+n.x, y+12, l, false)
		y += wordsHeight
	}
	for _, r := range n.badgeRows() {
		left := d.dx + n.x - badgesWidth(r)/2
		for _, b := range r {
			left += badgeApart + d.badge(b, left, y+badgeApart+badgeHeight/2, false)
		}
		y += badgeHeight + badgeApart
	}
	d.number(n, x, d.dy+n.y)
	d.scene.end()
}

// outline is the shape of a look.
func outline(l look, x, y, w, h int) path {
	switch l {
	case lookDecides:
		return hexagon(x, y, w, h, corner)
	case lookAsks, lookPretends:
		return roundRect(x, y, w, h, 7)
	case lookMissing:
		return roundRect(x, y, w, h, 0)
	}
	return roundRect(x, y, w, h, 26)
}
