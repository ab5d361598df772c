package suite

import (
	"testing"

	"stagedoor/engine"
)

// TestAbouts: only what another run does about the same account meanwhile counts.
func TestAbouts(t *testing.T) {
	a := &abouts{began: make(map[string]int)}
	turn := func(subject engine.AccountID, run string) bool {
		return a.note(engine.TurnEvent{Subject: subject, Run: &engine.Run{ID: run}})
	}
	for i, got := range []bool{turn("1", "before"), turn("1", "a"), turn("2", "b"), turn("1", "a"), a.note(engine.TurnEvent{Subject: "1"}), turn("1", "a"), turn("2", "b")} {
		if want := i == 5; got != want {
			t.Errorf("turn %d: disturbed %t", i, got)
		}
	}
}

// TestLeadsTo: a row is only that of the same decisions, as far as they go.
func TestLeadsTo(t *testing.T) {
	asked, decided := []engine.NodeID{"code"}, []engine.TrailEntry{{Node: "due", Exit: "yes"}, {Node: "trust", Exit: "skip"}}
	due, code, trust := engine.TrailEntry{Node: "due", Exit: "yes"}, engine.TrailEntry{Node: "code", Exit: "ok"}, engine.TrailEntry{Node: "trust", Exit: "skip"}
	for _, c := range []struct {
		marks engine.Trail
		at    engine.NodeID
		ended bool
		want  bool
	}{
		{engine.Trail{due}, "code", false, true},
		{engine.Trail{due}, "session", true, false},
		{engine.Trail{due, code, trust}, "session", true, true},
		{engine.Trail{due, code}, "session", true, false},
		{engine.Trail{{Node: "due", Exit: "no"}}, "code", false, false},
		{engine.Trail{due, {Node: "other", Exit: "ok"}}, "session", false, false},
	} {
		if got := leadsTo(c.marks, asked, decided, []engine.NodeID{"code", "session"}, c.at, c.ended); got != c.want {
			t.Errorf("%v to %s: %t", c.marks, c.at, got)
		}
	}
}
