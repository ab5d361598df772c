package explain

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"stagedoor/engine"
)

// where says where the run is, and while it waits what it waits for.
func where(g engine.Graph, r Run, now time.Time) Now {
	at := r.Node
	if r.As != "" {
		at = r.As
	}
	stage := g.Nodes[at].Stage
	n := Now{Node: at, Wrong: r.Wrong[at], Tries: stage.Tries}
	named := string(at)
	if stage.Title != "" {
		named += " (" + stage.Title + ")"
	}
	switch {
	case r.Over == Spent:
		n.State, n.Text = "spent", "ended at "+named+": the tries there are used up"
	case r.Over == Withdrawn:
		n.State, n.Text = "withdrawn", "ended at "+named+": the account has changed since the run began, or may not sign in any more"
	case r.Over != "":
		n.State, n.Text = "ended", "ended at "+named
	case !r.Deadline.IsZero() && !now.Before(r.Deadline):
		n.State, n.Text = "expired", "waited at "+named+" until its time was over, or until another run took its place"
	default:
		n.State, n.Text = "waiting", "waits at "+named
		n.Wants, n.Exits = wants(stage), ways(stage)
	}
	if r.As != "" {
		n.Text += "; it is about nobody and only looks as if: no answer is right"
		n.Exits = nil
	}
	return n
}

// wants are the fields of the stage in their order.
func wants(s engine.Stage) []Want {
	var out []Want
	for _, f := range s.Fields {
		out = append(out, Want{Name: f.Name, Required: f.Required, Help: f.Help})
	}
	return out
}

// ways are the exits of the stage by name.
func ways(s engine.Stage) []Way {
	var out []Way
	for _, exit := range slices.Sorted(maps.Keys(s.Exits)) {
		out = append(out, Way{Exit: exit, Proves: s.Exits[exit].Proves})
	}
	return out
}

// tries tells of wrong tries, with how many there may be: "2 wrong tries of 3".
func (n Now) tries() string {
	text := counted(n.Wrong)
	if n.Tries > 0 && n.Wrong > 0 {
		text += fmt.Sprintf(" of %d", n.Tries)
	}
	return text
}

func counted(wrong int) string {
	switch wrong {
	case 0:
		return ""
	case 1:
		return "1 wrong try"
	}
	return fmt.Sprintf("%d wrong tries", wrong)
}
