package engine

import (
	"context"
	"reflect"
	"strings"
	"testing"
)

// termsExtension is a complete extension: a decision and a stage before every session.
func termsExtension() Extension {
	return Extension{
		Owner: "acme", Splices: []Splice{termsSplice()},
		Handlers: map[StageID]Handler{"acme.terms": okHandler{}},
		Deciders: map[StageID]Decider{"acme.terms_due": DecideFunc(func(Facts) (Exit, Reason) { return "due", "" })},
	}
}

// pollFlow is a whole flow of an outside package.
func pollFlow() Graph {
	return Graph{
		Flow: "acme.poll", Start: "question", OfSession: true, Offer: SignedIn,
		Nodes: Nodes{
			"question": {Stage: starting("acme.question", Exits{OK: {}}), Next: Next{OK: "end"}},
			"end":      {Stage: Stage{ID: "acme.answered", Kind: Ends}},
		},
	}
}

// TestExtend adds a stage to every way in and a flow, with one call each.
func TestExtend(t *testing.T) {
	set := boundSet()
	was := set.Graphs[0].deep()
	graph := set.Graphs[0]
	poll := Extension{Owner: "acme", Flows: []Graph{pollFlow()}, Handlers: map[StageID]Handler{"acme.question": okHandler{}}}
	if err := set.Extend(termsExtension(), poll); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(graph.deep(), was) {
		t.Error("extending changed a graph that somebody else may hold")
	}
	flows, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows.All() {
		_, has := f.Node("acme.terms")
		grants := f.Graph.Nodes["session"].Stage.Grants
		if has != grants {
			t.Errorf("%s has the stage: %v; grants a session: %v", f.Graph.Flow, has, grants)
		}
	}
	if flows.Flow("acme.poll") == nil {
		t.Error("the flow is not there")
	}
}

// TestExtendInSomeFlows leaves all others as they are.
func TestExtendInSomeFlows(t *testing.T) {
	set, x := boundSet(), termsExtension()
	x.Splices[0].In = []FlowID{"login"}
	if err := set.Extend(x); err != nil {
		t.Fatal(err)
	}
	for _, g := range set.Graphs {
		_, has := g.Nodes["acme.terms"]
		if demands := len(g.Nodes["session"].Rules) > len(checkRules()); has != (g.Flow == "login") || demands != has {
			t.Errorf("%s has the stage: %v, and demands it: %v", g.Flow, has, demands)
		}
	}
	if _, err := Compile(set); err != nil {
		t.Error(err)
	}
}

// TestExtendFindsFlowsOfOthers: a way in of another package is asked, too, whichever comes
// first.
func TestExtendFindsFlowsOfOthers(t *testing.T) {
	way := checkPasskey()
	way.Flow = "other.badge"
	for _, order := range [][]Extension{
		{{Owner: "other", Flows: []Graph{way}}, termsExtension()},
		{termsExtension(), {Owner: "other", Flows: []Graph{way}}},
	} {
		set := boundSet()
		if err := set.Extend(order...); err != nil {
			t.Fatal(err)
		}
		flows, err := Compile(set)
		if err != nil {
			t.Fatal(err)
		}
		if _, has := flows.Flow("other.badge").Node("acme.terms"); !has {
			t.Error("the way in of the other package goes past the stage")
		}
	}
}

// TestExtendDemandsEverywhere: a flow that grants a session and does not have the place
// is refused, with the way that goes past what is demanded.
func TestExtendDemandsEverywhere(t *testing.T) {
	way := edit(checkLogin(), "trust_due", func(n *Node) { n.Next = Next{"offer": "other.session", "skip": "other.session"} })
	way.Flow = "other.badge"
	delete(way.Nodes, "mfa_trust")
	delete(way.Nodes, "session")
	way.Nodes["other.session"] = Node{Stage: Stage{ID: "other.session", Kind: Ends, Grants: true}, Rules: checkRules()}
	set := boundSet()
	if err := set.Extend(Extension{Owner: "other", Flows: []Graph{way}}, termsExtension()); err != nil {
		t.Fatal(err)
	}
	_, err := Compile(set)
	if err == nil || strings.Count(err.Error(), "\n") != 0 ||
		!strings.Contains(err.Error(), "flow other.badge, node other.session") || !strings.Contains(err.Error(), "trust_due.offer -> other.session: nothing proves acme.terms") {
		t.Errorf("got %v", err)
	}
}

// TestExtendTogether reports every fault of every extension at once, and adds nothing.
func TestExtendTogether(t *testing.T) {
	set := boundSet()
	before := set
	nowhere := termsExtension()
	nowhere.Splices[0].Before = "nowhere"
	nowhere.Handlers["password_form"] = okHandler{}
	foreign := Extension{Owner: "other", Splices: []Splice{termsSplice()}, Handlers: map[StageID]Handler{"acme.terms": okHandler{}}}
	astray := Extension{Owner: "other", Splices: []Splice{{
		Before: "session", In: []FlowID{"login", "logn"},
		Nodes: Nodes{"other.ask": {Stage: asking("other.ask", Exits{OK: {}}), Next: Next{OK: Onward}}},
	}}}
	err := set.Extend(nowhere, foreign, astray, Extension{Owner: "a.b"}, Extension{})
	if err == nil {
		t.Fatal("accepted")
	}
	want := []string{
		`extension other: the node "acme.terms" does not carry its owner's name (call it "other.acme.terms")`,
		`extension other: the stage "acme.terms" does not carry its owner's name (call it "other.acme.terms")`,
		`extension other: the wire id "acme.terms" does not carry its owner's name (call it "other.acme.terms")`,
		`extension other: the proof "acme.terms" does not carry its owner's name (call it "other.acme.terms")`,
		`extension other: the node "acme.terms_due" does not carry its owner's name (call it "other.acme.terms_due")`,
		`extension other: the stage "acme.terms_due" does not carry its owner's name (call it "other.acme.terms_due")`,
		`extension a.b: the owner's name "a.b" is malformed (use a-z, 0-9 and _ only)`,
		`extension "": the owner's name "" is malformed (use a-z, 0-9 and _ only)`,
		"extension acme: splice acme.terms_due before nowhere: no flow has a way to a node nowhere",
		"extension acme: a handler is bound to stage password_form, which is not its own",
		"extension other: a handler is bound to stage acme.terms, which is not its own",
		"extension other: splice other.ask before session: there is no flow logn (misspelt, or switched off)",
	}
	got := strings.Split(err.Error(), "\n")
	for _, line := range want {
		found := false
		for _, g := range got {
			found = found || g == line
		}
		if !found {
			t.Errorf("nothing says %s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d faults, want %d:\n%s", len(got), len(want), err)
	}
	if !reflect.DeepEqual(before.Graphs, set.Graphs) || len(set.Handlers) != len(before.Handlers) {
		t.Error("a set that was refused an extension has changed")
	}
}

// TestExtendNames: what a flow and a stage name, too, carries the owner's name, except
// what the engine and the set have.
func TestExtendNames(t *testing.T) {
	flow := pollFlow()
	flow.Flow, flow.Slot, flow.Lifetime = "poll", "poll", 1
	stage := flow.Nodes["question"]
	stage.Stage.Uses, stage.Stage.Exits = "held", Exits{OK: {Proves: []Proof{Second, "asked_once"}}}
	flow.Nodes["question"] = stage
	end := flow.Nodes["end"]
	end.Rules = []Rule{{Proof: "asked_once"}, {Proof: "asked_twice"}}
	flow.Nodes["end"] = end
	set := boundSet()
	err := set.Extend(Extension{Owner: "acme", Flows: []Graph{flow}})
	want := []string{`flow "poll"`, `slot "poll"`, `proof "asked_once"`, `proof "asked_twice"`, `slot "held"`}
	if err == nil || strings.Count(err.Error(), "\n") != len(want)-1 {
		t.Fatalf("got %v, want %d faults", err, len(want))
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), "the "+w+" does not carry") {
			t.Errorf("nothing is said of the %s:\n%v", w, err)
		}
	}
	// The password form is the set's, the slot and the proofs are the engine's.
	own := checkLogin()
	own.Flow = "acme.login"
	if err := set.Extend(Extension{Owner: "acme", Flows: []Graph{own}}); err != nil {
		t.Errorf("a flow of stages that are there: %v", err)
	}
}

// TestExtendTwice refuses a second behaviour of one stage.
func TestExtendTwice(t *testing.T) {
	set := boundSet()
	again := Extension{Owner: "acme", Handlers: map[StageID]Handler{"acme.terms": okHandler{}}}
	if err := set.Extend(termsExtension(), again); err == nil || err.Error() != "extension acme: a handler is bound to stage acme.terms a second time" {
		t.Errorf("got %v", err)
	}
	if err := set.Extend(termsExtension()); err != nil {
		t.Fatal(err)
	}
	if err := set.Extend(Extension{Owner: "acme", Splices: []Splice{termsSplice()}}); err == nil || !strings.Contains(err.Error(), "flow login has a node acme.terms already") {
		t.Errorf("got %v", err)
	}
}

// personal is a decider whose fact is what an attribute says.
type personal struct{ DecideFunc }

func (personal) FactValues() []string { return []string{"", "old", "new"} }

func (personal) LoadFact(_ context.Context, q FactQuery) (string, error) {
	return q.Person.Attributes["acme.terms"], nil
}

// peopled is a Loader of one person.
type peopled struct{ asked []FactQuery }

func (p *peopled) Facts(_ context.Context, q FactQuery) (Facts, Person, error) {
	p.asked = append(p.asked, q)
	return Facts{Active: true}, Person{Account: "7", Attributes: map[string]string{"acme.terms": "old"}}, nil
}

// TestFactOfAnAttribute: a custom fact is made of what the loader has read, with no query
// of its own.
func TestFactOfAnAttribute(t *testing.T) {
	set, x, loader := boundSet(), termsExtension(), &peopled{}
	stage := x.Splices[0].Nodes["acme.terms_due"]
	stage.Stage.Reads = []string{"Own"}
	x.Splices[0].Nodes["acme.terms_due"] = stage
	x.Deciders["acme.terms_due"] = personal{func(f Facts) (Exit, Reason) { return "due", Reason(f.Own) }}
	if err := set.Extend(x); err != nil {
		t.Fatal(err)
	}
	flows, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	e := Engine{Config: Config{Flows: flows, Loader: loader}}
	login := flows.Flow("login")
	at := place{flow: login, node: login.Graph.Start, run: &Run{Subject: "7"}}
	w, err := e.facts(t.Context(), &attempt{place: at})
	if err != nil || w.own["acme.terms_due"] != "old" {
		t.Errorf("the fact is %q, %v", w.own["acme.terms_due"], err)
	}
	if len(loader.asked) != 1 || loader.asked[0].Person.Account != "" {
		t.Errorf("the loader was asked %+v", loader.asked)
	}
}
