package engine

import (
	"fmt"
	"maps"
	"slices"
)

// always are the proofs every session is granted on.
func always() []Proof { return []Proof{Subject, Active, First} }

// checkDemands refuses rules that say too little or make no sense.
func (c *checker) checkDemands(id NodeID) {
	n := c.g.Nodes[id]
	demanded := make(map[Proof]bool)
	for _, r := range n.Rules {
		if !named(string(r.Proof)) {
			c.fault(id, "", fmt.Sprintf("the proof's name %q is malformed", string(r.Proof)), namingHint)
		}
		if demanded[r.Proof] {
			c.fault(id, "", fmt.Sprintf("demands %s twice", r.Proof), "put all that waives it into one rule")
		}
		demanded[r.Proof] = true
		for _, w := range r.WaivedBy {
			from, ok := c.g.Nodes[w.Node]
			if _, leads := from.Next[w.Exit]; !ok || !leads {
				c.fault(id, "", fmt.Sprintf("waives %s by %s, which is no edge of the graph", r.Proof, w), "name an edge by its node and exit")
			}
		}
		if n.Stage.Grants && slices.Contains(always(), r.Proof) && len(r.WaivedBy) > 0 {
			c.fault(id, "", fmt.Sprintf("waives %s", r.Proof), "no session is without it: let an exit prove it instead")
		}
	}
	if !n.Stage.Grants {
		return
	}
	if len(n.Rules) == 0 {
		c.fault(id, "", "grants a session and has no rules", "demand at least subject, active and first")
		return
	}
	for _, p := range always() {
		if !demanded[p] {
			c.fault(id, "", fmt.Sprintf("grants a session and does not demand %s", p), "add a rule for it")
		}
	}
}

// proveRules proves the rules of an end, and notes those that can be got around.
func (c *checker) proveRules(id NodeID) []ruleReport {
	var out []ruleReport
	for _, r := range c.g.Nodes[id].Rules {
		report := ruleReport{
			End: id, Proof: r.Proof, Holds: true,
			ProvedBy: c.provedBy(r.Proof), WaivedBy: append([]Edge{}, r.WaivedBy...),
		}
		path, _, around := c.way(c.g.Start, without(r), node(id))
		switch {
		case around && len(c.g.PartOf) > 0:
			report.Before = true
		case around:
			report.Holds, report.Path = false, path
			c.faultPath(id, path, id, fmt.Sprintf("nothing proves %s", r.Proof),
				"lead that way over an edge that proves it, or declare what waives it")
		}
		out = append(out, report)
	}
	return out
}

// without passes the arcs that a run takes which neither proves nor waives what the rule
// demands. An arc that needs the proof is shut to such a run.
func without(r Rule) func(arc) bool {
	return func(a arc) bool {
		return !slices.Contains(a.shows.Proves, r.Proof) &&
			!slices.Contains(a.shows.Needs, r.Proof) &&
			!slices.Contains(r.WaivedBy, a.Edge)
	}
}

// dead returns the edges that need what no run can have shown before it comes there. An
// edge that is dead proves nothing, so one may kill another.
func (c *checker) dead() []Edge {
	dead := make(map[Edge]bool)
	alive := func(a arc) bool { return !dead[a.Edge] }
	given := make(map[Proof]map[NodeID]bool, len(c.g.Given))
	for _, p := range c.g.Given {
		given[p] = c.reach(c.g.Start, all)
	}
	for more := true; more; {
		more = false
		shown := maps.Clone(given)
		for _, a := range c.edges {
			if dead[a.Edge] {
				continue
			}
			for _, need := range a.shows.Needs {
				if _, ok := shown[need]; !ok {
					shown[need] = c.behind(need, alive)
				}
				if !shown[need][a.Node] {
					dead[a.Edge], more = true, true
				}
			}
		}
	}
	var out []Edge
	for _, a := range c.edges {
		if dead[a.Edge] {
			out = append(out, a.Edge)
		}
	}
	return out
}

// behind returns the nodes that a run can reach having shown a proof.
func (c *checker) behind(p Proof, alive func(arc) bool) map[NodeID]bool {
	before := c.reach(c.g.Start, alive)
	out := make(map[NodeID]bool)
	for _, a := range c.edges {
		if before[a.Node] && alive(a) && slices.Contains(a.shows.Proves, p) {
			for id := range c.reach(a.to, alive) {
				out[id] = true
			}
		}
	}
	return out
}
