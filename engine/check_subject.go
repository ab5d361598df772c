package engine

import (
	"fmt"
	"slices"
)

const bindOnce = "a run is about one account: bind it once"

// checkBinding refuses a subject that is bound by other than a verdict, or twice.
func (c *checker) checkBinding() {
	unbound := func(a arc) bool { return !a.shows.Binds }
	binds := func(id NodeID) bool {
		return slices.ContainsFunc(c.arcs[id], func(a arc) bool { return a.shows.Binds })
	}
	for _, a := range c.edges {
		proves := slices.Contains(a.shows.Proves, Subject)
		switch {
		case a.shows.Binds && !proves:
			c.fault(a.Node, a.Exit, "binds the subject without proving it", "add subject to its Proves")
		case proves && !a.shows.Binds:
			c.fault(a.Node, a.Exit, "proves subject without binding one", "set Binds: the verdict must bring the account")
		}
		if !a.shows.Binds {
			continue
		}
		if c.g.Nodes[a.Node].Stage.Kind == Decides {
			c.fault(a.Node, a.Exit, "binds the subject, but a stage that decides has no verdict to bring it", "bind where the client is asked")
		}
		if c.g.OfSession {
			c.fault(a.Node, a.Exit, "binds a subject in a flow of the signed-in account", "leave out Binds, or OfSession")
			continue
		}
		before, _, first := c.way(c.g.Start, unbound, node(a.Node))
		if on, at, ok := c.way(a.to, all, binds); first && ok {
			again := c.arcs[at][slices.IndexFunc(c.arcs[at], func(b arc) bool { return b.shows.Binds })]
			path := append(append(slices.Clone(before), a.Edge), on...)
			c.faultPath(at, append(path, again.Edge), again.to, fmt.Sprintf("the subject is bound by %s and again by %s", a.Edge, again.Edge),
				bindOnce)
		}
	}
}

// pretends reports whether runs without a subject stand at a node.
func (c *checker) pretends(id NodeID) bool {
	s := c.g.Nodes[id].Stage
	return s.Kind == Asks && s.Pretending
}

// checkPretending refuses runs that pretend in a way that would show, and any way from
// one to a session.
func (c *checker) checkPretending() {
	for _, a := range c.edges {
		if a.shows.Pretends != "" {
			c.checkPretends(a)
		} else if c.pretends(a.to) && !c.pretends(a.Node) {
			c.fault(a.Node, a.Exit, fmt.Sprintf("leads to the pretending stage %s without saying what to imitate", a.to), "name an exit in Pretends")
		}
		if c.pretends(a.Node) && (a.shows.Binds || len(a.shows.Proves) > 0) {
			c.fault(a.Node, a.Exit, "binds or proves something of a run that only pretends", "it has no subject: leave that out")
		}
	}
	grants := func(id NodeID) bool {
		s := c.g.Nodes[id].Stage
		return s.Kind == Ends && s.Grants
	}
	for _, id := range c.order {
		if !c.pretends(id) {
			continue
		}
		if _, ok := c.g.Nodes[id].Stage.Exits[Spent]; !ok {
			c.fault(id, "", fmt.Sprintf("pretends, and has no exit %s", Spent), "a run leaves by it when its attempts are used up")
		}
		if path, to, ok := c.way(id, all, grants); ok {
			c.faultPath(id, path, to, "a run without a subject would be granted a session", "lead what pretends to an end that grants nothing")
		}
	}
}

// checkPretends refuses an exit that pretends where it cannot.
func (c *checker) checkPretends(a arc) {
	bad := func(what, hint string) { c.fault(a.Node, a.Exit, what, hint) }
	if a.Node != c.g.Start {
		bad("pretends, but does not leave the start", "a run that has come further has a subject already")
	}
	if a.shows.Binds || len(a.shows.Proves) > 0 {
		bad("pretends, and binds or proves something", "a run that pretends has no subject: leave one of them out")
	}
	if !c.pretends(a.to) {
		bad(fmt.Sprintf("pretends, but leads to %s, which is no pretending stage", a.to), "lead it to a stage with Pretending set")
	}
	target, ok := c.g.Nodes[a.Node].Next[a.shows.Pretends]
	if _, declared := c.g.Nodes[a.Node].Stage.Exits[a.shows.Pretends]; !ok || !declared {
		bad(fmt.Sprintf("pretends to leave by %q, which is no exit of the stage", string(a.shows.Pretends)), "name the exit that a run with a subject takes")
		return
	}
	quiet := func(b arc) bool { return c.g.Nodes[b.Node].Stage.Kind == Decides }
	asked := false
	behind := c.reach(target, quiet)
	for _, id := range c.order {
		switch {
		case !behind[id]:
		case c.pretends(id):
			bad(fmt.Sprintf("imitates %s, which leads to the pretending stage %s itself", a.shows.Pretends, id), "imitate the exit that a run with a subject takes")
			return
		case c.g.Nodes[id].Stage.Kind == Asks:
			asked = true
		}
	}
	if !asked {
		bad(fmt.Sprintf("imitates %s, behind which nobody is asked anything", a.shows.Pretends), "such a run has nothing to look like: lead it to an end")
	}
}
