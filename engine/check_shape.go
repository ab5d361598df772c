package engine

import (
	"fmt"
	"slices"
	"strings"
)

// named reports whether s may be an id or the name of an exit: lower-case letters,
// digits, underscores and dots. Trails and printed paths rely on it.
func named(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_.") == ""
}

const namingHint = "use a-z, 0-9, _ and . only"

// checkGraph refuses a graph without a flow id or a start that a client can begin at.
func (c *checker) checkGraph() {
	g := c.g
	if !named(string(g.Flow)) {
		c.fault("", "", fmt.Sprintf("the flow's id %q is malformed", string(g.Flow)), namingHint)
	}
	if g.Slot != "" && !named(string(g.Slot)) {
		c.fault("", "", fmt.Sprintf("the slot's name %q is malformed", string(g.Slot)), namingHint)
	}
	if g.Lifetime < 0 {
		c.fault("", "", "the lifetime is negative", "say how long a run may take")
	}
	start, ok := g.Nodes[g.Start]
	switch {
	case g.Start == "":
		c.fault("", "", "has no start", "name an asking node in Start")
	case !ok:
		c.fault("", "", fmt.Sprintf("the start %q is no node of the graph", string(g.Start)), "name an asking node in Start")
	case start.Stage.Kind != Asks:
		c.fault(g.Start, "", fmt.Sprintf("the start %s", start.Stage.Kind), "a run begins where the client is asked something")
	case start.Stage.Pretending:
		c.fault(g.Start, "", "the start is a pretending stage", "start where a subject can be found")
	}
	c.checkWaiting()
	wires := make(map[string]NodeID)
	for _, id := range c.order {
		wire := g.Nodes[id].Stage.Wire
		if first, taken := wires[wire]; taken && !alike(g.Nodes[id].Stage, g.Nodes[first].Stage) {
			c.fault(id, "", fmt.Sprintf("has the wire id %s of node %s", wire, first), "a client could not tell them apart: give it its own, or the same fields and actions")
		} else if wire != "" {
			wires[wire] = id
		}
	}
}

// checkWaiting refuses a graph whose runs would wait and are kept nowhere, or only for
// no time at all.
func (c *checker) checkWaiting() {
	waits := slices.IndexFunc(c.edges, func(a arc) bool { return c.g.Nodes[a.to].Stage.Kind == Asks })
	if waits < 0 {
		return
	}
	at := c.edges[waits].to
	if c.g.Slot == "" {
		c.fault(at, "", "a run waits here, and the graph has no slot to keep it in", "name one in the graph's Slot")
	}
	if c.g.Lifetime == 0 {
		c.fault(at, "", "a run waits here, and the graph gives it no time", "say in the graph's Lifetime how long it may take")
	}
}

// checkNode refuses a node whose names are malformed or whose fields do not fit its
// kind.
func (c *checker) checkNode(id NodeID) {
	n := c.g.Nodes[id]
	s := n.Stage
	if !named(string(id)) {
		c.fault(id, "", fmt.Sprintf("the node's id %q is malformed", string(id)), namingHint)
	}
	if !named(string(s.ID)) {
		c.fault(id, "", fmt.Sprintf("the stage's id %q is malformed", string(s.ID)), namingHint)
	}
	if s.Wire != "" && !named(s.Wire) {
		c.fault(id, "", fmt.Sprintf("the wire id %q is malformed", s.Wire), namingHint)
	}
	if s.Slot != "" && !named(string(s.Slot)) {
		c.fault(id, "", fmt.Sprintf("the slot's name %q is malformed", string(s.Slot)), namingHint)
	}
	if s.Kind < Asks || s.Kind > Ends {
		c.fault(id, "", fmt.Sprintf("the stage's kind %d is unknown", s.Kind), "it is Asks, Decides or Ends")
		return
	}
	for _, u := range unfit(n) {
		c.fault(id, "", fmt.Sprintf("a stage that %s has %s", s.Kind, u.what), u.hint)
	}
	if s.Grants && s.Begins != "" {
		c.fault(id, "", "grants a session and begins a flow", "a run has one end: let another one begin it")
	}
	if s.Kind == Asks {
		c.checkAsking(id, s)
	}
}

// misfit is something of a node that only nodes of another kind have.
type misfit struct {
	present    bool
	kind       Kind
	what, hint string
}

// unfit lists what of a node does not fit its kind.
func unfit(n Node) []misfit {
	s := n.Stage
	const asking = "only a stage that asks has them"
	return slices.DeleteFunc([]misfit{
		{s.Wire != "", Asks, "a wire id", "only a stage that asks is ever pending"},
		{len(s.Fields) > 0, Asks, "fields", asking},
		{len(s.Actions) > 0, Asks, "actions", asking},
		{s.Tries != 0, Asks, "tries", asking},
		{s.Slot != "", Asks, "a slot", "only a stage that asks waits for something"},
		{s.Lifetime != 0, Asks, "a lifetime", "only a stage that asks is waited at"},
		{s.Pretending, Asks, "Pretending set", "only a stage that asks can look like another"},
		{len(s.Reads) > 0, Decides, "facts to read", "only a stage that decides looks at them"},
		{s.Grants, Ends, "Grants set", "only an end grants a session"},
		{s.Begins != "", Ends, "a flow it begins", "only from an end another flow goes on"},
		{len(n.Rules) > 0, Ends, "rules", "only an end demands something: move them there"},
	}, func(m misfit) bool { return !m.present || m.kind == s.Kind })
}

// checkAsking refuses an asking stage that no client could answer, or only in part.
func (c *checker) checkAsking(id NodeID, s Stage) {
	switch {
	case s.Wire != "" && s.Pretending:
		c.fault(id, "", "pretends, and has a wire id", "it shows itself under the ids it imitates: leave Wire empty")
	case s.Wire != "" || s.Pretending:
	case id != c.g.Start:
		c.fault(id, "", "cannot be reached from the wire", "only the start may be without a wire id: give its stage one in Wire")
	default:
		for _, a := range c.edges {
			if a.to == id {
				c.fault(a.Node, a.Exit, "leads back to the start, which has no wire id to wait under", "give the start's stage one in Wire")
			}
		}
	}
	if s.Tries < 0 || s.Lifetime < 0 {
		c.fault(id, "", "tries or lifetime is negative", "0 is no limit")
	}
	if s.Slot != "" && s.Slot != c.g.Slot && s.Lifetime == 0 {
		c.fault(id, "", fmt.Sprintf("what waits in slot %s would be over at once", s.Slot), "give the stage a Lifetime")
	}
	c.checkFields(id, "", s.Fields)
	seen := make(map[string]bool)
	for _, a := range s.Actions {
		c.checkFields(id, " of the action "+a.Name, a.Fields)
		switch {
		case !named(a.Name):
			c.fault(id, "", fmt.Sprintf("the action's name %q is malformed", a.Name), namingHint)
		case seen[a.Name]:
			c.fault(id, "", fmt.Sprintf("declares the action %s twice", a.Name), "leave one out")
		case a.Max < 0:
			c.fault(id, "", fmt.Sprintf("the action %s has a negative maximum", a.Name), "0 is no limit")
		}
		seen[a.Name] = true
	}
}

// checkExits holds the exits a stage declares against the edges of its node.
func (c *checker) checkExits(id NodeID) {
	n := c.g.Nodes[id]
	if n.Stage.Kind == Ends {
		for _, exit := range sorted(n.Next) {
			c.fault(id, exit, "leads out of an end", "a run that has ended goes nowhere: leave the edge out")
		}
		for _, exit := range sorted(n.Stage.Exits) {
			c.fault(id, exit, "is an exit of an end", "a run that has ended goes nowhere: leave it out")
		}
		return
	}
	if len(n.Stage.Exits) == 0 {
		c.fault(id, "", "has no exits", "a stage that is no end must be left by one")
	}
	for _, exit := range sorted(n.Stage.Exits) {
		c.checkShows(id, exit, n.Stage.Exits[exit])
		if _, ok := n.Next[exit]; !ok {
			c.fault(id, exit, "leads nowhere", "every exit the stage declares needs a node in Next")
		}
	}
	for _, exit := range sorted(n.Next) {
		if _, ok := n.Stage.Exits[exit]; !ok {
			c.fault(id, exit, "is no exit of the stage", "declare it in the stage's Exits, or leave the edge out")
		}
		if _, ok := c.g.Nodes[n.Next[exit]]; !ok {
			c.fault(id, exit, fmt.Sprintf("leads to %q, which is no node of the graph", string(n.Next[exit])), "name one of its nodes")
		}
	}
}

// checkShows refuses malformed names in what an exit declares.
func (c *checker) checkShows(id NodeID, exit Exit, s ExitSpec) {
	if !named(string(exit)) {
		c.fault(id, "", fmt.Sprintf("the exit's name %q is malformed", string(exit)), namingHint)
	}
	for _, p := range append(append([]Proof(nil), s.Proves...), s.Needs...) {
		if !named(string(p)) {
			c.fault(id, exit, fmt.Sprintf("the proof's name %q is malformed", string(p)), namingHint)
		}
	}
}
