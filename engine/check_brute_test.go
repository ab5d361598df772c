package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bruteHolds tries every walk through the graph: it explores all states a run can be in
// (where it stands, and whether it has shown the proof or had it waived), taking an exit
// that needs the proof only with it. It returns whether every run that reaches the end
// has shown it or had it waived, and otherwise the length of the shortest walk that has
// not.
func bruteHolds(g Graph, end NodeID, r Rule) (bool, int) {
	type state struct {
		at             NodeID
		proved, waived bool
	}
	depth := map[state]int{{at: g.Start}: 0}
	queue := []state{{at: g.Start}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if s.at == end && !s.proved && !s.waived {
			return false, depth[s]
		}
		for exit, to := range g.Nodes[s.at].Next {
			shows := g.Nodes[s.at].Stage.Exits[exit]
			if _, ok := g.Nodes[to]; !ok || (slices.Contains(shows.Needs, r.Proof) && !s.proved) {
				continue
			}
			next := state{to, s.proved || slices.Contains(shows.Proves, r.Proof), s.waived || slices.Contains(r.WaivedBy, Edge{s.at, exit})}
			if _, seen := depth[next]; !seen {
				depth[next] = depth[s] + 1
				queue = append(queue, next)
			}
		}
	}
	return true, 0
}

// confirmBypass walks a counter-example as the engine would and fails where it is none:
// where it is no walk from the start to the end, takes an exit without what it needs, or
// satisfies the rule after all.
func confirmBypass(g Graph, end NodeID, r Rule, path []Edge) error {
	at := g.Start
	for _, e := range path {
		shows := g.Nodes[e.Node].Stage.Exits[e.Exit]
		to, ok := g.Nodes[e.Node].Next[e.Exit]
		switch {
		case !ok || e.Node != at:
			return fmt.Errorf("%s is no edge from %s", e, at)
		case slices.Contains(shows.Needs, r.Proof):
			return fmt.Errorf("%s needs %s", e, r.Proof)
		case slices.Contains(shows.Proves, r.Proof):
			return fmt.Errorf("%s proves %s", e, r.Proof)
		case slices.Contains(r.WaivedBy, e):
			return fmt.Errorf("%s waives %s", e, r.Proof)
		}
		at = to
	}
	if at != end {
		return fmt.Errorf("it leads to %s, not to %s", at, end)
	}
	return nil
}

// fataller is a test, of this package or of rapid, which then finds a smaller case.
type fataller interface {
	Helper()
	Fatalf(format string, args ...any)
}

// agree holds every rule of a graph's report against brute force, and returns how many
// failed.
func agree(t fataller, g Graph, r Report) int {
	t.Helper()
	failed, i := 0, 0
	for _, end := range r.Ends {
		for _, rule := range g.Nodes[end.Node].Rules {
			got := r.Rules[i]
			i++
			holds, steps := bruteHolds(g, end.Node, rule)
			if got.End != end.Node || got.Proof != rule.Proof || got.Holds != holds {
				t.Fatalf("rule %s of %s: Check says %v, trying every walk says %v\n%s", rule.Proof, end.Node, got.Holds, holds, g.Table())
			}
			if holds {
				continue
			}
			failed++
			if err := confirmBypass(g, end.Node, rule, got.Path); err != nil {
				t.Fatalf("rule %s: the counter-example %s is none: %v\n%s", rule.Proof, printPath(got.Path, end.Node), err, g.Table())
			}
			if len(got.Path) != steps {
				t.Fatalf("rule %s: the counter-example takes %d steps, the shortest %d\n%s", rule.Proof, len(got.Path), steps, g.Table())
			}
			if r.OK() {
				t.Fatalf("a rule fails and the report is ok\n%s", r)
			}
		}
	}
	if i != len(r.Rules) {
		t.Fatalf("%d rules reported, %d declared", len(r.Rules), i)
	}
	return failed
}

func TestRulesAgreeWithEveryWalk(t *testing.T) {
	var failed, held int
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		r := Check(g)
		n := agree(rt, g, r)
		failed += n
		held += len(r.Rules) - n
	})
	if failed == 0 || held == 0 {
		t.Errorf("the random graphs show only one side: %d rules failed, %d held", failed, held)
	}
}

// bruteBindsTwice tries every walk for one that binds the subject twice.
func bruteBindsTwice(g Graph) bool {
	type state struct {
		at    NodeID
		bound bool
	}
	seen := map[state]bool{{at: g.Start}: true}
	queue := []state{{at: g.Start}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for exit, to := range g.Nodes[s.at].Next {
			binds := g.Nodes[s.at].Stage.Exits[exit].Binds
			if binds && s.bound {
				return true
			}
			if next := (state{to, s.bound || binds}); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

func TestRebindingAgreesWithEveryWalk(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		var found bool
		for _, f := range Check(g).Faults {
			if f.Hint != bindOnce {
				continue
			}
			found = true
			bound, at := 0, g.Start
			for _, e := range f.Path {
				if e.Node != at {
					rt.Fatalf("%v is no walk\n%s", f, g.Table())
				}
				if g.Nodes[e.Node].Stage.Exits[e.Exit].Binds {
					bound++
				}
				at = g.Nodes[e.Node].Next[e.Exit]
			}
			if bound != 2 {
				rt.Fatalf("%v binds %d times\n%s", f, bound, g.Table())
			}
		}
		if want := bruteBindsTwice(g); found != want {
			rt.Fatalf("Check finds a rebinding: %v, trying every walk: %v\n%s", found, want, g.Table())
		}
		verdicts[found]++
	})
	if len(verdicts) != 2 {
		t.Errorf("the random graphs show only one side: %v", verdicts)
	}
}

// bruteLive tries every walk, remembering everything shown on it and refusing exits that
// need more, and returns the edges that some walk takes.
func bruteLive(g Graph) map[Edge]bool {
	type state struct {
		at    NodeID
		shown string
	}
	live := make(map[Edge]bool)
	seen := map[state]bool{{at: g.Start}: true}
	queue := []state{{at: g.Start}}
	has := func(shown string, p Proof) bool { return slices.Contains([]byte(shown), p[0]) }
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for exit, to := range g.Nodes[s.at].Next {
			shows := g.Nodes[s.at].Stage.Exits[exit]
			if slices.ContainsFunc(shows.Needs, func(p Proof) bool { return !has(s.shown, p) }) {
				continue
			}
			live[Edge{s.at, exit}] = true
			shown := []byte(s.shown)
			for _, p := range shows.Proves {
				if !has(s.shown, p) {
					shown = append(shown, p[0])
				}
			}
			slices.Sort(shown)
			if next := (state{to, string(shown)}); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return live
}

func TestNoWalkTakesADeadEdge(t *testing.T) {
	var dead int
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		live := bruteLive(g)
		for _, e := range Check(g).Dead {
			dead++
			if live[e] {
				rt.Fatalf("%s is called dead, and a walk takes it\n%s", e, g.Table())
			}
		}
	})
	if dead == 0 {
		t.Error("no random graph has a dead edge")
	}
}

// TestEveryRewiring leads every single edge of every fixture to every other node and
// holds Check against brute force: what gets around a rule is refused with a way that
// really does, and what is refused for its rules really is got around.
func TestEveryRewiring(t *testing.T) {
	for _, g := range checkGraphs() {
		var all, bypassed, accepted int
		for _, from := range sorted(g.Nodes) {
			for _, exit := range sorted(g.Nodes[from].Next) {
				for _, to := range sorted(g.Nodes) {
					if to == g.Nodes[from].Next[exit] {
						continue
					}
					h := edit(g, from, func(n *Node) { n.Next[exit] = to })
					r := Check(h)
					all++
					switch {
					case agree(t, h, r) > 0:
						bypassed++
					case r.OK():
						accepted++
					}
				}
			}
		}
		t.Logf("%s: %d rewirings, %d get around a rule, %d more are refused for their shape, %d are sound",
			g.Flow, all, bypassed, all-bypassed-accepted, accepted)
		if bypassed == 0 || bypassed == all {
			t.Errorf("%s: %d of %d rewirings get around a rule: they test nothing", g.Flow, bypassed, all)
		}
	}
}

// TestEveryForgottenProof takes every proof off every edge that proves one, and every
// need off every edge that has one.
func TestEveryForgottenProof(t *testing.T) {
	for _, g := range checkGraphs() {
		for _, from := range sorted(g.Nodes) {
			for _, exit := range sorted(g.Nodes[from].Next) {
				for i, p := range g.Nodes[from].Stage.Exits[exit].Proves {
					h := edit(g, from, func(n *Node) {
						s := n.Stage.Exits[exit]
						s.Proves = slices.Delete(s.Proves, i, i+1)
						n.Stage.Exits[exit] = s
					})
					agree(t, h, Check(h))
					if demanded(g, p) && len(newChecker(g).provedBy(p)) == 1 && Check(h).OK() {
						t.Errorf("%s: without %s on %s.%s nothing is refused", g.Flow, p, from, exit)
					}
				}
				h := edit(g, from, func(n *Node) {
					s := n.Stage.Exits[exit]
					s.Needs = nil
					n.Stage.Exits[exit] = s
				})
				agree(t, h, Check(h))
			}
		}
	}
}

func demanded(g Graph, p Proof) bool {
	for _, n := range g.Nodes {
		if slices.ContainsFunc(n.Rules, func(r Rule) bool { return r.Proof == p }) {
			return true
		}
	}
	return false
}
