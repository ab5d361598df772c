package explain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/engine/explain"
)

// given are what two deciders give as reasons.
func given(stage engine.StageID, exit engine.Exit) []engine.Reason {
	return map[engine.StageID]map[engine.Exit][]engine.Reason{
		"due":          {"due": {"factor=totp"}, "none": {"factor=none"}},
		"acme.network": {"known": {"seen=3", "seen=4"}},
	}[stage][exit]
}

// TestWaiting says why runs wait at a stage, in the words of the stages before it.
func TestWaiting(t *testing.T) {
	const want = `code: the code of the app
waits in login, at code
  wants code (six digits), note
  is over after 3 wrong tries
  asked where due is left by due: there is a factor
  asked where network is left by new
  passed over where due is left by none: there is no second factor
  passed over where network is left by known: the network was seen 3 times; or the network was seen 4 times
  goes on by away, or by ok, which proves second
`
	p := explain.Waiting([]engine.Graph{graph()}, given, "code")
	if diff := cmp.Diff(want, p.String()); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	b, err := json.Marshal(p)
	if err != nil || !strings.Contains(string(b), `"asked":[{"node":"due","exit":"due","why":["there is a factor"]}`) {
		t.Errorf("%s, %v", b, err)
	}
	if none := explain.Waiting([]engine.Graph{graph()}, given, "nothing"); len(none.Stages) != 0 || none.String() != "" {
		t.Errorf("%+v", none)
	}
}

// TestWaitingIn lists the stages of a flow in the order in which runs come there.
func TestWaitingIn(t *testing.T) {
	g := graph()
	late := engine.Node{Stage: engine.Stage{ID: "a_last", Kind: engine.Asks, Wire: "a_last", Exits: engine.Exits{engine.OK: {}}}, Next: engine.Next{engine.OK: "session"}}
	code := g.Nodes["code"]
	code.Next = engine.Next{engine.OK: "a_last", "away": "done"}
	g.Nodes["code"], g.Nodes["a_last"] = code, late
	p := explain.WaitingIn(g, given)
	var wires []string
	for _, s := range p.Stages {
		wires = append(wires, s.Wire)
	}
	if !slices.Equal(wires, []string{"code", "a_last"}) || !strings.HasPrefix(p.String(), "login: come in\n\ncode: ") {
		t.Errorf("%v\n%s", wires, p)
	}
	g.Nodes = engine.Nodes{"form": g.Nodes["form"]}
	if got := explain.WaitingIn(g, given).String(); !strings.HasSuffix(got, "no run of it waits: it is over with its first submission\n") {
		t.Errorf("%s", got)
	}
}
