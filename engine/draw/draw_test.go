package draw_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/engine/draw"
)

// hostile is a graph of everything at once: names that are markup, every look of a node,
// exits that lead up, back to their own node and to nowhere, parallel exits, a node
// nothing leads to, a rule that does not hold, and edges no run can take.
func hostile() engine.Graph {
	asks := func(id engine.StageID, title string, exits engine.Exits) engine.Stage {
		return engine.Stage{ID: id, Kind: engine.Asks, Title: title, Exits: exits}
	}
	return engine.Graph{
		Flow: `acme"<b>&`, Title: "an <script>alert(1)</script> & more \\ \"quotes\"\nin two lines", Start: "<form>",
		Nodes: engine.Nodes{
			"<form>": {
				Stage: asks("<form>", `"]; <script>`, engine.Exits{
					"ok": {Binds: true, Proves: []engine.Proof{"subject", "first", "a<b"}}, `"quo\ted"`: {Binds: true, Proves: []engine.Proof{"subject", "first", "a<b"}},
					"taken": {Pretends: "ok"}, "wait": {}, "more": {},
				}),
				Next: engine.Next{"ok": "due", `"quo\ted"`: "due", "taken": "pretend", "wait": "waits", "more": "<form>"},
			},
			"due": {
				Stage: engine.Stage{ID: "due", Kind: engine.Decides, Title: "und jetzt, мир, 世界?", Exits: engine.Exits{
					"asks": {}, "skip": {}, "proved": {Needs: []engine.Proof{"terms"}}, "lost": {},
				}},
				Next: engine.Next{"asks": "terms", "skip": "session", "proved": "session", "lost": "nowhere"},
			},
			"terms":   {Stage: asks("terms", "", engine.Exits{"ok": {Proves: []engine.Proof{"terms"}}, "again": {}}), Next: engine.Next{"ok": "session", "again": "due"}},
			"pretend": {Stage: engine.Stage{ID: "pretend", Kind: engine.Asks, Pretending: true, Exits: engine.Exits{"spent": {}}}, Next: engine.Next{"spent": "done"}},
			"waits":   {Stage: engine.Stage{ID: "waits", Kind: engine.Ends, Begins: "acme.rest"}},
			"session": {Stage: engine.Stage{ID: "session", Kind: engine.Ends, Grants: true}, Rules: []engine.Rule{
				{Proof: "subject"}, {Proof: "terms", WaivedBy: []engine.Edge{{Node: "due", Exit: "skip"}}}, {Proof: "second"},
			}},
			"done":   {Stage: engine.Stage{ID: "done", Kind: engine.Ends}},
			"island": {Stage: asks("island", "nothing leads here", engine.Exits{"ok": {}}), Next: engine.Next{"ok": "proved"}},
			"proved": {Stage: engine.Stage{ID: "proved", Kind: engine.Ends}, Rules: []engine.Rule{{Proof: "email"}}},
		},
	}
}

// drawn draws a graph.
func drawn(t *testing.T, f draw.Format, g engine.Graph, o draw.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.Write(&b, f, g, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// element is an element of an SVG.
type element struct {
	name, text string
	attributes map[string]string
}

// elements parses an SVG.
func elements(t *testing.T, svg string) []element {
	t.Helper()
	var out []element
	var open []int
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{name: token.Name.Local, attributes: make(map[string]string)}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			open = append(open, len(out))
			out = append(out, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				out[open[len(open)-1]].text += string(token)
			}
		}
	}
}

// texts are what is written in an SVG.
func texts(t *testing.T, svg string) map[string]int {
	out := make(map[string]int)
	for _, e := range elements(t, svg) {
		if e.name == "text" {
			out[e.text]++
		}
	}
	return out
}

// TestNothingIsMarkup: whatever things are called, an SVG has elements of its own only,
// no script, and the names as they are.
func TestNothingIsMarkup(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{})
	own := map[string]bool{"svg": true, "title": true, "desc": true, "style": true, "g": true, "path": true, "text": true}
	for _, e := range elements(t, svg) {
		if !own[e.name] {
			t.Errorf("there is an element %s", e.name)
		}
		for name := range e.attributes {
			if strings.HasPrefix(name, "on") || name == "href" {
				t.Errorf("%s has the attribute %s", e.name, name)
			}
		}
	}
	got := texts(t, svg)
	for _, want := range []string{
		`acme"<b>&`, "<form>", `"]; <script>`, "a<b", `"quo\ted", ok`, "und jetzt, мир, 世界?",
		"nowhere", "there is no such node", "island", "here again by more", "again", "goes on as acme.rest",
		"waives terms", "needs terms", "pretends ok", "subject", "terms", "second",
	} {
		if got[want] == 0 {
			t.Errorf("%q is not drawn; drawn are %v", want, got)
		}
	}
}

// TestLooks: each kind of node has a class of its own, and so have its badges.
func TestLooks(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{})
	groups := regexp.MustCompile(`(?s)<g data-node="([^"]*)"[^>]*><title>[^<]*</title>(.*?)</g>`).FindAllStringSubmatch(svg, -1)
	class := make(map[string]string)
	for _, g := range groups {
		class[g[1]] = g[2]
	}
	for id, want := range map[string]string{
		"&lt;form&gt;": "asks", "due": "decides", "pretend": "pretends", "session": "grants", "waits": "begins",
		"proved": "demands", "done": "ends", "nowhere": "missing",
	} {
		if !strings.Contains(class[id], `class="draw-`+want+`"`) {
			t.Errorf("%s is not drawn as one that %s:\n%s", id, want, class[id])
		}
	}
	// Nothing proves the second factor; the terms are shown or waived.
	for _, want := range []string{`class="draw-badge-broken"`, `class="draw-badge-demands"`, `class="draw-inner"`} {
		if !strings.Contains(class["session"], want) {
			t.Errorf("session has no %s:\n%s", want, class["session"])
		}
	}
}

// TestDeadEdges: what no run can take is faint, a line all of whose exits are dead is
// dashed, and nothing else is.
func TestDeadEdges(t *testing.T) {
	g := hostile()
	faint := func() (texts []string, dashed int) {
		for _, e := range elements(t, drawn(t, draw.SVGFile, g, draw.Options{})) {
			if e.attributes["opacity"] == "" {
				continue
			}
			if e.name == "text" {
				texts = append(texts, e.text)
			}
			if e.attributes["class"] == "draw-deadline" {
				dashed++
			}
		}
		return texts, dashed
	}
	texts, dashed := faint()
	// The dash is the legend's.
	if strings.Join(texts, " ") != "proved needs terms" || dashed != 1 {
		t.Errorf("faint are %q, and %d dashed lines", texts, dashed)
	}
	g.Nodes["due"].Next["skip"] = "terms"
	if texts, dashed = faint(); strings.Join(texts, " ") != "proved needs terms" || dashed != 2 {
		t.Errorf("alone on its line: faint are %q, and %d dashed lines", texts, dashed)
	}
}

// TestEveryTimeTheSame: the same graph gives the same bytes, in every format.
func TestEveryTimeTheSame(t *testing.T) {
	for _, f := range draw.Formats() {
		first := drawn(t, f, hostile(), draw.Options{})
		for range 5 {
			if got := drawn(t, f, hostile(), draw.Options{}); got != first {
				t.Fatalf("%s differs from itself:\n%s\n%s", f, first, got)
			}
		}
	}
}

// TestAt sets one node off, where it is told to.
func TestAt(t *testing.T) {
	for _, f := range []draw.Format{draw.SVGFile, draw.PNGFile, draw.DotFile, draw.MermaidFile} {
		plain := drawn(t, f, hostile(), draw.Options{})
		if drawn(t, f, hostile(), draw.Options{At: "due"}) == plain {
			t.Errorf("%s: nothing is set off", f)
		}
		if drawn(t, f, hostile(), draw.Options{At: "elsewhere"}) != plain {
			t.Errorf("%s: something is set off for a node that is not there", f)
		}
	}
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{At: "due"})
	if !regexp.MustCompile(`<g data-node="due"[^>]*><title>[^<]*</title>\n<path class="draw-here"`).MatchString(svg) {
		t.Errorf("due is not set off:\n%s", svg)
	}
}

// TestGrounds: an SVG has the colours of both grounds, a PNG those of the one asked for.
func TestGrounds(t *testing.T) {
	svg := drawn(t, draw.SVGFile, hostile(), draw.Options{})
	if !strings.Contains(svg, "@media (prefers-color-scheme:dark){") || drawn(t, draw.SVGFile, hostile(), draw.Options{Dark: true}) != svg {
		t.Error("an SVG does not follow its reader")
	}
	for _, dark := range []bool{false, true} {
		picture, err := png.Decode(strings.NewReader(drawn(t, draw.PNGFile, hostile(), draw.Options{Dark: dark})))
		if err != nil {
			t.Fatal(err)
		}
		width := elements(t, svg)[0].attributes["width"]
		if got := picture.Bounds().Dx(); 2*atoi(t, width) != got {
			t.Errorf("the PNG is %d wide, the SVG %s", got, width)
		}
		if r, _, _, _ := picture.At(picture.Bounds().Dx()/2, 8).RGBA(); (r < 0x8000) != dark {
			t.Errorf("dark %v: the ground is %x", dark, r)
		}
		if r, _, _, a := picture.At(0, 0).RGBA(); a != 0 {
			t.Errorf("the corner is not see-through: %x %x", r, a)
		}
	}
}

// TestPNGHasWords: the badge of a proof has both its colours, so that something is
// written in it.
func TestPNGHasWords(t *testing.T) {
	picture, err := png.Decode(strings.NewReader(drawn(t, draw.PNGFile, hostile(), draw.Options{})))
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[[3]uint32]int)
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			r, g, b, _ := picture.At(x, y).RGBA()
			count[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for name, rgb := range map[string][3]uint32{
		"asks": {0xdd, 0xf4, 0xff}, "decides": {0xff, 0xf8, 0xc5}, "grants": {0xda, 0xfb, 0xe1}, "proves": {0x1a, 0x7f, 0x37},
		"ink": {0x1f, 0x23, 0x28}, "ground": {0xff, 0xff, 0xff}, "line": {0x81, 0x8b, 0x98},
	} {
		if count[rgb] < 100 {
			t.Errorf("%s: %d pixels have its colour", name, count[rgb])
		}
	}
}

// broken is where nothing can be written.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestErrors(t *testing.T) {
	for _, f := range draw.Formats() {
		if err := draw.Write(broken{}, f, hostile(), draw.Options{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", f, err)
		}
		if got, err := draw.ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("%s is %q, %v", f, got, err)
		}
	}
	var b bytes.Buffer
	want := `there is no format "gif"; formats are table, dot, mermaid, svg, png`
	if err := draw.Write(&b, "gif", hostile(), draw.Options{}); err == nil || err.Error() != want || b.Len() > 0 {
		t.Errorf("gif: %v, and %d bytes", err, b.Len())
	}
	if draw.Table.Extension() != ".txt" || draw.MermaidFile.Extension() != ".mmd" || draw.SVGFile.Extension() != ".svg" {
		t.Error("files have other extensions")
	}
}

// TestLeast: graphs that nobody would write are drawn, too.
func TestLeast(t *testing.T) {
	for name, g := range map[string]engine.Graph{
		"empty":    {},
		"no start": {Flow: "f", Nodes: engine.Nodes{"a": {Stage: engine.Stage{Kind: engine.Ends}}}},
		"itself":   {Flow: "f", Start: "a", Nodes: engine.Nodes{"a": {Stage: engine.Stage{Kind: engine.Asks, Exits: engine.Exits{"x": {}}}, Next: engine.Next{"x": "a"}}}},
		"circle": {Flow: "f", Start: "a", Nodes: engine.Nodes{
			"a": {Stage: engine.Stage{Kind: engine.Asks}, Next: engine.Next{"x": "b"}},
			"b": {Stage: engine.Stage{Kind: engine.Decides}, Next: engine.Next{"y": "c"}},
			"c": {Stage: engine.Stage{Kind: engine.Decides}, Next: engine.Next{"z": "a"}},
		}},
		"bytes": {Flow: "\xff\x00", Title: "\x1b[31m", Start: "\x01", Nodes: engine.Nodes{"\x01": {Stage: engine.Stage{Kind: 9}}}},
	} {
		for _, f := range draw.Formats() {
			for _, narrow := range []bool{false, true} {
				if got := drawn(t, f, g, draw.Options{Narrow: narrow}); got == "" {
					t.Errorf("%s: nothing is drawn as %s, narrow %v", name, f, narrow)
				}
			}
		}
		for _, n := range elements(t, drawn(t, draw.SVGFile, g, draw.Options{})) {
			if strings.Contains(n.attributes["d"], "NaN") || strings.Contains(n.attributes["d"], "Inf") {
				t.Errorf("%s: a path is %s", name, n.attributes["d"])
			}
		}
	}
}
