package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
)

// locate says where the run is, and while it waits what it waits for.
func (x *Explanation) locate(g engine.Graph, r Run, now time.Time) {
	at := r.Node
	if r.As != "" {
		at = r.As
	}
	stage, n := g.Nodes[at].Stage, &x.Now
	n.Node, n.Wrong, n.Tries, n.Why = at, r.Wrong[at], stage.Tries, r.Why
	named := string(at)
	if stage.Title != "" {
		named += " (" + stage.Title + ")"
	}
	switch {
	case r.Over == Spent:
		n.State, n.Text = "spent", "ended at "+named+": the tries there are used up"
	case r.Over == Withdrawn:
		n.State, n.Text = "withdrawn", "ended at "+named+": the account has changed since the run began, or may not sign in any more"
	case r.Over == Refused:
		n.State, n.Text = "refused", "refused at "+named+", and not begun"
	case r.Over != "":
		n.State, n.Text = "ended", "ended at "+named
	case !r.Deadline.IsZero() && !now.Before(r.Deadline):
		n.State, n.Text = "expired", "waited at "+named+" until its time was over, or until another run took its place"
	default:
		n.State, n.Text = "waiting", "waits at "+named
		x.expect(stage)
	}
	if r.As != "" {
		n.Text += "; it is about nobody and only looks as if: no answer is right"
		n.Exits = nil
	}
}

// expect lists the fields of the stage in their order, and its exits by name.
func (x *Explanation) expect(s engine.Stage) {
	for _, f := range s.Fields {
		w := grow(&x.Now.Wants)
		w.Name, w.Required, w.Help = f.Name, f.Required, f.Help
	}
	for _, exit := range slices.Sorted(maps.Keys(s.Exits)) {
		e := grow(&x.Now.Exits)
		e.Exit, e.Proves = exit, s.Exits[exit].Proves
	}
}

// place is where the run is in one sentence, without a full stop.
func (x Explanation) place() string {
	n := x.Now
	text := n.Text
	if n.Wrong > 0 {
		text += ", after " + counted(n.Wrong)
		if n.Tries > 0 {
			text += fmt.Sprintf(" of %d", n.Tries)
		}
	}
	if n.Why != "" {
		text += "; the last answer was refused: " + n.Why
	}
	var wants, exits []string
	for _, w := range n.Wants {
		wants = append(wants, join(" (", w.Name, w.Help, ")"))
	}
	if len(wants) > 0 {
		text += "; it wants " + strings.Join(wants, ", ")
	}
	for _, e := range n.Exits {
		exits = append(exits, join(", which proves ", string(e.Exit), listed(e.Proves), ""))
	}
	if len(exits) > 0 {
		text += "; it goes on by " + strings.Join(exits, ", or by ")
	}
	return text
}
