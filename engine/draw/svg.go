package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// family are the fonts of SVGs.
const family = `Go, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif`

// faintness is the opacity of what no run takes.
const faintness = 0.5

// writeSVG writes a scene as an SVG 1.1 document with a style sheet inside.
func writeSVG(b *bytes.Buffer, s *scene) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", s.w, s.h, s.w, s.h)
	fmt.Fprintf(b, "<title>%s</title>\n<desc>%s</desc>\n", escape(s.title), escape(s.says))
	writeSheet(b, s)
	for _, i := range s.items {
		faint := ""
		if i.faint {
			faint = ` opacity="` + number(faintness) + `"`
		}
		switch {
		case i.group != nil:
			fmt.Fprintf(b, "<g data-%s=\"%s\"><title>%s</title>\n", i.group.kind, escape(i.group.about), escape(i.group.says))
		case i.ends:
			b.WriteString("</g>\n")
		case i.path != nil:
			fmt.Fprintf(b, "<path class=\"%s\"%s d=\"%s\"/>\n", i.class, faint, i.path)
		default:
			fmt.Fprintf(b, "<text class=\"%s\"%s x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n",
				i.class, faint, number(i.where.x), number(i.where.y), i.anchor, escape(i.text))
		}
	}
	b.WriteString("</svg>\n")
}

// writeSheet writes the styles of those classes that the scene has.
func writeSheet(b *bytes.Buffer, s *scene) {
	used := make(map[class]bool)
	for _, i := range s.items {
		used[i.class] = true
	}
	var light, dark strings.Builder
	for _, c := range styles() {
		if !used[c.class] {
			continue
		}
		fmt.Fprintf(&light, ".%s{%s%s}\n", c.class, c.style.shape(), c.style.colors(false))
		fmt.Fprintf(&dark, ".%s{%s}\n", c.class, c.style.colors(true))
	}
	fmt.Fprintf(b, "<style>\ntext{font-family:%s}\n%s@media (prefers-color-scheme:dark){\n%s}\n</style>\n", family, light.String(), dark.String())
}

// shape are the properties that do not change with the ground.
func (s style) shape() string {
	var b strings.Builder
	if s.width > 0 {
		b.WriteString("stroke-width:" + number(float64(s.width)/10) + ";")
	}
	if s.dashed {
		fmt.Fprintf(&b, "stroke-dasharray:%d %d;", dashLong, dashApart)
	}
	if s.size > 0 {
		fmt.Fprintf(&b, "font-size:%dpx;", s.size)
	}
	if s.bold {
		b.WriteString("font-weight:bold;")
	}
	return b.String()
}

// colors are the properties that do.
func (s style) colors(dark bool) string {
	fill := s.fill.on(dark)
	if fill == "" {
		fill = "none"
	}
	out := "fill:" + fill
	if stroke := s.stroke.on(dark); stroke != "" {
		out += ";stroke:" + stroke
	}
	return out
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
