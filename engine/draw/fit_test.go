package draw_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"stagedoor/engine/draw"
)

// TestTextsFit: a text has the width that there is room for in its badge or node, so that
// no font makes it cover anything; only one with letters that cannot be measured has none.
func TestTextsFit(t *testing.T) {
	for _, o := range []draw.Options{{Path: way()}, {Narrow: true}} {
		textsFit(t, drawn(t, draw.SVGFile, hostile(), o))
	}
}

// textsFit looks at one picture.
func textsFit(t *testing.T, svg string) {
	t.Helper()
	var last, node box
	bent := 0
	for _, e := range elements(t, svg) {
		class, _, _ := strings.Cut(strings.TrimPrefix(e.attributes["class"], "draw-"), " ")
		switch {
		case e.name == "path":
			if last = boxOf(e); slices.Contains(looks, class) {
				node = last
			}
			continue
		case e.name != "text":
			continue
		case e.attributes["textLength"] == "":
			if !strings.ContainsAny(e.text, "世界") {
				t.Errorf("%q has the width of any font", e.text)
			}
			continue
		case e.attributes["lengthAdjust"] != "spacingAndGlyphs":
			t.Errorf("%q keeps the width of its letters", e.text)
		}
		bent++
		x, wide := atof(t, e.attributes["x"]), atof(t, e.attributes["textLength"])
		if e.attributes["text-anchor"] == "middle" {
			x -= wide / 2
		}
		room := node
		switch {
		case strings.HasSuffix(class, "-text"):
			room = last
		case class != "name" && class != "words":
			continue
		}
		if x < room.left+3 || x+wide > room.right-3 {
			t.Errorf("%q reaches from %v to %v; there is room from %v to %v", e.text, x, x+wide, room.left, room.right)
		}
	}
	if bent < 40 {
		t.Errorf("%d texts were measured", bent)
	}
}

// boxOf is the box of a path element.
func boxOf(e element) box { return around(e.attributes["class"], e.attributes["d"]) }

// TestTextsCanBeRead: nothing is written smaller than what people read without a glass.
func TestTextsCanBeRead(t *testing.T) {
	sizes := regexp.MustCompile(`font-size:(\d+)px`).FindAllStringSubmatch(draw.Stylesheet(), -1)
	for _, m := range sizes {
		if atoi(t, m[1]) < 12 {
			t.Errorf("a text has %s pixels", m[1])
		}
	}
	if len(sizes) < 10 {
		t.Errorf("%d sizes are declared", len(sizes))
	}
}
