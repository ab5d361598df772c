package draw

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"stagedoor/engine"
)

// Dot writes the graph in the DOT language of Graphviz, in light colours. Its errors are
// those of w.
func Dot(w io.Writer, g engine.Graph, o Options) error {
	p, run := newPicture(g), courseOf(g, o)
	var b bytes.Buffer
	fmt.Fprintf(&b, "digraph %s {\n", quoteDot(string(g.Flow)))
	fmt.Fprintf(&b, "  graph [label=%s, labelloc=t, labeljust=l, fontname=Helvetica]\n",
		quoteDot(shown(string(g.Flow))+"\n"+shown(g.Title)+"\nprint "+p.report.Print+"\n"))
	b.WriteString("  node [style=filled, fontname=Helvetica, fontsize=11]\n  edge [fontname=Helvetica, fontsize=10]\n")
	for _, n := range p.nodes {
		s := styleOf(class(n.look))
		attributes := fmt.Sprintf("%s, fillcolor=%q, color=%q", dotShape(n.look), s.fill.light, s.stroke.light)
		if n.id == run.at && n.id != "" {
			attributes = fmt.Sprintf("%s, fillcolor=%q, color=%q, penwidth=4", dotShape(n.look), s.fill.light, styleOf(here).stroke.light)
		}
		fmt.Fprintf(&b, "  %s [label=%s, %s]\n", quoteDot(string(n.id)), quoteDot(strings.Join(n.words(), "\n")), attributes)
	}
	for _, n := range p.nodes {
		for _, k := range p.leavingWithSelf(n) {
			for _, r := range k.rows {
				look := ""
				if r.dead {
					look = ", style=dashed, color=gray, fontcolor=gray"
				}
				if run.tookAny(n, r) {
					look = fmt.Sprintf(", penwidth=3, color=%q", styleOf(tookLine).stroke.light)
				}
				fmt.Fprintf(&b, "  %s -> %s [label=%s%s]\n", quoteDot(string(n.id)), quoteDot(string(k.to.id)), quoteDot(r.plain()), look)
			}
		}
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

// words are the lines of a node together with what it demands.
func (n *node) words() []string {
	if len(n.badges) == 0 {
		return n.lines
	}
	return append(n.lines[:len(n.lines):len(n.lines)], wrap(says(n.badges))...)
}

// leavingWithSelf are the links that begin at a node, one to itself among them.
func (p *picture) leavingWithSelf(n *node) []*link {
	var out []*link
	if len(n.self) > 0 {
		out = append(out, &link{from: n, to: n, rows: n.self})
	}
	for _, k := range p.links {
		if k.from == n {
			out = append(out, k)
		}
	}
	return out
}

// dotShape is what a look is in Graphviz.
func dotShape(l look) string {
	switch l {
	case lookAsks:
		return `shape=box, style="filled,rounded"`
	case lookPretends:
		return `shape=box, style="filled,rounded,dashed"`
	case lookDecides:
		return "shape=hexagon"
	case lookGrants:
		return "shape=ellipse, peripheries=2"
	case lookMissing:
		return "shape=box"
	}
	return "shape=ellipse"
}

// quoteDot makes a text a quoted string of DOT. Line breaks become \n, which centres.
func quoteDot(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
