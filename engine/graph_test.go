package engine

import (
	"reflect"
	"strings"
	"testing"
)

func TestSplice(t *testing.T) {
	g := checkLogin()
	was := g.deep()
	terms := Node{
		Stage: asking("acme.terms", Exits{OK: {Proves: []Proof{"acme.terms"}}, "declined": {}}),
		Next:  Next{"declined": "refused"},
	}
	spliced, err := g.Splice(Edge{"trust_due", "skip"}, "terms", terms, OK)
	if err != nil {
		t.Fatal(err)
	}
	if to := spliced.Nodes["trust_due"].Next["skip"]; to != "terms" {
		t.Errorf("the edge leads to %s", to)
	}
	if want := (Next{OK: "session", "declined": "refused"}); !reflect.DeepEqual(spliced.Nodes["terms"].Next, want) {
		t.Errorf("the new node leads to %v", spliced.Nodes["terms"].Next)
	}
	if !reflect.DeepEqual(g.deep(), was) || len(terms.Next) != 1 {
		t.Error("splicing changed the graph or the node it was handed")
	}
	if r := Check(spliced); !r.OK() {
		t.Errorf("%s", r)
	}
}

// TestSpliceOfABypass is what somebody who extends a flow may do wrong.
func TestSpliceOfABypass(t *testing.T) {
	g, err := checkLogin().Splice(Edge{"factor_due", "due"}, "vip_due", Node{
		Stage: deciding("acme.vip_due", Exits{"vip": {}, "other": {}}),
		Next:  Next{"vip": "session"},
	}, "other")
	if err != nil {
		t.Fatal(err)
	}
	r := Check(g)
	if r.OK() || len(r.Faults) != 1 || !strings.Contains(r.Err().Error(), "factor_due.due -> vip_due.vip -> session: nothing proves second") {
		t.Errorf("%s", r)
	}
}

func TestSpliceRefuses(t *testing.T) {
	g := checkLogin()
	for _, c := range []struct {
		at   Edge
		id   NodeID
		want string
	}{
		{Edge{"nowhere", OK}, "terms", "splice terms into login: no node nowhere"},
		{Edge{"trust_due", OK}, "terms", "splice terms into login: no edge trust_due.ok"},
		{Edge{"trust_due", "skip"}, "done", "splice done into login: the graph has a node of this id"},
	} {
		if got, err := g.Splice(c.at, c.id, Node{}, OK); err == nil || err.Error() != c.want || got.Nodes != nil {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if got, err := g.Splice(Edge{"trust_due", "skip"}, "bare", Node{}, OK); err != nil || got.Nodes["bare"].Next[OK] != "session" {
		t.Errorf("a node without edges is spliced as %+v, %v", got.Nodes["bare"], err)
	}
}

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
	was := g.Print()
	c := g.Clone()
	c.Nodes["trust_due"].Next["skip"] = "refused"
	c.Nodes["session"].Rules[0] = Rule{Proof: "acme.other"}
	c.Nodes["more"] = Node{}
	delete(c.Nodes, "done")
	if g.Print() != was || c.Print() == was {
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
