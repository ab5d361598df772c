package engine

import (
	"cmp"
	"slices"
	"strings"
)

// Whether a change makes it easier or harder to get a session: its Direction.
const (
	// Weaker: somebody gets a session who would not have, or with less asked.
	Weaker = "weaker"
	// Stricter: somebody is asked more, or does not get a session any more.
	Stricter = "stricter"
	// Neither: it is done otherwise, and as much is asked.
	Neither = "neither"
)

// Change is one thing that two matrices differ in, and whom it is about.
type Change struct {
	Direction string `json:"lean"`
	// What names the change for programs: opens, closes, asks, asks_no_more, signs_in,
	// signs_in_no_more, replaces, ends, order. Callers may add their own.
	What string `json:"what"`
	// Node is the stage it is about, or the end without a session, or empty.
	Node NodeID `json:"node,omitempty"`
	// Text says it for people.
	Text string `json:"text"`
	// Of tells which ways in have changed so, and for whom.
	Of []concerned `json:"of"`
}

// concerned are ways in, and the accounts and clients for whom they have changed. No
// group, or an empty one, is everybody.
type concerned struct {
	Ways []string `json:"ways"`
	For  []string `json:"for"`
}

// Compare returns what changes from one matrix to the other, weaker first. Two matrices
// of one configuration differ in nothing.
func Compare(was, is Matrix) []Change {
	d := differ{}
	for _, w := range was.Ways {
		if now := is.way(w.Flow, w.Start); now == nil || !now.opens() {
			d.gone(w, w.Via)
		} else if w.opens() {
			d.way(w, *now)
		}
	}
	for _, w := range is.Ways {
		if old := was.way(w.Flow, w.Start); old == nil || !old.opens() {
			d.come(w, w.Via)
		}
	}
	rank := []string{Weaker, Stricter, Neither}
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Or(slices.Index(rank, a.Direction)-slices.Index(rank, b.Direction), cmp.Compare(a.What, b.What), cmp.Compare(a.Text, b.Text))
	})
	return d.changes
}

// way finds a way in.
func (m Matrix) way(flow FlowID, start Edge) *Way {
	for i := range m.Ways {
		if m.Ways[i].Flow == flow && m.Ways[i].Start == start {
			return &m.Ways[i]
		}
	}
	return nil
}

// opens reports whether anybody gets past the start, grants whether to a session.
func (w Way) opens() bool {
	return slices.ContainsFunc(w.leaves, func(l leaf) bool { return l.End != w.Start.Node })
}

func (w Way) grants() bool {
	return slices.ContainsFunc(w.leaves, func(l leaf) bool { return l.Grants })
}

// differ collects changes, each once.
type differ struct{ changes []Change }

// note notes a change for some on a way in. Ways that have changed alike for the same
// people stand together.
func (d *differ) note(c Change, way string, who []string) {
	i := slices.IndexFunc(d.changes, func(o Change) bool { return o.What == c.What && o.Text == c.Text })
	if i < 0 {
		i, d.changes = len(d.changes), append(d.changes, c)
	}
	of := &d.changes[i].Of
	j := slices.IndexFunc(*of, func(o concerned) bool { return slices.Equal(o.For, who) })
	if j < 0 {
		*of = append(*of, concerned{Ways: []string{way}, For: who})
		return
	}
	(*of)[j].Ways = append((*of)[j].Ways, way)
}

// come notes that a way in is new. One whose runs end before there is a session makes
// nothing weaker by itself.
func (d *differ) come(w Way, via []string) {
	w.Via = via
	switch {
	case w.grants():
		d.note(Change{Direction: Weaker, What: "opens", Text: "new way in"}, w.Name()+": "+w.Title, []string{})
	case w.opens():
		d.note(Change{Direction: Neither, What: "opens", Text: "new flow, without a session at its end"}, w.Name()+": "+w.Title, []string{})
	}
}

// gone notes that a way in is no more.
func (d *differ) gone(w Way, via []string) {
	w.Via = via
	switch {
	case w.grants():
		d.note(Change{Direction: Stricter, What: "closes", Text: "no way in any more"}, w.Name()+": "+w.Title, []string{})
	case w.opens():
		d.note(Change{Direction: Neither, What: "closes", Text: "no flow any more, and had no session at its end"}, w.Name()+": "+w.Title, []string{})
	}
}

// way compares a way in that there was and is.
func (d *differ) way(was, is Way) {
	if less := missing(was.Via, is.Via); len(less) > 0 {
		d.gone(was, less)
	}
	if more := missing(is.Via, was.Via); len(more) > 0 {
		d.come(is, more)
	}
	both, old, now := was.space.join(is.space)
	full := both.full()
	type hit struct {
		region  region
		changes []Change
	}
	var hits []hit
	for _, a := range was.leaves {
		from := old(a.region)
		for _, b := range is.leaves {
			if r, ok := from.meet(now(b.region), full); ok {
				hits = append(hits, hit{r, changed(a.Result, b.Result)})
			}
		}
	}
	done := make(map[string]bool)
	for _, h := range hits {
		for _, c := range h.changes {
			if done[c.Text] {
				continue
			}
			done[c.Text] = true
			var on, off []region
			for _, o := range hits {
				if slices.ContainsFunc(o.changes, func(x Change) bool { return x.Text == c.Text }) {
					on = append(on, o.region)
				} else {
					off = append(off, o.region)
				}
			}
			slices.SortFunc(on, func(a, b region) int { return slices.Compare(a, b) })
			d.note(c, is.Name(), both.each(cover(full, on, off)))
		}
	}
}

// each describes regions, sorted. Everybody is nobody in particular.
func (s *space) each(regions []region) []string {
	out := []string{}
	for _, r := range regions {
		if text := s.words(r); text != "" {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// missing returns the names that are not among others.
func missing(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(others, n) })
}

// changed says what differs between two results for the same people.
func changed(was, is Result) []Change {
	switch {
	case was.Grants && is.Grants:
		return askedOtherwise(was.Asked, is.Asked)
	case is.Grants:
		return []Change{{Direction: Weaker, What: "signs_in", Node: was.End, Text: "signs in" + unlike(is, was, "and no longer ")}}
	case was.Grants:
		return []Change{{Direction: Stricter, What: "signs_in_no_more", Node: is.End, Text: "no longer signs in" + unlike(was, is, "but ")}}
	case was.path() != is.path():
		return []Change{{Direction: Neither, What: "ends", Node: is.End, Text: "comes to " + is.path() + " instead of " + was.path()}}
	}
	return nil
}

// unlike tells how a run ends that gets no session where another one does.
func unlike(granted, other Result, but string) string {
	var more []string
	for _, a := range other.Asked {
		if find(granted.Asked, a.Node) < 0 {
			more = append(more, a.titled())
		}
	}
	end := "ends at " + string(other.End)
	if other.Stays != "" {
		end = "stays at " + string(other.End) + " (" + other.Stays + ")"
	}
	if len(more) == 0 {
		return ", " + but + end
	}
	return ", " + but + "asks " + strings.Join(more, ", ") + " and " + end
}

// askedOtherwise compares what is asked on two ways to a session.
func askedOtherwise(was, is []askedStage) []Change {
	var out []Change
	for _, a := range was {
		switch i := find(is, a.Node); {
		case i < 0:
			c := Change{Direction: Weaker, What: "asks_no_more", Node: a.Node, Text: "no longer asks " + a.titled()}
			out = append(out, a.lean(c, is, ", and has it shown otherwise"))
		case is[i].Stage != a.Stage:
			out = append(out, Change{Direction: Neither, What: "replaces", Node: a.Node, Text: "asks " + is[i].titled() + " instead of " + a.Title})
		}
	}
	for _, a := range is {
		if find(was, a.Node) < 0 {
			c := Change{Direction: Stricter, What: "asks", Node: a.Node, Text: "now asks " + a.titled()}
			out = append(out, a.lean(c, was, ", and had it shown otherwise"))
		}
	}
	same := func(a, b askedStage) bool { return a.Node == b.Node }
	if len(out) == 0 && !slices.EqualFunc(was, is, same) {
		out = append(out, Change{Direction: Neither, What: "order", Text: "asks in another order"})
	}
	return out
}

// lean takes the lean from a change about a stage that holds nobody up, or all of whose
// proofs the others show, too: a code that reached an address verifies it.
func (a askedStage) lean(c Change, others []askedStage, otherwise string) Change {
	shown := func(p Proof) bool {
		return slices.ContainsFunc(others, func(o askedStage) bool { return slices.Contains(o.shows, p) })
	}
	switch {
	case !a.Bars:
		c.Direction = Neither
	case len(a.shows) > 0 && !slices.ContainsFunc(a.shows, func(p Proof) bool { return !shown(p) }):
		c.Direction, c.Text = Neither, c.Text+otherwise
	}
	return c
}

// find returns where a stage is asked, or -1.
func find(asked []askedStage, node NodeID) int {
	return slices.IndexFunc(asked, func(a askedStage) bool { return a.Node == node })
}

// titled is the stage with what it asks for.
func (a askedStage) titled() string { return string(a.Node) + " (" + a.Title + ")" }

// PrintChanges prints changes for people, under a heading for each lean.
func PrintChanges(changes []Change) string {
	var b strings.Builder
	var lean string
	for _, c := range changes {
		if c.Direction != lean {
			lean = c.Direction
			b.WriteString(lean + "\n")
		}
		b.WriteString("  " + c.Text + "\n")
		for _, o := range c.Of {
			between := ", "
			if c.What == "opens" || c.What == "closes" {
				between = "\n    "
			}
			b.WriteString("    " + strings.Join(o.Ways, between) + "\n")
			for _, who := range o.For {
				b.WriteString("      for " + who + "\n")
			}
		}
	}
	return b.String()
}
