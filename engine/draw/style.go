package draw

import "strings"

// color is a colour on light and on dark ground, as #rrggbb; empty where there is none.
type color struct{ light, dark string }

// on returns the colour for a ground.
func (c color) on(dark bool) string {
	if dark {
		return c.dark
	}
	return c.light
}

// style is how paths and texts of one class look.
type style struct {
	fill, stroke color
	// width is the stroke's, in tenths of a pixel; dashed breaks it.
	width  int
	dashed bool
	// size is of texts, in pixels.
	size int
	bold bool
}

// class names a style.
type class string

// The classes that are not looks of nodes or kinds of badges.
const (
	ground   class = "ground"
	title    class = "title"
	subtitle class = "subtitle"
	small    class = "small"
	name     class = "name"
	words    class = "words"
	exit     class = "exit"
	line     class = "line"
	deadLine class = "deadline"
	head     class = "head"
	inner    class = "inner"
	here     class = "here"
	rule     class = "rule"
	step     class = "step"
	stepText class = "step-text"
)

// The classes that say where a run came by, and what lies aside of its path. They are
// over other classes.
const (
	tookLine  class = "took-line"
	tookHead  class = "took-head"
	tookText  class = "took-text"
	asideBox  class = "aside-box"
	asideLine class = "aside-line"
	asideHead class = "aside-head"
	asideText class = "aside-text"
)

// classOf is the class of badges of some kind, textOf that of the text in them.
func classOf(k badgeKind) class {
	verb, vain, _ := strings.Cut(string(k), " ")
	if vain != "" {
		verb = "broken"
	}
	return class("badge-" + verb)
}

func textOf(k badgeKind) class { return classOf(k) + "-text" }

// The colours that several styles share.
func ink() color    { return color{"#1f2328", "#e6edf3"} }
func faded() color  { return color{"#59636e", "#9198a1"} }
func paper() color  { return color{"#ffffff", "#0d1117"} }
func stroke() color { return color{"#818b98", "#6e7681"} }
func green() color  { return color{"#1a7f37", "#3fb950"} }
func red() color    { return color{"#cf222e", "#f85149"} }
func amber() color  { return color{"#9a6700", "#d29922"} }
func pink() color   { return color{"#bf3989", "#f778ba"} }
func dim() color    { return color{"#d1d9e0", "#3d444d"} }

// styled is a class with its style.
type styled struct {
	class class
	style style
}

// styles are all classes, in the order in which an SVG declares them.
func styles() []styled {
	box := func(l look, fill, line color) styled {
		return styled{class(l), style{fill: fill, stroke: line, width: 15}}
	}
	text := func(c class, size int, bold bool, fill color) styled {
		return styled{c, style{fill: fill, size: size, bold: bold}}
	}
	pretending := box(lookPretends, color{"#f6f8fa", "#161b22"}, color{"#0969da", "#58a6ff"})
	pretending.style.dashed = true
	waiving := styled{classOf(waives), style{fill: paper(), stroke: amber(), width: 10, dashed: true}}
	return []styled{
		{ground, style{fill: paper(), stroke: dim(), width: 10}},
		box(lookAsks, color{"#ddf4ff", "#0c2d51"}, color{"#0969da", "#58a6ff"}),
		pretending,
		box(lookDecides, color{"#fff8c5", "#3a2c06"}, color{"#bf8700", "#d29922"}),
		box(lookGrants, color{"#dafbe1", "#0d3a1d"}, green()),
		box(lookDemands, paper(), green()),
		box(lookBegins, color{"#fbefff", "#2c1a4a"}, color{"#8250df", "#ab7df8"}),
		box(lookEnds, color{"#f6f8fa", "#21262d"}, stroke()),
		box(lookMissing, color{"#ffebe9", "#4a1216"}, red()),
		{inner, style{stroke: green(), width: 10}},
		{here, style{fill: color{"#ffeff7", "#42172e"}, stroke: pink(), width: 35}},
		{rule, style{stroke: dim(), width: 10}},
		{line, style{stroke: stroke(), width: 15}},
		{deadLine, style{stroke: stroke(), width: 15, dashed: true}},
		{head, style{fill: stroke()}},
		{classOf(proves), style{fill: color{"#1a7f37", "#238636"}}},
		{classOf(needs), style{fill: paper(), stroke: stroke(), width: 10}},
		waiving,
		{classOf(pretends), style{fill: paper(), stroke: color{"#0969da", "#58a6ff"}, width: 10, dashed: true}},
		{classOf(demands), style{fill: paper(), stroke: green(), width: 10}},
		{classOf(broken), style{fill: color{"#cf222e", "#da3633"}}},
		text(title, 20, true, ink()),
		text(subtitle, 14, false, faded()),
		text(small, 12, false, faded()),
		text(name, 14, true, ink()),
		text(words, 12, false, faded()),
		text(exit, 13, false, ink()),
		text(textOf(proves), 12, false, color{"#ffffff", "#ffffff"}),
		text(textOf(needs), 12, false, faded()),
		text(textOf(waives), 12, false, amber()),
		text(textOf(pretends), 12, false, color{"#0969da", "#58a6ff"}),
		text(textOf(demands), 12, false, green()),
		text(textOf(broken), 12, false, color{"#ffffff", "#ffffff"}),
		{step, style{fill: color{"#bf3989", "#db61a2"}}},
		text(stepText, 12, true, color{"#ffffff", "#0d1117"}),
		{tookLine, style{stroke: pink(), width: 30}},
		{tookHead, style{fill: pink()}},
		{tookText, style{fill: pink()}},
		{asideBox, style{fill: paper(), stroke: dim()}},
		{asideLine, style{stroke: dim()}},
		{asideHead, style{fill: dim()}},
		{asideText, style{fill: faded()}},
	}
}

// styleOf returns the style of a class.
func styleOf(c class) style {
	for _, s := range styles() {
		if s.class == c {
			return s.style
		}
	}
	return style{}
}
