package draw

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"stagedoor/engine"
)

// Mermaid writes the graph as a Mermaid flowchart, which code hosts draw in Markdown. Its
// errors are those of w.
func Mermaid(w io.Writer, g engine.Graph, o Options) error {
	p, run := newPicture(g), courseOf(g, o)
	var b bytes.Buffer
	// Titles know no entities, and would be read as HTML.
	heading := strings.NewReplacer("<", "‹", ">", "›", "&", "+").Replace(shown(string(g.Flow)) + ": " + shown(g.Title) + ", print " + p.report.Print)
	fmt.Fprintf(&b, "---\ntitle: %s\n---\nflowchart TD\n", strconv.Quote(heading))
	ids := make(map[*node]string)
	for i, n := range p.nodes {
		ids[n] = fmt.Sprintf("n%d", i)
		opens, closes := mermaidShape(n.look)
		lines := slices.Clone(n.words())
		for i, l := range lines {
			lines[i] = quoteMermaid(l)
		}
		fmt.Fprintf(&b, "  %s%s\"%s\"%s:::%s\n", ids[n], opens, strings.Join(lines, "<br>"), closes, n.look)
	}
	var dead, came []string
	count := 0
	for _, n := range p.nodes {
		for _, k := range p.leavingWithSelf(n) {
			for _, r := range k.rows {
				switch {
				case run.tookAny(n, r):
					came = append(came, strconv.Itoa(count))
				case r.dead:
					dead = append(dead, strconv.Itoa(count))
				}
				count++
				fmt.Fprintf(&b, "  %s -->|\"%s\"| %s\n", ids[n], quoteMermaid(r.plain()), ids[k.to])
			}
		}
	}
	writeMermaidStyles(&b, p, dead)
	if len(came) > 0 {
		fmt.Fprintf(&b, "  linkStyle %s stroke:%s,stroke-width:3px\n", strings.Join(came, ","), styleOf(tookLine).stroke.light)
	}
	for _, n := range p.nodes {
		if n.id == run.at && n.id != "" {
			fmt.Fprintf(&b, "  style %s stroke:%s,stroke-width:4px\n", ids[n], styleOf(here).stroke.light)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeMermaidStyles writes the colours of those looks that the picture has, and makes
// dead edges faint.
func writeMermaidStyles(b *bytes.Buffer, p *picture, dead []string) {
	for _, c := range styles() {
		if !slices.ContainsFunc(p.nodes, func(n *node) bool { return class(n.look) == c.class }) {
			continue
		}
		dash := ""
		if c.style.dashed {
			dash = fmt.Sprintf(",stroke-dasharray:%d %d", dashLong, dashApart)
		}
		fmt.Fprintf(b, "  classDef %s fill:%s,stroke:%s,color:%s%s\n", c.class, c.style.fill.light, c.style.stroke.light, ink().light, dash)
	}
	if len(dead) > 0 {
		fmt.Fprintf(b, "  linkStyle %s opacity:%s,stroke-dasharray:%d %d\n", strings.Join(dead, ","), number(faintness), dashLong, dashApart)
	}
}

// mermaidShape is what a look is in Mermaid.
func mermaidShape(l look) (opens, closes string) {
	switch l {
	case lookAsks, lookPretends:
		return "(", ")"
	case lookDecides:
		return "{{", "}}"
	case lookGrants:
		return "[[", "]]"
	case lookMissing:
		return "[", "]"
	}
	return "([", "])"
}

// quoteMermaid makes a text fit for a quoted label. What Mermaid or HTML would read as
// more than text becomes an entity in Mermaid's spelling.
func quoteMermaid(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\"#&<>`\\;", r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
