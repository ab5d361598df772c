package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// faintness is the opacity of what no run takes, faintAside where it lies aside of a path
// and is pale already.
const (
	faintness  = 0.6
	faintAside = 0.8
)

// writeSVG writes a scene as an SVG document, with a style sheet inside unless it is to be
// bare. Its role is that of a group: an img would hide the nodes from screen readers.
func writeSVG(b *bytes.Buffer, s *scene, bare bool) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="draw" width="%d" height="%d" viewBox="0 0 %d %d" role="group">`+"\n", s.w, s.h, s.w, s.h)
	fmt.Fprintf(b, "<title>%s</title>\n<desc>%s</desc>\n", escape(s.title), escape(s.says))
	if !bare {
		writeSheet(b, s)
	}
	for _, i := range s.items {
		faint := ""
		if i.faint {
			faint = ` opacity="` + number(i.opacity()) + `"`
		}
		switch {
		case i.group != nil:
			writeGroup(b, i.group)
		case i.ends:
			b.WriteString("</g>\n")
		case i.path != nil:
			fmt.Fprintf(b, "<path class=\"%s\"%s d=\"%s\"/>\n", i.classes(), faint, i.path)
		default:
			fmt.Fprintf(b, "<text class=\"%s\"%s x=\"%s\" y=\"%s\"%s%s>%s</text>\n",
				i.classes(), faint, number(i.where.x), number(i.where.y), i.anchor.attribute(), i.length(), escape(i.text))
		}
	}
	b.WriteString("</svg>\n")
}

// writeGroup opens a group. A node can be focused; what it says is its name for readers
// that do not see, and shown on hover.
func writeGroup(b *bytes.Buffer, g *group) {
	fmt.Fprintf(b, `<g %s="%s"`, g.kind, escape(g.about))
	if g.kind == aNode {
		fmt.Fprintf(b, ` tabindex="0" role="img" aria-label="%s"`, escape(strings.Join(g.says, "; ")))
	}
	fmt.Fprintf(b, "><title>%s</title>\n", strings.ReplaceAll(escape(strings.Join(g.says, "\n")), "&#xA;", "\n"))
}

// attribute sets the anchor, where it is not the one that texts have anyhow.
func (a anchor) attribute() string {
	if a == fromLeft {
		return ""
	}
	return ` text-anchor="` + string(a) + `"`
}

// length makes a text as wide as it was measured, whatever font it is shown in. A text
// with letters that the fonts lack keeps its own width: what it was taken for is a guess.
func (i item) length() string {
	width, certain := lengthOf(i.text, i.style())
	if !certain || width == 0 {
		return ""
	}
	return ` textLength="` + number(cents(float64(width)/64)) + `" lengthAdjust="spacingAndGlyphs"`
}

// opacity is that of the item.
func (i item) opacity() float64 {
	switch {
	case !i.faint:
		return 1
	case i.over != "":
		return faintAside
	}
	return faintness
}

// classes are the names of the item's classes.
func (i item) classes() string {
	if i.over == "" {
		return i.class.name()
	}
	return i.class.name() + " " + i.over.name()
}

// String is the path as the d of an SVG path.
func (p path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteByte(s.op)
		pts := s.pts[2:]
		switch s.op {
		case 'C':
			pts = s.pts[:]
		case 'Z':
			pts = nil
		}
		for i, pt := range pts {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(pt.x) + " " + number(pt.y))
		}
	}
	return b.String()
}

// number prints a number without needless digits.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// escape makes a text fit for content and attributes of XML.
func escape(s string) string {
	var b bytes.Buffer
	// A buffer takes everything.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
