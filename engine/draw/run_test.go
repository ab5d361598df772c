package draw_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/engine/draw"
)

// way is a path through the hostile graph, once back to its own node, with an edge that
// the graph does not have.
func way() []engine.Edge {
	return []engine.Edge{{Node: "<form>", Exit: "more"}, {Node: "<form>", Exit: "ok"}, {Node: "gone", Exit: "ok"}, {Node: "due", Exit: "asks"}}
}

// groupsOf are the groups of an SVG, by the attribute that says what they are about.
func groupsOf(svg, attribute string) map[string]string {
	out := make(map[string]string)
	for _, g := range regexp.MustCompile(`(?s)<g `+attribute+`="([^"]*)"(.*?)</g>`).FindAllStringSubmatch(svg, -1) {
		out[g[1]] = g[2]
	}
	return out
}

// TestPath: what a run took is drawn through and numbered in order, where it stands is
// set off, and everything else steps back.
func TestPath(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{Path: way()})
	steps := regexp.MustCompile(`<text class="draw-step-text"[^>]*>([^<]*)<`)
	nodes := groupsOf(svg, "data-node")
	for id, want := range map[string]string{"&lt;form&gt;": "1, 2", "due": "3", "terms": "4", "session": "", "island": ""} {
		got := ""
		if m := steps.FindStringSubmatch(nodes[id]); m != nil {
			got = m[1]
		}
		if aside := strings.Contains(nodes[id], " draw-aside-box"); got != want || aside != (want == "") {
			t.Errorf("%s has the steps %q, want %q; aside: %v", id, got, want, aside)
		}
		if here := strings.Contains(nodes[id], "draw-here"); here != (id == "terms") {
			t.Errorf("%s: the run is here: %v", id, here)
		}
	}
	var came []string
	for about, g := range groupsOf(svg, "data-edge") {
		took, aside := strings.Contains(g, `class="draw-line draw-took-line"`), strings.Contains(g, "draw-aside-line")
		if took == aside {
			t.Errorf("%s is both taken and aside, or neither:\n%s", about, g)
		}
		if took {
			came = append(came, about)
		}
	}
	slices.Sort(came)
	if want := []string{"&lt;form&gt;:&#34;quo\\ted&#34; &lt;form&gt;:ok", "due:asks"}; !slices.Equal(came, want) {
		t.Errorf("drawn through are %q, want %q", came, want)
	}
	// Of two exits on a line the one that was taken is set off.
	for text, want := range map[string]string{`>&#34;quo\ted&#34;,<`: "draw-exit draw-aside-text", ">ok<": "draw-exit draw-took-text"} {
		if !regexp.MustCompile(`<text class="` + want + `"[^>]*` + regexp.QuoteMeta(text)).MatchString(svg) {
			t.Errorf("%s is not written as %s", text, want)
		}
	}
	for _, says := range []string{"the run came this way", "the run is here"} {
		if texts(t, svg)[says] != 1 {
			t.Errorf("the legend does not say %q", says)
		}
	}
	if l := laidOut(t, svg); len(l.faults()) > 0 {
		t.Errorf("things overlap: %q", l.faults())
	}
}

// TestPathEverywhere: other formats show the path, too, and none shows one that is of
// another graph, or none.
func TestPathEverywhere(t *testing.T) {
	for f, want := range map[draw.Format]string{
		draw.DotFile:     `"due" -> "terms" [label="asks", penwidth=3, color="#bf3989"]`,
		draw.MermaidFile: "linkStyle 0,1,4 stroke:#bf3989,stroke-width:3px\n",
		draw.SVGFile:     "draw-took-line",
		draw.PNGFile:     "",
	} {
		plain, shown := drawn(t, f, hostile(), draw.Options{}), drawn(t, f, hostile(), draw.Options{Path: way()})
		if shown == plain || !strings.Contains(shown, want) {
			t.Errorf("%s: %q is not there:\n%s", f, want, shown)
		}
		if drawn(t, f, hostile(), draw.Options{Path: []engine.Edge{{Node: "gone", Exit: "ok"}, {Node: "due", Exit: "gone"}}}) != plain {
			t.Errorf("%s: a path of another graph is shown", f)
		}
	}
	if a, b := drawn(t, draw.SVGFile, hostile(), draw.Options{Path: way(), At: "due"}), drawn(t, draw.SVGFile, hostile(), draw.Options{Path: way()}); a == b {
		t.Error("At does not go before the end of the path")
	}
}

// TestNodesSayWhatTheyAre: each node can be focused, and says its name, what it is and
// its note, on hover and to screen readers; each line names its edges.
func TestNodesSayWhatTheyAre(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{Path: way(), Notes: map[engine.NodeID]string{"due": "left by asks: <b>why</b>\nand \"so\"\n"}})
	const want = "due\ndecides at once: und jetzt, мир, 世界?\nstep 3 of the run\nleft by asks: <b>why</b>\nand \"so\""
	var said []string
	all := elements(t, svg)
	for i, e := range all {
		if e.name == "g" && e.attributes["data-node"] != "" {
			said = append(said, all[i+1].text)
			if all[i+1].name != "title" || e.attributes["tabindex"] != "0" || e.attributes["role"] != "img" ||
				e.attributes["aria-label"] != strings.TrimSpace(strings.ReplaceAll(all[i+1].text, "\n", "; ")) {
				t.Errorf("a node is %v, %v", e, all[i+1])
			}
		}
	}
	if len(said) != 10 || !slices.Contains(said, want) {
		t.Errorf("nodes say %q; one should say %q", said, want)
	}
	var edges []string
	for _, e := range all {
		if e.attributes["data-edge"] != "" {
			edges = append(edges, e.attributes["data-edge"])
		}
	}
	for _, want := range []string{"due:proved due:skip", "terms:again", "island:ok", "due:lost"} {
		if !slices.Contains(edges, want) {
			t.Errorf("no line has the edges %q; lines have %q", want, edges)
		}
	}
	if all[0].attributes["role"] != "group" {
		t.Errorf("the picture is %v: its nodes are hidden from screen readers", all[0])
	}
}

// TestBare: a picture for a page that has it inline has no style of its own, and the
// sheet styles every class that it has, on both grounds.
func TestBare(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{Bare: true, Path: way()})
	sheet := draw.Stylesheet()
	for _, e := range elements(t, svg) {
		if e.name == "style" || e.attributes["style"] != "" || e.attributes["id"] != "" {
			t.Errorf("%s has %v", e.name, e.attributes)
		}
		for class := range strings.FieldsSeq(e.attributes["class"]) {
			if !strings.Contains(sheet, "."+class+"{") {
				t.Errorf("the sheet does not style .%s", class)
			}
		}
	}
	for _, m := range regexp.MustCompile(`var\((--[\w-]+)\)`).FindAllStringSubmatch(sheet, -1) {
		// By default and on dark ground, and once more for those who choose.
		if n := strings.Count(sheet, m[1]+":#"); n != 4 {
			t.Errorf("%s is set %d times", m[1], n)
		}
	}
	for _, want := range []string{"@media (prefers-color-scheme:dark){.draw{", ".draw-dark .draw{", ".draw-light .draw{", ":focus-visible{"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet has no %s", want)
		}
	}
}
