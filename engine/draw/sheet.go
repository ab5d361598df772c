package draw

import (
	"bytes"
	"fmt"
	"strings"
)

// family are the fonts of SVGs.
const family = `"Helvetica Neue", Helvetica, Arial, "Liberation Sans", Arimo, sans-serif`

// name is the name of the class in an SVG, which no page has for something else.
func (c class) name() string { return "draw-" + string(c) }

// Stylesheet is the style sheet of SVGs that are drawn bare, as a file for pages that have
// them inline. It follows prefers-color-scheme; the class draw-light or draw-dark on the
// picture, or on whatever it is in, chooses. Each colour is a custom property of .draw that
// a page may set anew: --draw-asks fills what asks, --draw-asks-line is drawn around it,
// and so on for all classes.
func Stylesheet() string {
	var rules, light, dark strings.Builder
	for _, c := range styles() {
		fill := "none"
		set := func(property string, of color) string {
			fmt.Fprintf(&light, "%s:%s;", property, of.light)
			fmt.Fprintf(&dark, "%s:%s;", property, of.dark)
			return "var(" + property + ")"
		}
		if c.style.fill.light != "" {
			fill = set("--"+c.class.name(), c.style.fill)
		}
		fmt.Fprintf(&rules, ".%s{%sfill:%s", c.class.name(), c.style.shape(), fill)
		if c.style.stroke.light != "" {
			rules.WriteString(";stroke:" + set("--"+c.class.name()+"-line", c.style.stroke))
		}
		rules.WriteString("}\n")
	}
	return fmt.Sprintf(`.draw{%[1]s}
@media (prefers-color-scheme:dark){.draw{%[2]s}}
.draw.draw-light,.draw-light .draw{%[1]s}
.draw.draw-dark,.draw-dark .draw{%[2]s}
.draw text{font-family:%[3]s}
.draw [data-node]:focus-visible{outline:3px solid var(--%[4]s-line);outline-offset:5px}
%[5]s`, light.String(), dark.String(), family, here.name(), rules.String())
}

// writeSheet writes the styles of those classes that the scene has, for viewers that know
// no custom properties, too.
func writeSheet(b *bytes.Buffer, s *scene) {
	used := make(map[class]bool)
	for _, i := range s.items {
		used[i.class], used[i.over] = true, true
	}
	var light, dark strings.Builder
	for _, c := range styles() {
		if !used[c.class] {
			continue
		}
		fmt.Fprintf(&light, ".%s{%s%s}\n", c.class.name(), c.style.shape(), c.style.colors(false))
		fmt.Fprintf(&dark, ".%s{%s}\n", c.class.name(), c.style.colors(true))
	}
	fmt.Fprintf(b, "<style>\n.draw text{font-family:%s}\n%s@media (prefers-color-scheme:dark){\n%s}\n</style>\n", family, light.String(), dark.String())
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
