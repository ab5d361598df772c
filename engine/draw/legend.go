package draw

import "slices"

// entry explains one sign of a picture.
type entry struct {
	look  look
	badge badge
	// dead explains faint lines.
	dead bool
	// took explains the path of a run, here where it stands.
	took, here bool
	says       string
}

// Sizes of the legend, in pixels.
const (
	iconWidth   = 30
	iconHeight  = 16
	legendRow   = 26
	legendApart = 22
)

// icon is the width of what is explained.
func (e entry) icon() int {
	if e.badge.of != "" {
		return badgeWidth(e.badge)
	}
	return iconWidth
}

func (e entry) width() int { return e.icon() + 8 + textWidth(e.says, styleOf(small)) }

// legend explains the signs that the picture has.
func (d *painter) legend() []entry {
	var looks []look
	var kinds []badgeKind
	dead := false
	for _, n := range d.picture.nodes {
		looks = append(looks, n.look)
		for _, b := range n.badges {
			kinds = append(kinds, b.kind)
		}
		for _, r := range n.self {
			dead, kinds = dead || r.dead, append(kinds, r.kinds()...)
		}
	}
	for _, k := range d.picture.links {
		for _, r := range k.rows {
			dead, kinds = dead || r.dead, append(kinds, r.kinds()...)
		}
	}
	var out []entry
	for _, e := range []entry{
		entryOf(lookAsks), entryOf(lookPretends), entryOf(lookDecides), entryOf(lookGrants),
		entryOf(lookDemands), entryOf(lookBegins), entryOf(lookEnds), entryOf(lookMissing),
		{badge: badge{proves, "proof"}, says: "the exit proves it"},
		{badge: badge{waives, "proof"}, says: "lets pass without it"},
		{badge: badge{needs, "proof"}, says: "refused without it"},
		{badge: badge{pretends, "exit"}, says: "looks like it"},
		{badge: badge{demands, "proof"}, says: "demanded at the end"},
		{badge: badge{broken, "proof"}, says: "demanded, and there is a way around"},
		{dead: true, says: "no run takes it"},
	} {
		if slices.Contains(looks, e.look) || slices.Contains(kinds, e.badge.kind) || e.dead && dead {
			out = append(out, e)
		}
	}
	if len(d.run.path) > 0 {
		out = append(out, entry{took: true, says: "the run came this way"})
	}
	if slices.ContainsFunc(d.picture.nodes, func(n *node) bool { return n.id == d.run.at && n.id != "" }) {
		out = append(out, entry{here: true, says: "the run is here"})
	}
	return out
}

// entryOf explains a look.
func entryOf(l look) entry { return entry{look: l, says: l.says()} }

// says is what nodes of the look do.
func (l look) says() string {
	switch l {
	case lookAsks:
		return "asks the client"
	case lookPretends:
		return "pretends to ask"
	case lookDecides:
		return "decides at once"
	case lookGrants:
		return "grants a session"
	case lookDemands:
		return "ends, if proved"
	case lookBegins:
		return "goes on elsewhere"
	case lookEnds:
		return "ends, grants nothing"
	}
	return "is not there"
}

// kinds are the kinds of a row's badges.
func (r row) kinds() []badgeKind {
	var out []badgeKind
	for _, b := range r.badges {
		out = append(out, b.kind)
	}
	return out
}

// flowLegend flows entries between margins. It calls yield with the place of each entry, and returns the height of all.
func flowLegend(entries []entry, margin, width int, yield func(e entry, x, y int)) int {
	x, y := margin, 0
	for _, e := range entries {
		if x > margin && x+e.width() > width-margin {
			x, y = margin, y+legendRow
		}
		yield(e, x, y)
		x += e.width() + legendApart
	}
	return y + legendRow
}

func legendHeight(entries []entry, margin, width int) int {
	return flowLegend(entries, margin, width, func(entry, int, int) {})
}

// drawLegend draws the entries below y.
func (d *painter) drawLegend(entries []entry, y int) {
	flowLegend(entries, d.margin, d.w, func(e entry, x, dy int) {
		middle := y + dy + legendRow/2
		switch {
		case e.badge.of != "":
			d.scene.badge(e.badge, x, middle, false)
		case e.dead:
			d.draw(deadLine, path{}.move(at(x, middle)).line(at(x+iconWidth, middle)), true)
		case e.took:
			d.mood = took
			d.draw(line, path{}.move(at(x, middle)).line(at(x+iconWidth, middle)), false)
			d.draw(head, arrow(at(x+iconWidth, middle), rightward), false)
			d.mood = noMood
		case e.here:
			d.draw(here, roundRect(x+2, middle-iconHeight/2+1, iconWidth-4, iconHeight-2, 5), false)
		default:
			d.draw(class(e.look), outline(e.look, x, middle-iconHeight/2, iconWidth, iconHeight), false)
			if e.look == lookGrants {
				d.draw(inner, outline(e.look, x+3, middle-iconHeight/2+3, iconWidth-6, iconHeight-6), false)
			}
		}
		d.write(small, fromLeft, x+e.icon()+8, middle+4, e.says, false)
	})
}
