package draw

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stagedoor/engine"
)

// course is what a picture shows of a run.
type course struct {
	at engine.NodeID
	// path are the edges taken, in order; none where the picture is not of a run's way.
	path  []engine.Edge
	notes map[engine.NodeID]string
}

// courseOf is what the options say of a run on the graph.
func courseOf(g engine.Graph, o Options) course {
	c := course{at: o.At, notes: o.Notes}
	for _, e := range o.Path {
		to, ok := g.Nodes[e.Node].Next[e.Exit]
		if !ok {
			continue
		}
		c.path = append(c.path, e)
		if o.At == "" {
			c.at = to
		}
	}
	return c
}

// took reports whether the run left a node by an exit.
func (c course) took(n engine.NodeID, exit engine.Exit) bool {
	return slices.Contains(c.path, engine.Edge{Node: n, Exit: exit})
}

// tookAny reports whether the run left a node by one of the exits of a row.
func (c course) tookAny(n *node, r row) bool {
	return slices.ContainsFunc(r.leaves, func(exit engine.Exit) bool { return c.took(n.id, exit) })
}

// along reports whether the run took a link.
func (c course) along(k *link) bool {
	return slices.ContainsFunc(k.rows, func(r row) bool { return c.tookAny(k.from, r) })
}

// steps are the numbers of a node on the path: at which steps the run was there.
func (c course) steps(id engine.NodeID) []string {
	var out []string
	for i, e := range c.path {
		if e.Node == id {
			out = append(out, strconv.Itoa(i+1))
		}
	}
	if id == c.at && len(c.path) > 0 {
		out = append(out, strconv.Itoa(len(c.path)+1))
	}
	return out
}

// mood is how a part of the picture stands to the path of the run: none where there is no
// path.
type mood int

// The moods.
const (
	noMood mood = iota
	took
	aside
)

// moodIf is the mood of what the run came by, or did not.
func (c course) moodIf(came bool) mood {
	switch {
	case len(c.path) == 0:
		return noMood
	case came:
		return took
	}
	return aside
}

// over is the class that is drawn over one in this mood, empty for none.
func (m mood) over(c class) class {
	lines, heads := c == line || c == deadLine, c == head
	switch {
	case m == took && lines:
		return tookLine
	case m == took && heads:
		return tookHead
	case m == took && c == exit:
		return tookText
	case m != aside:
		return ""
	case lines:
		return asideLine
	case heads:
		return asideHead
	case styleOf(c).size > 0:
		return asideText
	}
	return asideBox
}

// says is what a node is, in lines: its name, what it does, what it demands, where the
// run was there, and its note.
func (c course) says(n *node) []string {
	out := []string{n.lines[0], n.look.says()}
	if len(n.lines) > 1 {
		out[1] += ": " + strings.Join(n.lines[1:], " ")
	}
	if len(n.badges) > 0 {
		out = append(out, says(n.badges))
	}
	if steps := c.steps(n.id); len(steps) > 0 {
		out = append(out, fmt.Sprintf("step %s of the run", strings.Join(steps, ", ")))
	}
	if n.id == c.at && c.at != "" {
		out = append(out, "the run is here")
	}
	for l := range strings.SplitSeq(c.notes[n.id], "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, shown(l))
		}
	}
	return out
}

// number draws at which steps the run came by, on the upper left corner of a node.
func (d *painter) number(n *node, x, y int) {
	text := strings.Join(d.run.steps(n.id), ", ")
	if text == "" {
		return
	}
	const high = 18
	w := max(high, textWidth(text, styleOf(stepText))+2*badgeInside)
	d.draw(step, roundRect(x-5, y-high/2, w, high, high/2), false)
	d.write(stepText, centred, x-5+w/2, y+4, text, false)
}
