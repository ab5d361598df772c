package engine

import (
	"slices"
	"strings"
	"testing"
)

// otherLogin is the login under another id, with another first stage before the same tail.
func otherLogin() Graph {
	g := checkLogin()
	g.Flow = "elsewhere"
	form := g.Nodes["password_form"]
	delete(g.Nodes, "password_form")
	g.Start, g.Nodes["other_form"] = "other_form", form
	for id, n := range g.Nodes {
		for i, r := range n.Rules {
			n.Rules[i].WaivedBy = slices.Clone(r.WaivedBy)
		}
		g.Nodes[id] = n
	}
	return g
}

// TestPartsAreShared: flows that go on alike have one part, which tells both.
func TestPartsAreShared(t *testing.T) {
	parts := Parts([]Graph{checkLogin(), otherLogin()}, "mfa_authenticate")
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	p := parts[0]
	if p.Flow != "mfa_authenticate" || p.Start != "mfa_authenticate" || !slices.Equal(p.PartOf, []FlowID{"elsewhere", "login"}) {
		t.Errorf("%s starts at %s, of %v", p.Flow, p.Start, p.PartOf)
	}
	if want := []NodeID{"mfa_authenticate", "mfa_trust", "session", "trust_due"}; !slices.Equal(sorted(p.Nodes), want) {
		t.Errorf("nodes are %v", sorted(p.Nodes))
	}
	if !strings.HasSuffix(p.Title, "in elsewhere and login") {
		t.Errorf("the title is %q", p.Title)
	}
	table := p.Table()
	for _, want := range []string{"\nwaits in elsewhere and login\n", "    first    before\n", "    second   by mfa_authenticate.ok\n"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

// TestPartsThatDifferAreApart, the more shared one first.
func TestPartsThatDifferAreApart(t *testing.T) {
	third := next(checkLogin(), "mfa_authenticate", OK, "session")
	third.Flow = "abc"
	parts := Parts([]Graph{third, checkLogin(), otherLogin()}, "mfa_authenticate")
	if len(parts) != 2 || len(parts[0].PartOf) != 2 || !slices.Equal(parts[1].PartOf, []FlowID{"abc"}) {
		t.Errorf("%d parts, of %v", len(parts), parts)
	}
	for _, wire := range []string{"", "nowhere", "password_form"} {
		if got := Parts([]Graph{checkLogin()}, wire); got != nil {
			t.Errorf("%d parts under %q", len(got), wire)
		}
	}
}

// TestPartsHold: every part of a sound graph is sound, has all that can be reached and
// nothing else, and no edge of it is dead that is not dead in the whole.
func TestPartsHold(t *testing.T) {
	g := checkLogin()
	whole := newChecker(g)
	dead := whole.dead()
	for _, id := range whole.order {
		wire := g.Nodes[id].Stage.Wire
		if wire == "" {
			continue
		}
		p := Parts([]Graph{g}, wire)[0]
		r := Check(p)
		if !r.OK() {
			t.Errorf("%s: %v", wire, r.Err())
		}
		if reached := whole.reach(id, all); len(reached) != len(p.Nodes) {
			t.Errorf("%s: %d nodes, %d can be reached", wire, len(p.Nodes), len(reached))
		}
		for _, e := range r.Dead {
			if !slices.Contains(dead, e) {
				t.Errorf("%s: %s is dead in the part only", wire, e)
			}
		}
		for _, rule := range r.Rules {
			if !rule.Holds || rule.Proof == First && !rule.Before {
				t.Errorf("%s: %s holds %v, before %v", wire, rule.Proof, rule.Holds, rule.Before)
			}
		}
		if text := r.String(); !strings.Contains(text, "holds  first    before\n") {
			t.Errorf("%s:\n%s", wire, text)
		}
	}
	if len(g.PartOf) > 0 || g.Fingerprint() != checkLogin().Fingerprint() {
		t.Error("the graph was changed")
	}
}

// TestGivenWakesAnEdge: an exit that needs what only the part before can have shown is
// not dead there.
func TestGivenWakesAnEdge(t *testing.T) {
	g := checkLogin()
	form := g.Nodes["password_form"]
	form.Stage.Exits = Exits{OK: {Binds: true, Proves: []Proof{Subject, First, Assertion}}}
	g.Nodes["password_form"] = form
	presence := Edge{Node: "factor_due", Exit: "presence"}
	p := Parts([]Graph{g}, "verify_email")[0]
	if !slices.Contains(p.Given, Assertion) || slices.Contains(Check(p).Dead, presence) {
		t.Errorf("given %v, dead %v", p.Given, Check(p).Dead)
	}
	p = Parts([]Graph{checkLogin()}, "verify_email")[0]
	if slices.Contains(p.Given, Assertion) || !slices.Contains(Check(p).Dead, presence) {
		t.Errorf("given %v, dead %v", p.Given, Check(p).Dead)
	}
}
