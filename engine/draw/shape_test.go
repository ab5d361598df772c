package draw

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"pgregory.net/rapid"

	"stagedoor/engine"
)

// area is that of a polygon, positive where it runs clockwise on a screen.
func area(polygon []point) float64 {
	var sum float64
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		sum += a.x*b.y - b.x*a.y
	}
	return sum / 2
}

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		name string
		path path
		area float64
	}{
		{"rectangle", roundRect(3, 4, 100, 50, 0), 5000},
		{"round rectangle", roundRect(3, 4, 100, 50, 10), 5000 - (4-math.Pi)*100},
		{"circle", roundRect(0, 0, 20, 20, 99), math.Pi * 100},
		{"hexagon", hexagon(0, 0, 100, 40, 10), 4000 - 4*100},
		{"arrow", arrow(point{5, 5}, down), 9 * 4.5},
	} {
		polygons := c.path.flat()
		if len(polygons) != 1 {
			t.Fatalf("%s has %d polygons", c.name, len(polygons))
		}
		if got := math.Abs(area(polygons[0])); !near(got, c.area, c.area/100) {
			t.Errorf("%s has an area of %v, want %v", c.name, got, c.area)
		}
	}
}

// TestArrowsPoint: the point of an arrow is where it leads, the rest on the side it
// comes from.
func TestArrowsPoint(t *testing.T) {
	to := point{50, 60}
	for direction, behind := range map[int]point{down: {50, 51}, upward: {50, 69}, leftward: {59, 60}, rightward: {41, 60}} {
		p := arrow(to, direction)
		if p[0].pts[2] != to {
			t.Errorf("%d: the point is at %v", direction, p[0].pts[2])
		}
		a, b := p[1].pts[2], p[2].pts[2]
		if middle := (point{(a.x + b.x) / 2, (a.y + b.y) / 2}); middle != behind {
			t.Errorf("%d: its back is at %v, want %v", direction, middle, behind)
		}
	}
}

func TestElbows(t *testing.T) {
	for _, c := range []struct {
		name, want string
		way        []point
	}{
		{"straight", "M5 0L5 40", []point{{5, 0}, {5, 40}}},
		{"no corners", "M5 0L5 40", []point{{5, 0}, {5, 10}, {5, 10}, {5, 40}}},
		{"one corner", "M0 0L31 0C35.97 0 40 4.03 40 9L40 40", []point{{0, 0}, {40, 0}, {40, 40}}},
		{"near corners", "M0 0L0 2C0 3.1 0.9 4 2 4L2 4C3.1 4 4 4.9 4 6L4 8", []point{{0, 0}, {0, 4}, {4, 4}, {4, 8}}},
	} {
		if got := elbows(c.way...).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestOutlines: a pen covers what is as long as the path and as wide as it is; all of it
// runs the same way round, so that no part takes another away.
func TestOutlines(t *testing.T) {
	line := path{}.move(point{0, 0}).line(point{100, 0})
	for _, c := range []struct {
		name  string
		style style
		want  float64
	}{
		{"a line", style{width: 20}, 200},
		{"a thin line", style{width: 5}, 50},
		{"no line", style{}, 0},
		// Of each 7 pixels 4 are drawn: 14 dashes and what is left of a fifteenth.
		{"a broken line", style{width: 10, dashed: true}, 14*4 + 2},
	} {
		var sum float64
		for _, polygon := range line.outlines(c.style) {
			a := area(polygon)
			if a <= 0 {
				t.Errorf("%s: a part runs the other way round", c.name)
			}
			sum += a
		}
		if !near(sum, c.want, 0.01) {
			t.Errorf("%s covers %v, want %v", c.name, sum, c.want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		coordinate := rapid.Float64Range(-50, 50)
		p := path{}.move(point{coordinate.Draw(r, "x"), coordinate.Draw(r, "y")})
		for range rapid.IntRange(1, 5).Draw(r, "points") {
			p = p.line(point{coordinate.Draw(r, "x"), coordinate.Draw(r, "y")})
		}
		for _, polygon := range p.outlines(style{width: 15, dashed: rapid.Bool().Draw(r, "dashed")}) {
			if area(polygon) < 0 {
				r.Error("a part runs the other way round")
			}
		}
	})
}

// TestDashes: dashes and what is between them are as long as the line together, round
// corners as well.
func TestDashes(t *testing.T) {
	length := func(line []point) float64 {
		var sum float64
		for i := 1; i < len(line); i++ {
			sum += math.Hypot(line[i].x-line[i-1].x, line[i].y-line[i-1].y)
		}
		return sum
	}
	for _, line := range [][]point{
		{{0, 0}, {3, 0}}, {{0, 0}, {4, 0}}, {{0, 0}, {5, 0}, {5, 5}}, {{0, 0}, {1, 0}, {2, 0}, {3, 1}, {30, 40}},
	} {
		whole, drawn := length(line), 0.0
		pieces := dashes(line)
		for i, d := range pieces {
			l := length(d)
			drawn += l
			if i < len(pieces)-1 && !near(l, dashLong, 1e-9) || l > dashLong+1e-9 {
				t.Errorf("%v: a dash is %v long", line, l)
			}
		}
		rest := math.Mod(whole, dashLong+dashApart)
		if want := math.Floor(whole/(dashLong+dashApart))*dashLong + min(rest, dashLong); !near(drawn, want, 1e-9) {
			t.Errorf("%v: %v are drawn, want %v", line, drawn, want)
		}
	}
}

// TestTextWidth holds widths against those of the fonts as they are drawn.
func TestTextWidth(t *testing.T) {
	for _, s := range []style{{size: 11}, {size: 13}, {size: 20, bold: true}} {
		file := goregular.TTF
		if s.bold {
			file = gobold.TTF
		}
		f, err := opentype.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(s.size), DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"", "i", "password_form", "a code besides the first factor", "мир", "Ünïcödé"} {
			if got, want := textWidth(text, s), font.MeasureString(face, text).Ceil(); got < want-1 || got > want+1+utf8.RuneCountInString(text)/8 {
				t.Errorf("%q is %d wide in %+v, want %d", text, got, s, want)
			}
		}
		if got := textWidth("世界", s); got != 2*s.size {
			t.Errorf("what the font lacks is %d wide, want %d", got, 2*s.size)
		}
	}
	if textWidth("password", style{size: 13, bold: true}) <= textWidth("password", style{size: 13}) {
		t.Error("bold text is no wider")
	}
}

// TestWrap: no word is lost, lines are as few as they can be and much the same.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zé]{1,12}`), 0, 14).Draw(r, "words")
		text := strings.Join(words, " ")
		lines := wrap(text)
		if strings.Join(lines, " ") != text {
			r.Fatalf("%q became %q", text, lines)
		}
		if greedy := fill(text, 32); len(lines) != len(greedy) {
			r.Errorf("%q takes %d lines, and %d would do", text, len(lines), len(greedy))
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > 32 {
				r.Errorf("%q is long", l)
			}
		}
	})
	if got := wrap("can the browser be trusted from now on?"); !slices.Equal(got, []string{"can the browser be", "trusted from now on?"}) {
		t.Errorf("got %q", got)
	}
	if got := wrap(strings.Repeat("x", 80)); len(got) != 1 {
		t.Errorf("a long word became %d lines", len(got))
	}
}

func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"": `""`, "  ": `""`, "ok": "ok", "a\nb": "a b", "\x00": `""`, "a\x1b[0m": "a [0m", "\xff": "\ufffd", "a\ufffeb": "a b",
	} {
		if in == "\x00" {
			// A name of what cannot be seen is no name, but it is one that differs from none.
			want = " "
		}
		if got := shown(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// TestRows: exits that mean the same share a row while there is room, and others never.
func TestRows(t *testing.T) {
	email := []badge{{waives, "email"}}
	var rows []row
	for _, r := range []row{
		{exits: []string{"off"}, badges: email}, {exits: []string{"proved"}, badges: []badge{{needs, "email"}}},
		{exits: []string{"optional"}, badges: email}, {exits: []string{"faint"}, badges: email, dead: true},
		{exits: []string{"verified"}, badges: email}, {exits: []string{"and_another"}, badges: email},
	} {
		rows = addRow(rows, r)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.plain())
	}
	want := []string{
		"off, optional, verified (waives email)", "proved (needs email)", "faint (waives email)", "and_another (waives email)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := says([]badge{{proves, "first"}, {proves, "second"}, {needs, "code"}, {broken, "email"}}); got != "proves first, second; needs code; demands in vain email" {
		t.Errorf("badges say %q", got)
	}
}

// TestBadges: what binds the subject shows it, and nothing is shown twice.
func TestBadges(t *testing.T) {
	got := says(badgesOf(engine.ExitSpec{
		Binds: true, Proves: []engine.Proof{"first", "subject"}, Needs: []engine.Proof{"code"}, Pretends: "known",
	}, []engine.Proof{"email"}))
	if want := "proves subject, first; needs code; waives email; pretends known"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStyles: every class is declared once, with both colours of what it has, in the
// form that both encoders read.
func TestStyles(t *testing.T) {
	seen := make(map[class]bool)
	for _, s := range styles() {
		if seen[s.class] {
			t.Errorf("%s is declared twice", s.class)
		}
		seen[s.class] = true
		for _, c := range []color{s.style.fill, s.style.stroke} {
			if (c.light == "") != (c.dark == "") || c.light != "" && (len(c.light) != 7 || len(c.dark) != 7) {
				t.Errorf("%s has the colours %+v", s.class, c)
			}
		}
		if s.style.size == 0 && !strings.HasPrefix(string(s.class), "aside-") && s.style.stroke.light != "" && s.style.width == 0 {
			t.Errorf("%s has a stroke of no width", s.class)
		}
	}
	for _, k := range []badgeKind{proves, needs, waives, pretends, demands, broken} {
		if !seen[classOf(k)] || !seen[textOf(k)] {
			t.Errorf("badges that %s have no style", k)
		}
	}
	for _, l := range []look{lookAsks, lookPretends, lookDecides, lookGrants, lookDemands, lookBegins, lookEnds, lookMissing} {
		if !seen[class(l)] {
			t.Errorf("nodes that %s have no style", l)
		}
	}
	if (styleOf("nothing") != style{}) {
		t.Error("a class that is none has a style")
	}
}

// TestLegend explains the signs that a picture has and no others, inside of it.
func TestLegend(t *testing.T) {
	said := func(g engine.Graph) string {
		p := measured(g)
		p.arrange()
		d := &painter{scene: &scene{}, picture: p}
		entries := d.legend()
		var out []string
		height := flowLegend(entries, margin, minWidth, func(e entry, x, y int) {
			if x < margin || x+e.width() > minWidth-margin {
				t.Errorf("%q stands at %d", e.says, x)
			}
			out = append(out, e.says)
		})
		if height != legendHeight(entries, margin, minWidth) || height%legendRow != 0 {
			t.Errorf("it is %d high", height)
		}
		return strings.Join(out, "; ")
	}
	if got := said(sketch("a>b")); got != "asks the client; ends, grants nothing" {
		t.Errorf("of two nodes it says %q", got)
	}
	g := sketch("a>b", "b>c")
	c := g.Nodes["c"]
	c.Rules = []engine.Rule{{Proof: "email"}}
	g.Nodes["c"] = c
	if got := said(g); got != "asks the client; ends, if proved; demanded, and there is a way around" {
		t.Errorf("of a rule that fails it says %q", got)
	}
}
