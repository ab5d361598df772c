package engine

import (
	"reflect"
	"strings"
	"testing"
)

// TestExamine lists what a set decides and what can be pending, with nothing to find
// fault with.
func TestExamine(t *testing.T) {
	set, _ := gated("new", "old")
	x := Examine(set)
	if !x.OK() || x.Count() != 0 || len(x.Flows) != 1 {
		t.Fatalf("%+v", x)
	}
	want := []decisionReport{
		{Stage: "acme.terms_due", Reads: []string{"Own"}, Valuations: 2, ByExit: map[Exit]int{"new": 1, "old": 1}, Never: []Exit{}, Flows: []FlowID{"login"},
			Reasons: map[Exit][]Reason{"new": {"own=new"}, "old": {"own=old"}}},
		{Stage: "active", Reads: []string{"Active"}, Valuations: 2, ByExit: map[Exit]int{"yes": 1, "no": 1}, Never: []Exit{}, Flows: []FlowID{"login"}, Reasons: map[Exit][]Reason{}},
	}
	if !reflect.DeepEqual(x.Decisions, want) {
		t.Errorf("decisions %+v", x.Decisions)
	}
	if pending := []pendingReport{{Wire: "terms", Stages: []StageID{"acme.terms"}, Flows: []FlowID{"login"}}}; !reflect.DeepEqual(x.Pending, pending) {
		t.Errorf("pending %+v", x.Pending)
	}
}

// TestExamineFinds: faults of graphs stand in their reports, all others by themselves,
// and an exit that no combination takes is named.
func TestExamineFinds(t *testing.T) {
	set, _ := gated("new", "old")
	set.Deciders["active"] = DecideFunc(func(Facts) (Exit, Reason) { return "yes", "" })
	x := Examine(set)
	if d := x.Decisions[1]; !x.OK() || !reflect.DeepEqual(d.Never, []Exit{"no"}) {
		t.Errorf("never %v, %v", d.Never, x.Faults)
	}
	set.Deciders["active"] = DecideFunc(func(Facts) (Exit, Reason) { return "maybe", "" })
	delete(set.Handlers, "form")
	set.Graphs[0].Nodes["out"] = Node{Stage: Stage{ID: "out", Kind: Ends}, Rules: []Rule{{Proof: Email}}}
	x = Examine(set)
	all := strings.Join(x.Faults, "\n")
	if x.Count() != 3 || len(x.Flows[0].Faults) != 1 || !strings.Contains(all, "stage form: asks, and has no handler") ||
		!strings.Contains(all, `its decider answers "maybe", which the stage does not declare, to Active=false`) {
		t.Errorf("%d faults: %v\n%s", x.Count(), x.Flows[0].Faults, all)
	}
}
