package explain_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/engine/explain"
)

// TestWay: what a picture shows of a run is where it stands, the edges it took, and a note
// at each of its nodes. A run that pretends stands where it pretends.
func TestWay(t *testing.T) {
	flows := compiled(t)
	for _, c := range []struct {
		name, trail string
		change      func(*explain.Run)
		at          engine.NodeID
		path        []engine.Edge
		notes       map[engine.NodeID]string
	}{
		{"waits", "form/ok;network/new", func(r *explain.Run) { r.Node, r.Wrong = "code", map[engine.NodeID]int{"code": 2} }, "code",
			[]engine.Edge{{Node: "form", Exit: "ok"}, {Node: "network", Exit: "new"}}, map[engine.NodeID]string{
				"form":    `left by ok: "name and password" was answered, and accepted; this proves subject, active and first`,
				"network": `left by new: the answer to "is a code due?" was new; so code is asked`,
				"code":    "waits at code (the code of the app), after 2 wrong tries of 3; it wants code (six digits), note; it goes on by away, or by ok, which proves second",
			}},
		{"pretends", "form/unknown", func(r *explain.Run) { r.Node, r.As, r.Account = "pretend", "code", "" }, "pretend",
			[]engine.Edge{{Node: "form", Exit: "unknown"}}, map[engine.NodeID]string{
				"form":    "left by unknown: nobody it could be about was found, and nobody is to notice: the run goes on without an account, and leads nowhere",
				"pretend": "waits at code (the code of the app); it is about nobody and only looks as if: no answer is right; it wants code (six digits), note",
			}},
		{"twice at one node", "due/due:factor=totp;due/none:factor=none", func(r *explain.Run) { r.Node, r.Over = "session", explain.Reached }, "session",
			[]engine.Edge{{Node: "due", Exit: "due"}, {Node: "due", Exit: "none"}}, map[engine.NodeID]string{
				"due":     "left by due: there is a factor (factor=totp); so code is asked\nleft by none: there is no second factor (factor=none); so code is passed over",
				"session": "ended at session (signed in)",
			}},
		{"has just begun", "", func(r *explain.Run) { r.Node = "form" }, "form", nil, map[engine.NodeID]string{
			"form": "waits at form (name and password); it goes on by ok, which proves subject, active and first, or by unknown",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, path, notes := explain.Explain(flows, kept(t, flows, c.trail, c.change), began).Way()
			if diff := cmp.Diff(c.path, path); diff != "" || at != c.at {
				t.Errorf("it stands at %s, want %s; the path: want -, got +\n%s", at, c.at, diff)
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("the notes: want -, got +\n%s", diff)
			}
		})
	}
}
