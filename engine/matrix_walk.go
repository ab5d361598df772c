package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// scout walks one flow from one exit of its start over all values of facts. It branches
// where a decider is about to look at a fact that has no value yet, so that what nobody
// looks at does not multiply the work.
type scout struct {
	flow     *Flow
	space    *space
	leaves   []leaf
	excluded []exclusion
	seen     map[string]bool
}

// leaf is a run that came to its outcome, and for whom.
type leaf struct {
	region region
	Result
	decisions []TrailEntry
}

// branch is a run under way, and what is assumed of its subject and client.
type branch struct {
	run   Run
	facts Facts
	// known names the facts that have a value: assumed, a setting, or shown by the run.
	known map[string]bool
	own   map[NodeID]string
	// region is what was assumed on the way, asked what asked.
	region region
	asked  []askedStage
}

// clone returns a copy that shares nothing which changes.
func (b branch) clone() branch {
	b.run = b.run.clone()
	b.known, b.own = maps.Clone(b.known), maps.Clone(b.own)
	b.region, b.asked = slices.Clone(b.region), slices.Clone(b.asked)
	return b
}

// explore starts the walk.
func (s *scout) explore(exit Exit, by survey) error {
	b := branch{
		run:   Run{Flow: s.flow.Graph.Flow, Node: s.flow.Graph.Start, Slot: s.flow.Graph.Slot},
		known: map[string]bool{"Asked": true, "ProvedCode": true, "ProvedSecond": true, "ProvedAssertion": true},
		own:   make(map[NodeID]string),
	}
	if by.settings != nil {
		facts, fixed := by.settings(b.run.Flow)
		b.facts = facts
		for _, name := range fixed {
			b.known[name] = true
		}
	}
	return s.leave(b, []Exit{exit})
}

// option is an exit by which an asking stage can be left, in one of its cases.
type option struct {
	exit Exit
	Case
}

// name is how the option is called where there is a choice.
func (o option) name() string {
	if o.Name == "" {
		return string(o.exit)
	}
	return o.Name
}

// leave takes a run that stands at an asking stage further, by each of the exits that its
// handler may leave by.
func (s *scout) leave(b branch, exits []Exit) error {
	id := b.run.Node
	var open []option
	for _, exit := range exits {
		for _, c := range s.flow.cases(id, exit) {
			if name := unknown(b.known, c.Reads); name != "" {
				return s.assume(b, name, func(b branch) error { return s.leave(b, exits) })
			}
			switch {
			case c.If != nil && !c.If(b.facts):
			case c.Cannot != "":
				s.exclude(b, c.Cannot)
				return nil
			default:
				open = append(open, option{exit, c})
			}
		}
	}
	if away := slices.IndexFunc(open, func(o option) bool { return o.Stays == "" }); away < 0 {
		why := "no exit can be taken"
		if len(open) > 0 {
			why = open[0].Stays
		}
		s.end(b, Result{End: id, Stays: why})
		return nil
	}
	open = slices.DeleteFunc(open, func(o option) bool { return o.Stays != "" })
	if len(open) == 1 {
		return s.take(b, open[0])
	}
	var names []string
	for _, o := range open {
		names = append(names, o.name())
	}
	v := s.space.variable(string(id), names)
	for _, o := range open {
		next := b.clone()
		// Elsewhere the node may be left by other options: the value has its place by name.
		next.region = next.region.with(v, slices.Index(s.space.vars[v].values, o.name()))
		if err := s.take(next, o); err != nil {
			return err
		}
	}
	return nil
}

// take leaves by one option.
func (s *scout) take(b branch, o option) error {
	b = b.clone()
	shows := s.flow.Graph.Nodes[b.run.Node].Stage.Exits[o.exit]
	if len(b.run.Trail) > 0 {
		b.asked = append(b.asked, askingOf(b.run.Node, s.flow.Graph.Nodes[b.run.Node].Stage, o))
		// Facts are read anew at every submission, and only the first one makes an account.
		b.facts.Signup, b.known["Signup"] = false, true
	}
	from, to := reflect.ValueOf(o.Then), reflect.ValueOf(&b.facts).Elem()
	for _, name := range o.Sets {
		to.FieldByName(name).Set(from.FieldByName(name))
		b.known[name] = true
	}
	if slices.Contains(shows.Proves, Email) {
		b.facts.Email, b.known["Email"] = IsVerified, true
	}
	if slices.Contains(shows.Proves, Phone) {
		b.facts.Phone, b.known["Phone"] = IsVerified, true
	}
	return s.walk(b, o.exit)
}

// walk lets the run walk to where it rests, once every fact has a value that a decider on
// the way looks at.
func (s *scout) walk(b branch, exit Exit) error {
	next, v := b.clone(), Verdict{Exit: exit}
	if s.flow.Graph.Nodes[b.run.Node].Stage.Exits[exit].Binds {
		v.Subject = "1"
	}
	node, err := s.flow.walk(&next.run, v, &next.facts, next.own, time.Time{})
	passed := next.run.Trail[len(b.run.Trail)+min(1, len(next.run.Trail)-len(b.run.Trail)):]
	if err != nil {
		passed = append(slices.Clone(passed), TrailEntry{Node: next.run.Node})
	}
	again := func(b branch) error { return s.walk(b, exit) }
	for _, m := range passed {
		if s.ownUnknown(b, m.Node) {
			return s.assumeOwn(b, m.Node, again)
		}
		if name := unknown(b.known, s.flow.Graph.Nodes[m.Node].Stage.Reads); name != "" {
			return s.assume(b, name, again)
		}
	}
	switch {
	case err != nil:
		return err
	case node.Stage.Kind == Ends:
		s.end(next, Result{End: next.run.Node, Grants: node.Stage.Grants})
		return nil
	case node.Stage.Pretending:
		return fmt.Errorf("a run with a subject stands at %s, which pretends", next.run.Node)
	case slices.ContainsFunc(next.asked, func(a askedStage) bool { return a.Node == next.run.Node }):
		// Going round is what a person may do any number of times, and no outcome.
		return nil
	}
	next.own = make(map[NodeID]string)
	return s.leave(next, exitsOnward(node))
}

// exitsOnward lists the exits of an asking stage that do not pretend, the plain one first.
func exitsOnward(n Node) []Exit {
	out := slices.DeleteFunc(sorted(n.Next), func(x Exit) bool { return n.Stage.Exits[x].Pretends != "" })
	slices.SortStableFunc(out, func(a, b Exit) int {
		if a == OK {
			return -1
		}
		if b == OK {
			return 1
		}
		return 0
	})
	return out
}

// askingOf describes a stage that asks, left by one of its options.
func askingOf(id NodeID, st Stage, o option) askedStage {
	a := askedStage{Node: id, Stage: st.ID, Wire: st.Wire, Title: st.Title, Exit: o.exit}
	a.shows = append([]Proof(nil), st.Exits[o.exit].Proves...)
	verifies := func(fact string, is Verified, p Proof) {
		if is == IsVerified && slices.Contains(o.Sets, fact) && !slices.Contains(a.shows, p) {
			a.shows = append(a.shows, p)
		}
	}
	verifies("Email", o.Then.Email, Email)
	verifies("Phone", o.Then.Phone, Phone)
	a.Bars = slices.ContainsFunc(st.Fields, func(f Field) bool { return f.Required })
	for _, shows := range st.Exits {
		a.Bars = a.Bars || len(shows.Proves) > 0
	}
	return a
}

// unknown returns the first of the facts that has no value yet, or "". A custom fact has
// its own way.
func unknown(known map[string]bool, reads []string) string {
	for _, name := range reads {
		if name != "Own" && !known[name] {
			return name
		}
	}
	return ""
}

// assume goes on once for every value of a fact.
func (s *scout) assume(b branch, name string, then func(branch) error) error {
	field, ok := reflect.TypeFor[Facts]().FieldByName(name)
	if !ok {
		return fmt.Errorf("facts: there is no fact %q", name)
	}
	values, err := valuesOf(field.Type)
	if err != nil {
		return err
	}
	v := s.space.fact(name, field.Type, len(values))
	for i, x := range values {
		next := b.clone()
		next.known[name], next.region = true, next.region.with(v, i)
		reflect.ValueOf(&next.facts).Elem().FieldByName(name).Set(x)
		if why := contradicts(next.facts, next.known); why != "" {
			s.exclude(next, why)
			continue
		}
		if err := then(next); err != nil {
			return err
		}
	}
	return nil
}

// ownUnknown reports whether a decider looks at a custom fact that has no value yet.
func (s *scout) ownUnknown(b branch, id NodeID) bool {
	_, has := b.own[id]
	return !has && slices.Contains(s.flow.Graph.Nodes[id].Stage.Reads, "Own")
}

// assumeOwn goes on once for every value of a node's custom fact. It is read anew at
// every submission, so a node that a run passes twice may find another.
func (s *scout) assumeOwn(b branch, id NodeID, then func(branch) error) error {
	values := s.flow.decider(id).(FactLoader).FactValues()
	if len(values) > maxValues {
		return tooMany("the fact of "+string(id), len(values))
	}
	name := string(id)
	for _, m := range b.run.Trail {
		if m.Node == id {
			name += " again"
		}
	}
	v := s.space.variable(name, values)
	for i, x := range values {
		next := b.clone()
		next.own[id], next.region = x, next.region.with(v, i)
		if err := then(next); err != nil {
			return err
		}
	}
	return nil
}

// contradicts says why facts that have a value cannot be together, or "".
func contradicts(f Facts, known map[string]bool) string {
	if (f.TrustsCode || f.TrustsSecond) && known["Browser"] && !f.Browser {
		return "only a browser keeps a trust cookie"
	}
	if f.Binds && known["Browser"] && !f.Browser {
		return "only a browser binds its sessions after it has signed in"
	}
	return ""
}

// exclude notes a combination that cannot be, once.
func (s *scout) exclude(b branch, why string) {
	facts := s.space.facts(b.region)
	if key := fmt.Sprint(facts); !s.seen[key] {
		s.seen[key] = true
		s.excluded = append(s.excluded, exclusion{Facts: facts, Why: why})
	}
}

// end notes an outcome.
func (s *scout) end(b branch, o Result) {
	o.Asked = append([]askedStage{}, b.asked...)
	l := leaf{region: b.region, Result: o, decisions: []TrailEntry{}}
	for _, m := range b.run.Trail {
		if s.flow.Graph.Nodes[m.Node].Stage.Kind == Decides {
			l.decisions = append(l.decisions, TrailEntry(m))
		}
	}
	s.leaves = append(s.leaves, l)
}
