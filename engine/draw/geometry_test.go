package draw_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/engine/draw"
)

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func atof(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// box is what something covers.
type box struct {
	what                     string
	left, top, right, bottom float64
}

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

var coordinates = regexp.MustCompile(`-?[\d.]+ -?[\d.]+`)

// around is the box of a path's points.
func around(what, d string) box {
	var xs, ys []float64
	for _, pair := range coordinates.FindAllString(d, -1) {
		var x, y float64
		if _, err := fmt.Sscanf(pair, "%f %f", &x, &y); err != nil {
			panic(err)
		}
		xs, ys = append(xs, x), append(ys, y)
	}
	return box{what, slices.Min(xs), slices.Min(ys), slices.Max(xs), slices.Max(ys)}
}

// lines are the straight pieces of a path, as boxes.
func lines(what, d string) []box {
	pairs := coordinates.FindAllString(d, -1)
	var out []box
	for i := 1; i < len(pairs); i++ {
		out = append(out, around(what, pairs[i-1]+" "+pairs[i]))
	}
	// The points of a curve stand in threes, which are near enough to the corner.
	for i := range out {
		pair := strings.SplitN(pairs[i]+" "+pairs[i+1], " ", 4)
		out[i] = around(what, pair[0]+" "+pair[1]+" "+pair[2]+" "+pair[3])
	}
	return out
}

// layout is where the parts of an SVG are.
type layout struct {
	nodes, badges, texts []box
	lines                [][]box
	whole                box
}

var looks = []string{"asks", "pretends", "decides", "grants", "demands", "begins", "ends", "missing"}

// laidOut reads an SVG: the outlines of nodes, the badges and first words of labels, and
// the lines.
func laidOut(t *testing.T, svg string) layout {
	t.Helper()
	var out layout
	svg, _, _ = strings.Cut(svg, `<path class="draw-rule"`)
	size := regexp.MustCompile(`width="(\d+)" height="(\d+)"`).FindStringSubmatch(svg)
	out.whole = box{"all", 0, 0, float64(atoi(t, size[1])), float64(atoi(t, size[2]))}
	for group := range strings.SplitSeq(svg, "<g ") {
		kind, _, _ := strings.Cut(group, "=")
		about, _, _ := strings.Cut(strings.TrimPrefix(group, kind+`="`), `"`)
		for _, m := range regexp.MustCompile(`<path class="draw-([\w-]+)[^"]*"(?: opacity="[\d.]+")? d="([^"]*)"`).FindAllStringSubmatch(group, -1) {
			switch class := m[1]; {
			case kind == "data-node" && slices.Contains(looks, class):
				out.nodes = append(out.nodes, around(about, m[2]))
			case kind == "data-edge" && strings.HasPrefix(class, "badge-"):
				out.badges = append(out.badges, around(about, m[2]))
			case kind == "data-edge" && (class == "line" || class == "deadline"):
				out.lines = append(out.lines, lines(about, m[2]))
			}
		}
		for _, m := range regexp.MustCompile(`<text class="draw-exit[^"]*"[^>]* x="([\d.-]+)" y="([\d.-]+)"(?: textLength="([\d.]+)")?[^>]*>([^<]*)<`).FindAllStringSubmatch(group, -1) {
			if kind == "data-edge" {
				x, y := float64(atoi(t, m[1])), float64(atoi(t, m[2]))
				// Five pixels to a character are less than most texts take that keep their own width.
				width := 5 * float64(len(html.UnescapeString(m[4])))
				if m[3] != "" {
					width = atof(t, m[3])
				}
				out.texts = append(out.texts, box{about + " " + m[4], x, y - 10, x + width, y + 2})
			}
		}
	}
	return out
}

// faults lists what overlaps and should not, and what lies outside.
func (l layout) faults() []string {
	var out []string
	solid := slices.Concat(l.nodes, l.badges, l.texts)
	for i, a := range solid {
		if a.left < 1 || a.top < 1 || a.right > l.whole.right-1 || a.bottom > l.whole.bottom-1 {
			out = append(out, fmt.Sprintf("%v lies outside of %v", a, l.whole))
		}
		for _, b := range solid[:i] {
			if a.meets(b) {
				out = append(out, fmt.Sprintf("%v covers %v", a, b))
			}
		}
	}
	for _, link := range l.lines {
		for _, piece := range link {
			for _, b := range solid {
				// The sides of a hexagon slant: a line may end inside of its box, near its edge.
				inner := box{b.what, b.left + 8, b.top + 1, b.right - 8, b.bottom - 1}
				// A line is a box without a width.
				thin := box{piece.what, piece.left - 0.1, piece.top - 0.1, piece.right + 0.1, piece.bottom + 0.1}
				if thin.meets(inner) {
					out = append(out, fmt.Sprintf("the line %v runs through %v", piece, b))
				}
			}
		}
	}
	return out
}

// TestNothingOverlaps of the graph that has everything.
func TestNothingOverlaps(t *testing.T) {
	l := laidOut(t, drawn(t, draw.SVGFile, hostile(), draw.Options{}))
	if len(l.nodes) != 10 || len(l.lines) != 10 {
		t.Errorf("%d nodes and %d lines are drawn", len(l.nodes), len(l.lines))
	}
	narrow := laidOut(t, drawn(t, draw.SVGFile, hostile(), draw.Options{Narrow: true}))
	if len(narrow.nodes) != 10 || len(narrow.badges) != len(l.badges) {
		t.Errorf("%d nodes and %d badges are drawn narrow", len(narrow.nodes), len(narrow.badges))
	}
	for _, fault := range append(l.faults(), narrow.faults()...) {
		t.Error(fault)
	}
}

// TestOverlapsAreSeen: the test above would notice.
func TestOverlapsAreSeen(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{})
	for name, change := range map[string]func(layout) layout{
		"node on node":      func(l layout) layout { l.nodes[1] = l.nodes[0]; return l },
		"badge on text":     func(l layout) layout { l.badges[0] = l.texts[0]; return l },
		"line through node": func(l layout) layout { l.lines[0] = append(l.lines[0], l.nodes[3]); return l },
		"line through text": func(l layout) layout { l.lines[0] = append(l.lines[0], l.texts[3]); return l },
		"outside":           func(l layout) layout { l.texts[0].left = -5; return l },
	} {
		if len(change(laidOut(t, svg)).faults()) == 0 {
			t.Errorf("%s passes", name)
		}
	}
}

// TestNothingOverlapsAnywhere draws graphs of every form: whatever leads where, no node,
// label or badge covers another, no line runs through any, and all of it is inside.
func TestNothingOverlapsAnywhere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := laidOut(t, drawn(t, draw.SVGFile, anyGraph(r), draw.Options{Narrow: rapid.Bool().Draw(r, "narrow")}))
		if faults := l.faults(); len(faults) > 0 {
			r.Fatal(strings.Join(faults, "\n"))
		}
	})
}

// anyGraph makes up a graph, faults and all.
func anyGraph(r *rapid.T) engine.Graph {
	count := rapid.IntRange(1, 9).Draw(r, "nodes")
	id := func(i int) engine.NodeID { return engine.NodeID("node_" + strconv.Itoa(i)) }
	g := engine.Graph{Flow: "any", Start: id(0), Nodes: make(engine.Nodes)}
	words := rapid.SampledFrom([]string{"", "a title", "a title that is so long that it has to be broken into lines"})
	for i := range count {
		kind := rapid.SampledFrom([]engine.Kind{engine.Asks, engine.Decides, engine.Ends}).Draw(r, "kind")
		n := engine.Node{Stage: engine.Stage{ID: engine.StageID(id(i)), Kind: kind, Title: words.Draw(r, "title"), Exits: engine.Exits{}}, Next: engine.Next{}}
		if kind == engine.Ends {
			n.Stage.Grants = rapid.Bool().Draw(r, "grants")
		}
		for range rapid.IntRange(0, 4).Draw(r, "exits") {
			exit := engine.Exit(rapid.SampledFrom([]string{"ok", "no", "not_required", "unreachable", "trusted"}).Draw(r, "exit"))
			n.Stage.Exits[exit] = engine.ExitSpec{Proves: rapid.SliceOfNDistinct(rapid.SampledFrom([]engine.Proof{"first", "second", "email"}), 0, 3, rapid.ID).Draw(r, "proves")}
			n.Next[exit] = id(rapid.IntRange(0, count).Draw(r, "to"))
		}
		g.Nodes[id(i)] = n
	}
	return g
}
