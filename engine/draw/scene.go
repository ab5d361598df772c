package draw

// anchor says which end of a text stands at its place.
type anchor string

// The anchors, by their names in SVG.
const (
	fromLeft anchor = "start"
	centred  anchor = "middle"
)

// item is one thing in a scene: a path, a text, or the beginning or end of a group.
type item struct {
	class class
	// over is drawn over the style of the class, where there is a run.
	over class
	path path
	text string
	// where a text stands: the left end or middle of the line it is written on.
	where  point
	anchor anchor
	// faint is set for what no run can reach.
	faint bool
	// group begins a group about a node or edge, with a name for readers that do not see;
	// ends closes it.
	group *group
	ends  bool
}

// style is how the item looks.
func (i item) style() style {
	s, over := styleOf(i.class), styleOf(i.over)
	if over.fill.light != "" {
		s.fill = over.fill
	}
	if over.stroke.light != "" {
		// A stroke is a pixel wide unless something else is said, as in an SVG.
		s.stroke, s.width = over.stroke, max(s.width, 10)
	}
	if over.width > 0 {
		s.width, s.dashed = over.width, over.dashed
	}
	return s
}

// group is what belongs together: a node, or the edges from one node to another. It says
// what it is in lines.
type group struct {
	kind  groupKind
	about string
	says  []string
}

// groupKind is the name of the attribute that says what a group is about.
type groupKind string

// The kinds of groups: a node, by its id, and edges, each as node:exit.
const (
	aNode groupKind = "data-node"
	edges groupKind = "data-edge"
)

// scene is a picture in pixels, ready to be written.
type scene struct {
	title, says string
	w, h        int
	items       []item
	// mood is that of what is drawn next.
	mood mood
}

func (s *scene) draw(c class, p path, faint bool) {
	s.items = append(s.items, item{class: c, over: s.mood.over(c), path: p, faint: faint})
}

func (s *scene) write(c class, a anchor, x, y int, text string, faint bool) {
	s.items = append(s.items, item{class: c, over: s.mood.over(c), anchor: a, where: at(x, y), text: text, faint: faint})
}

func (s *scene) begin(kind groupKind, about string, says []string) {
	s.items = append(s.items, item{group: &group{kind, about, says}})
}

func (s *scene) end() { s.items = append(s.items, item{ends: true}) }

// badge draws a badge with its left end at x and its middle at y, and returns its width.
func (s *scene) badge(b badge, x, y int, faint bool) int {
	w := badgeWidth(b)
	s.draw(classOf(b.kind), roundRect(x, y-badgeHeight/2, w, badgeHeight, badgeHeight/2), faint)
	s.write(textOf(b.kind), centred, x+w/2, y+4, b.text(), faint)
	return w
}
