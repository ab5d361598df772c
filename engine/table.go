package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fingerprint returns the fingerprint of a graph: 8 hex digits of the SHA-256 over its nodes,
// kinds, slots, exits, edges, proofs and rules. Titles, fields, limits and the order
// things are written in do not count. A run that waits carries the print of the graph it
// began in.
func (g Graph) Fingerprint() string {
	// An edge as one text could be read in two ways where ids have dots.
	type rule struct {
		Proof  Proof
		Waived [][2]string
	}
	type node struct {
		Stage      StageID
		Kind       Kind
		Slot       Slot
		Grants     bool
		Pretending bool
		Exits      map[Exit]ExitSpec
		Next       Next
		Rules      []rule
		Begins     FlowID `json:",omitempty"`
	}
	nodes := make(map[NodeID]node, len(g.Nodes))
	for id, n := range g.deep().Nodes {
		s := n.Stage
		for exit, shows := range s.Exits {
			slices.Sort(shows.Proves)
			slices.Sort(shows.Needs)
			s.Exits[exit] = shows
		}
		var rules []rule
		for _, r := range n.Rules {
			one := rule{Proof: r.Proof}
			for _, e := range r.WaivedBy {
				one.Waived = append(one.Waived, [2]string{string(e.Node), string(e.Exit)})
			}
			slices.SortFunc(one.Waived, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
			rules = append(rules, one)
		}
		slices.SortStableFunc(rules, func(a, b rule) int { return strings.Compare(string(a.Proof), string(b.Proof)) })
		nodes[id] = node{s.ID, s.Kind, s.Slot, s.Grants, s.Pretending, s.Exits, n.Next, rules, s.Begins}
	}
	// JSON sorts the keys of maps and quotes every name, so that two graphs have one
	// text only if they are the same. It has no error for these types.
	text, _ := json.Marshal(struct {
		Flow      FlowID
		Start     NodeID
		Slot      Slot
		OfSession bool
		Nodes     map[NodeID]node
	}{g.Flow, g.Start, g.Slot, g.OfSession, nodes})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

// Table prints the graph for people, one line to a node, a node after those that lead to
// it and the ends last. Exits that lead to one node and mean the same stand together;
// what they mean follows in parentheses. Under an end stands what it demands.
func (g Graph) Table() string {
	c := newChecker(g)
	heads := make([]string, len(c.order))
	var width int
	for i, id := range c.order {
		heads[i] = head(id, g.Nodes[id].Stage)
		if g.Nodes[id].Stage.Kind != Ends {
			width = max(width, utf8.RuneCountInString(heads[i]))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d stages, %d edges, starts at %s\n", g.Flow, len(g.Nodes), len(c.edges), g.Start)
	if len(g.PartOf) > 0 {
		fmt.Fprintf(&b, "waits in %s\n", joined(g.PartOf))
	}
	b.WriteString("\n")
	for i, id := range c.order {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %s", width, heads[i], c.leads(id)), " ") + "\n")
		for _, line := range c.demands(id) {
			b.WriteString("    " + line + "\n")
		}
	}
	return b.String()
}

// head names a node: its id, its stage where that has another id, what it does, and its
// id on the wire where that is another.
func head(id NodeID, s Stage) string {
	does := s.Kind.String()
	switch {
	case s.Pretending:
		does = "pretends"
	case s.Grants:
		does = "grants"
	case s.Begins != "":
		does = "goes on as " + string(s.Begins)
	}
	if s.Wire != "" && s.Wire != string(id) {
		does += " as " + s.Wire
	}
	if string(s.ID) != string(id) {
		does = string(s.ID) + ", " + does
	}
	return fmt.Sprintf("%s (%s)", id, does)
}

// leads prints where the exits of a node lead, in the reading order of their targets.
func (c *checker) leads(id NodeID) string {
	type group struct {
		exits []string
		arc   arc
	}
	var groups []group
	for _, a := range c.arcs[id] {
		i := slices.IndexFunc(groups, func(g group) bool { return g.arc.to == a.to && means(g.arc.shows) == means(a.shows) })
		if i < 0 {
			groups = append(groups, group{arc: a})
			i = len(groups) - 1
		}
		groups[i].exits = append(groups[i].exits, string(a.Exit))
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return slices.Index(c.order, a.arc.to) - slices.Index(c.order, b.arc.to)
	})
	out := make([]string, len(groups))
	for i, g := range groups {
		out[i] = strings.Join(g.exits, ", ") + " -> " + string(g.arc.to)
		if m := means(g.arc.shows); m != "" {
			out[i] += " (" + m + ")"
		}
	}
	return strings.Join(out, "   ")
}

// means prints what an exit means: "binds subject; proves first; needs code".
func means(s ExitSpec) string {
	var out []string
	proves := slices.Clone(s.Proves)
	if s.Binds {
		out = append(out, "binds subject")
		proves = slices.DeleteFunc(proves, func(p Proof) bool { return p == Subject })
	}
	if len(proves) > 0 {
		out = append(out, "proves "+listed(proves))
	}
	if len(s.Needs) > 0 {
		out = append(out, "needs "+listed(s.Needs))
	}
	if s.Distinct {
		out = append(out, "by something not shown before")
	}
	if s.Pretends != "" {
		out = append(out, "pretends "+string(s.Pretends))
	}
	return strings.Join(out, "; ")
}

// demands prints the rules of an end, each with what proves and what waives it.
func (c *checker) demands(id NodeID) []string {
	rules := c.g.Nodes[id].Rules
	var width int
	for _, r := range rules {
		width = max(width, len(r.Proof))
	}
	out := make([]string, len(rules))
	for i, r := range rules {
		by := shownBy(c.provedBy(r.Proof), r.WaivedBy)
		if _, _, around := c.way(c.g.Start, without(r), node(id)); around && len(c.g.PartOf) > 0 {
			by = metBefore(c.provedBy(r.Proof), r.WaivedBy)
		}
		out[i] = fmt.Sprintf("%-*s  %s", width, r.Proof, by)
	}
	return out
}

// provedBy returns the edges that prove p.
func (c *checker) provedBy(p Proof) []Edge {
	out := []Edge{}
	for _, a := range c.edges {
		if slices.Contains(a.shows.Proves, p) {
			out = append(out, a.Edge)
		}
	}
	return out
}

// shownBy prints what proves and what waives a rule: "by login.ok, unless due.{none, off}".
func shownBy(proved, waived []Edge) string {
	by := "by " + bundled(proved)
	if len(proved) == 0 {
		by = "by nothing"
	}
	if len(waived) > 0 {
		by += ", unless " + bundled(waived)
	}
	return by
}

// metBefore prints how a rule is met that holds before a part begins.
func metBefore(proved, waived []Edge) string {
	if len(proved)+len(waived) == 0 {
		return "before"
	}
	return "before, or " + shownBy(proved, waived)
}

// bundled prints edges, those of one node together: "due.{none, off}, form.ok".
func bundled(edges []Edge) string {
	var nodes []NodeID
	exits := make(map[NodeID][]Exit)
	for _, e := range edges {
		if exits[e.Node] == nil {
			nodes = append(nodes, e.Node)
		}
		exits[e.Node] = append(exits[e.Node], e.Exit)
	}
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = string(n) + "." + listed(exits[n])
		if len(exits[n]) > 1 {
			out[i] = string(n) + ".{" + listed(exits[n]) + "}"
		}
	}
	return strings.Join(out, ", ")
}

// listed prints names with commas between.
func listed[S ~string](names []S) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}
