package engine

import (
	"reflect"
	"strings"
	"testing"
)

// termsSplice asks for something before every session, unless a decision waives it.
func termsSplice() Splice {
	return Splice{
		Before: "session",
		Start:  "acme.terms_due",
		Nodes: Nodes{
			"acme.terms_due": {
				Stage: deciding("acme.terms_due", Exits{"due": {}, "accepted": {}}),
				Next:  Next{"due": "acme.terms", "accepted": Onward},
			},
			"acme.terms": {
				Stage: asking("acme.terms", Exits{OK: {Proves: []Proof{"acme.terms"}}, "declined": {}}),
				Next:  Next{OK: Onward, "declined": "refused"},
			},
		},
		Rules: []Rule{{Proof: "acme.terms", WaivedBy: []Edge{{"acme.terms_due", "accepted"}}}},
	}
}

// TestSplice puts a part before a node: whatever led there leads to the part, and the
// part leads there.
func TestSplice(t *testing.T) {
	g, s := checkLogin(), termsSplice()
	was := g.deep()
	spliced, err := g.Splice(s)
	if err != nil {
		t.Fatal(err)
	}
	for node, want := range map[NodeID]Next{
		"trust_due":      {"offer": "mfa_trust", "skip": "acme.terms_due"},
		"mfa_trust":      {OK: "acme.terms_due"},
		"acme.terms_due": {"due": "acme.terms", "accepted": "session"},
		"acme.terms":     {OK: "session", "declined": "refused"},
	} {
		if got := spliced.Nodes[node].Next; !reflect.DeepEqual(got, want) {
			t.Errorf("%s leads to %v, want %v", node, got, want)
		}
	}
	if !reflect.DeepEqual(g.deep(), was) || !reflect.DeepEqual(s, termsSplice()) {
		t.Error("splicing changed the graph or the splice it was handed")
	}
	r := Check(spliced)
	if !r.OK() {
		t.Errorf("%s", r)
	}
	if last := r.Rules[len(r.Rules)-1]; last.End != "session" || last.Proof != "acme.terms" || !last.Holds {
		t.Errorf("the session demands %+v", last)
	}
}

// TestSpliceAtAnEdge touches that edge alone.
func TestSpliceAtAnEdge(t *testing.T) {
	s := termsSplice()
	s.Before, s.At, s.Rules = "", Edge{"trust_due", "skip"}, nil
	g, err := checkLogin().Splice(s)
	if err != nil {
		t.Fatal(err)
	}
	if to := g.Nodes["mfa_trust"].Next[OK]; to != "session" {
		t.Errorf("another edge leads to %s", to)
	}
	if to, on := g.Nodes["trust_due"].Next["skip"], g.Nodes["acme.terms"].Next[OK]; to != "acme.terms_due" || on != "session" {
		t.Errorf("the edge leads to %s, and on to %s", to, on)
	}
	s.Rules = termsSplice().Rules
	if g, err = checkLogin().Splice(s); err != nil {
		t.Fatal(err)
	}
	if err := Check(g).Err(); err == nil || !strings.Contains(err.Error(), "mfa_trust.ok -> session: nothing proves acme.terms") {
		t.Errorf("demanded on one of two ways: %v", err)
	}
}

// TestSpliceTwice: of two before one node the first comes first.
func TestSpliceTwice(t *testing.T) {
	one := Splice{Before: "session", Nodes: Nodes{"acme.one": {Stage: asking("acme.one", Exits{OK: {}}), Next: Next{OK: Onward}}}}
	two := Splice{Before: "session", Nodes: Nodes{"acme.two": {Stage: asking("acme.two", Exits{OK: {}}), Next: Next{OK: Onward}}}}
	g, err := checkLogin().Splice(one)
	if err == nil {
		g, err = g.Splice(two)
	}
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[NodeID]NodeID{"mfa_trust": "acme.one", "acme.one": "acme.two", "acme.two": "session"} {
		if to := g.Nodes[from].Next[OK]; to != want {
			t.Errorf("%s leads to %s, want %s", from, to, want)
		}
	}
}

// TestSpliceOfABypass is what somebody who extends a flow may do wrong.
func TestSpliceOfABypass(t *testing.T) {
	g, err := checkLogin().Splice(Splice{At: Edge{"factor_due", "due"}, Nodes: Nodes{"acme.vip_due": {
		Stage: deciding("acme.vip_due", Exits{"vip": {}, "other": {}}),
		Next:  Next{"vip": "session", "other": Onward},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	r := Check(g)
	if r.OK() || len(r.Faults) != 1 || !strings.Contains(r.Err().Error(), "factor_due.due -> acme.vip_due.vip -> session: nothing proves second") {
		t.Errorf("%s", r)
	}
}

// TestSpliceDemandsOfEnds: an end that grants nothing demands the rules where the splice
// stands before it, and only there.
func TestSpliceDemandsOfEnds(t *testing.T) {
	s := Splice{Before: "verified", Nodes: Nodes{"acme.ask": {
		Stage: asking("acme.ask", Exits{OK: {Proves: []Proof{"acme.ask"}}}), Next: Next{OK: Onward},
	}}, Rules: []Rule{{Proof: "acme.ask"}}}
	g, err := checkChange().Splice(s)
	if err != nil {
		t.Fatal(err)
	}
	if rules := g.Nodes["verified"].Rules; len(rules) != 2 || rules[1].Proof != "acme.ask" || !Check(g).OK() {
		t.Errorf("verified demands %v\n%s", rules, Check(g))
	}
	spliced, err := checkLogin().Splice(termsSplice())
	if err != nil {
		t.Fatal(err)
	}
	if rules := spliced.Nodes["refused"].Rules; len(rules) != 0 {
		t.Errorf("refused demands %v", rules)
	}
}

func TestSpliceRefuses(t *testing.T) {
	for want, change := range map[string]func(*Splice){
		"splice acme.terms_due before nowhere: flow login has no way to a node nowhere":                                                    func(s *Splice) { s.Before = "nowhere" },
		"splice acme.terms_due before password_form: flow login has no way to a node password_form":                                        func(s *Splice) { s.Before = "password_form" },
		"splice acme.terms_due at trust_due.ok: flow login has no edge trust_due.ok":                                                       func(s *Splice) { s.Before, s.At = "", Edge{"trust_due", OK} },
		"splice acme.terms_due before session: it needs either Before, a node, or At, an edge":                                             func(s *Splice) { s.At = Edge{"trust_due", "skip"} },
		"splice acme.terms_due before session: flow login has a node done already":                                                         func(s *Splice) { s.Nodes["done"] = Node{} },
		"splice acme.other before session: its start acme.other is none of its nodes":                                                      func(s *Splice) { s.Start = "acme.other" },
		`splice "" before session: it has 2 nodes and no Start (name the one where a run comes in)`:                                        func(s *Splice) { s.Start = "" },
		"splice acme.terms_due before session: it has no nodes":                                                                            func(s *Splice) { s.Nodes = nil },
		"splice acme.terms_due at .: it needs either Before, a node, or At, an edge\nsplice acme.terms_due at .: flow login has no edge .": func(s *Splice) { s.Before = "" },
	} {
		s := termsSplice()
		change(&s)
		got, err := checkLogin().Splice(s)
		if err == nil || err.Error() != want || got.Nodes != nil {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}
