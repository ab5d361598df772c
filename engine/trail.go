package engine

import (
	"fmt"
	"slices"
	"strings"

	"stagedoor/engine/compact"
)

// TrailEntry is one step of a trail: the node, the exit it was left by, and the reason code
// of a decision.
type TrailEntry struct {
	Node   NodeID `json:"node"`
	Exit   Exit   `json:"exit"`
	Reason Reason `json:"reason"`
}

// Trail is the exits a run took, in order. Where it is read by people it is one line of
// text, "password_form/ok;email_due/unverified:mandatory".
type Trail []TrailEntry

// check refuses a step that would not be read back from a line as it is.
func (t Trail) check() error {
	for i, m := range t {
		if m.Node == "" || m.Exit == "" || strings.ContainsAny(string(m.Node), "/;") ||
			strings.ContainsAny(string(m.Exit), ":;") || strings.Contains(string(m.Reason), ";") {
			return fmt.Errorf("trail: step %d (%q left by %q because %q) cannot be written on one line", i, m.Node, m.Exit, m.Reason)
		}
	}
	return nil
}

// write writes the trail as three words for each step.
func (t Trail) write(w *compact.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	w.Array(3 * len(t))
	for _, m := range t {
		w.Word(words(), string(m.Node))
		w.Word(words(), string(m.Exit))
		w.Word(words(), string(m.Reason))
	}
	return nil
}

// readTrail reads what write wrote.
func readTrail(in *compact.Reader) Trail {
	n := in.Array()
	if n%3 != 0 {
		in.Fail("a trail that ends within a step")
		return nil
	}
	t := make(Trail, n/3)
	for i := range t {
		t[i] = TrailEntry{Node: NodeID(in.Word(words())), Exit: Exit(in.Word(words())), Reason: Reason(in.Word(words()))}
	}
	if err := t.check(); err != nil {
		in.Fail("a step that is none")
		return nil
	}
	return t
}

// MarshalText prints the trail on one line. It fails where a step would not be read back
// as it is: a reason with a semicolon in it could forge the steps that follow, and with
// them what the run has proved.
func (t Trail) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	var n int
	for _, m := range t {
		n += len(m.Node) + len(m.Exit) + len(m.Reason) + 3
	}
	b := make([]byte, 0, n)
	for i, m := range t {
		if i > 0 {
			b = append(b, ';')
		}
		b = append(b, m.Node...)
		b = append(b, '/')
		b = append(b, m.Exit...)
		if m.Reason != "" {
			b = append(b, ':')
			b = append(b, m.Reason...)
		}
	}
	return b, nil
}

// UnmarshalText reads what MarshalText wrote.
func (t *Trail) UnmarshalText(b []byte) error {
	*t = nil
	if len(b) == 0 {
		return nil
	}
	s := string(b)
	out := make(Trail, 0, strings.Count(s, ";")+1)
	for part := range strings.SplitSeq(s, ";") {
		node, rest, ok := strings.Cut(part, "/")
		if !ok || node == "" || rest == "" {
			return fmt.Errorf("trail: %q is not node/exit", part)
		}
		exit, reason, _ := strings.Cut(rest, ":")
		if exit == "" {
			return fmt.Errorf("trail: %q has no exit", part)
		}
		out = append(out, TrailEntry{Node: NodeID(node), Exit: Exit(exit), Reason: Reason(reason)})
	}
	*t = out
	return nil
}

// audit walks a trail from the start of its graph and checks that it is a path to the
// end, that no exit was taken without what it needs, and that the end's rules hold.
func audit(f *Flow, trail Trail, end NodeID) error {
	at := f.Graph.Start
	for i, m := range trail {
		shows, ok := f.Graph.Nodes[m.Node].Stage.Exits[m.Exit]
		if !ok || m.Node != at {
			return fmt.Errorf("%s: %w: %s.%s", f.Graph.Flow, ErrTrail, m.Node, m.Exit)
		}
		for _, need := range shows.Needs {
			if !f.proved(trail[:i], need) {
				return fmt.Errorf("%s: %s.%s: %w: %s", f.Graph.Flow, m.Node, m.Exit, ErrNeeds, need)
			}
		}
		at = f.Graph.Nodes[m.Node].Next[m.Exit]
	}
	if at != end {
		return fmt.Errorf("%s: %w: it leads to %s, not %s", f.Graph.Flow, ErrTrail, at, end)
	}
	for _, rule := range f.Graph.Nodes[end].Rules {
		if !f.proved(trail, rule.Proof) && !waived(trail, rule.WaivedBy) {
			return fmt.Errorf("%s: %s: %w: %s", f.Graph.Flow, end, ErrRules, rule.Proof)
		}
	}
	return nil
}

// proved reports whether any step of the trail proves p.
func (f *Flow) proved(trail Trail, p Proof) bool {
	for _, m := range trail {
		if slices.Contains(f.Graph.Nodes[m.Node].Stage.Exits[m.Exit].Proves, p) {
			return true
		}
	}
	return false
}

// proofs returns what each step of the trail proves.
func (f *Flow) proofs(trail Trail) [][]Proof {
	if len(trail) == 0 {
		return nil
	}
	out := make([][]Proof, len(trail))
	for i, m := range trail {
		out[i] = f.Graph.Nodes[m.Node].Stage.Exits[m.Exit].Proves
	}
	return out
}

func waived(trail Trail, by []Edge) bool {
	for _, m := range trail {
		if slices.Contains(by, Edge{Node: m.Node, Exit: m.Exit}) {
			return true
		}
	}
	return false
}
