package engine

import "testing"

func TestNodesWith(t *testing.T) {
	a := Nodes{"x": {Stage: Stage{ID: "x1"}}, "y": {Stage: Stage{ID: "y1"}}}
	b := Nodes{"y": {Stage: Stage{ID: "y2"}}, "z": {Stage: Stage{ID: "z2"}}}
	both := a.With(b)
	for id, want := range map[NodeID]StageID{"x": "x1", "y": "y2", "z": "z2"} {
		if got := both[id].Stage.ID; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if len(both) != 3 || len(a) != 2 || len(b) != 2 || a["y"].Stage.ID != "y1" {
		t.Error("putting them together changed one")
	}
	if alone := Nodes(nil).With(b); len(alone) != 2 {
		t.Errorf("nothing with two is %d", len(alone))
	}
}

func TestCloneCanBeChanged(t *testing.T) {
	g := checkLogin()
	was := g.Fingerprint()
	c := g.Clone()
	c.Nodes["trust_due"].Next["skip"] = "refused"
	c.Nodes["session"].Rules[0] = Rule{Proof: "acme.other"}
	c.Nodes["more"] = Node{}
	delete(c.Nodes, "done")
	if g.Fingerprint() != was || c.Fingerprint() == was {
		t.Error("changing the clone changed the graph")
	}
}

func TestWordsOfTheGraph(t *testing.T) {
	for k, want := range map[Kind]string{Asks: "asks", Decides: "decides", Ends: "ends", 0: "unknown", 9: "unknown"} {
		if k.String() != want {
			t.Errorf("kind %d is %s, want %s", k, k, want)
		}
	}
	if got := (Edge{"form", OK}).String(); got != "form.ok" {
		t.Errorf("the edge is %s", got)
	}
}
