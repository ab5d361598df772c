package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
)

// Place says of an id of the wire where runs wait under it, or of a flow where its runs
// wait: why they come there or are led past it, what is wanted of the client, and how they
// go on.
type Place struct {
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
	// Stages are those that wait: of an id more than one where flows differ.
	Stages []waits `json:"stages"`
}

// waits is one stage that waits, and the flows in which it does.
type waits struct {
	Wire  string          `json:"wire"`
	Node  engine.NodeID   `json:"node"`
	Stage engine.StageID  `json:"stage"`
	Title string          `json:"title"`
	Flows []engine.FlowID `json:"flows"`
	// Wants are the fields of a submission, Actions the moves besides, Tries how many wrong
	// submissions end the run, and Seconds how long it may wait; 0 is no limit of its own.
	Wants   []want   `json:"wants,omitempty"`
	Actions []string `json:"actions,omitempty"`
	Tries   int      `json:"tries,omitempty"`
	Seconds int      `json:"seconds,omitempty"`
	// Exits are how it is left.
	Exits []way `json:"exits"`
	// Asked are the ways on which a run comes there, PassedOver those by which the same
	// stages lead it elsewhere.
	Asked      []choice `json:"asked"`
	PassedOver []choice `json:"passed_over,omitempty"`
}

// want is a field of a submission.
type want struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Help     string `json:"help,omitempty"`
}

// way is an exit with what it proves.
type way struct {
	Exit   engine.Exit    `json:"exit"`
	Proves []engine.Proof `json:"proves,omitempty"`
}

// choice is an exit of the stage before, with what is known of why it is taken.
type choice struct {
	Node engine.NodeID `json:"node"`
	Exit engine.Exit   `json:"exit"`
	Why  []string      `json:"why,omitempty"`
}

// Waiting explains an id of the wire from the graphs and the reasons that their deciders
// give for each exit, see [engine.Examination.Reasons]. There are no stages under an id that waits nowhere.
func Waiting(graphs []engine.Graph, given func(engine.StageID, engine.Exit) []engine.Reason, wire string) Place {
	p := Place{ID: wire, Stages: []waits{}}
	for _, part := range engine.Parts(graphs, wire) {
		s := part.Nodes[part.Start].Stage
		w := waits{
			Wire: wire, Node: part.Start, Stage: s.ID, Title: s.Title, Flows: part.PartOf,
			Tries: s.Tries, Seconds: int(s.Lifetime / time.Second), Asked: []choice{},
		}
		for _, f := range s.Fields {
			w.Wants = append(w.Wants, want{Name: f.Name, Required: f.Required, Help: f.Help})
		}
		for _, exit := range slices.Sorted(maps.Keys(s.Exits)) {
			w.Exits = append(w.Exits, way{Exit: exit, Proves: s.Exits[exit].Proves})
		}
		for _, a := range s.Actions {
			w.Actions = append(w.Actions, a.Name)
		}
		for _, g := range graphs {
			if slices.Contains(part.PartOf, g.Flow) {
				w.reached(g, given)
			}
		}
		p.Stages = append(p.Stages, w)
	}
	return p
}

// WaitingIn explains where the runs of one flow wait, in the order in which they come
// there.
func WaitingIn(g engine.Graph, given func(engine.StageID, engine.Exit) []engine.Reason) Place {
	p := Place{ID: string(g.Flow), Title: g.Title, Stages: []waits{}}
	seen := make(map[engine.NodeID]bool)
	var walk func(engine.NodeID)
	walk = func(id engine.NodeID) {
		if seen[id] {
			return
		}
		seen[id] = true
		next := g.Nodes[id].Next
		for _, exit := range slices.Sorted(maps.Keys(next)) {
			walk(next[exit])
		}
		for _, w := range Waiting([]engine.Graph{g}, given, g.Nodes[id].Stage.Wire).Stages {
			if w.Node == id {
				p.Stages = append(p.Stages, w)
			}
		}
	}
	walk(g.Start)
	slices.Reverse(p.Stages)
	return p
}

// reached adds how the runs of one graph come to the stage or are led past it.
func (w *waits) reached(g engine.Graph, given func(engine.StageID, engine.Exit) []engine.Reason) {
	for _, id := range slices.Sorted(maps.Keys(g.Nodes)) {
		n := g.Nodes[id]
		if !slices.Contains(slices.Collect(maps.Values(n.Next)), w.Node) {
			continue
		}
		for _, exit := range slices.Sorted(maps.Keys(n.Next)) {
			c := choice{Node: id, Exit: exit, Why: reasons(n.Stage, exit, given)}
			to := &w.Asked
			if n.Next[exit] != w.Node {
				if n.Stage.Kind != engine.Decides {
					continue
				}
				to = &w.PassedOver
			}
			if !slices.ContainsFunc(*to, func(o choice) bool { return o.Node == id && o.Exit == exit }) {
				*to = append(*to, c)
			}
		}
	}
}

// reasons puts into words all that a stage gives for an exit.
func reasons(s engine.Stage, exit engine.Exit, given func(engine.StageID, engine.Exit) []engine.Reason) []string {
	var out []string
	for _, r := range given(s.ID, exit) {
		text := because(s, engine.TrailEntry{Exit: exit, Reason: r})
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// String tells it for people.
func (p Place) String() string {
	var b strings.Builder
	if p.Title != "" {
		fmt.Fprintf(&b, "%s: %s\n", p.ID, p.Title)
		if len(p.Stages) == 0 {
			b.WriteString("no run of it waits: it is over with its first submission\n")
		}
	}
	for _, w := range p.Stages {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s: %s\n", w.Wire, w.Title)
		fmt.Fprintf(&b, "waits in %s, at %s\n", listed(w.Flows), w.Node)
		b.WriteString(w.wanted())
		for _, c := range w.Asked {
			b.WriteString("  asked where " + c.String() + "\n")
		}
		for _, c := range w.PassedOver {
			b.WriteString("  passed over where " + c.String() + "\n")
		}
		var exits []string
		for _, e := range w.Exits {
			exits = append(exits, join(", which proves ", string(e.Exit), listed(e.Proves), ""))
		}
		fmt.Fprintf(&b, "  goes on by %s\n", strings.Join(exits, ", or by "))
	}
	return b.String()
}

// wanted says what the client is to send, and how often and how long it may try.
func (w waits) wanted() string {
	var wants, limits []string
	for _, f := range w.Wants {
		wants = append(wants, join(" (", f.Name, f.Help, ")"))
	}
	text := ""
	if len(wants) > 0 {
		text = "  wants " + strings.Join(wants, ", ") + "\n"
	}
	if len(w.Actions) > 0 {
		text += "  has actions: " + strings.Join(w.Actions, ", ") + "\n"
	}
	if w.Tries > 0 {
		limits = append(limits, fmt.Sprintf("after %d wrong tries", w.Tries))
	}
	if w.Seconds > 0 {
		limits = append(limits, "after "+(time.Duration(w.Seconds)*time.Second).String())
	}
	if len(limits) > 0 {
		text += "  is over " + strings.Join(limits, " or ") + "\n"
	}
	return text
}

// String is one clause.
func (c choice) String() string {
	text := string(c.Node) + " is left by " + string(c.Exit)
	if len(c.Why) > 0 {
		text += ": " + strings.Join(c.Why, "; or ")
	}
	return text
}
