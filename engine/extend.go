package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Extension is what an outside package adds to a [Set]: parts spliced into its graphs,
// flows of its own, and the behaviour of both.
//
// Whatever it names carries its owner's name, so that it never meets a name of another
// package: nodes, stages, wire ids, slots, proofs and flows are called "acme.terms" where
// the owner is acme. Stages that the set has already, and the slots and proofs of this
// package, may be used beside them by their own names.
type Extension struct {
	// Owner is the name of the package or of who wrote it: a-z, 0-9 and _.
	Owner string
	// Splices are put in one after the other: of two before one node the first comes first.
	Splices []Splice
	// Flows are whole graphs. A name of a node need be unique in its graph only.
	Flows []Graph
	// Handlers and Deciders are the behaviour of the extension's own stages.
	Handlers map[StageID]Handler
	Deciders map[StageID]Decider
}

// Extend adds extensions: first the flows of all, then the splices, in order, so that a
// splice finds the flows of others, too. The graphs that the set had are copied, not
// changed. Every fault is reported together, and then nothing is added. That no
// splice opens a way around a rule is for [Compile] to prove.
func (s *Set) Extend(extensions ...Extension) error {
	e := extender{shipped: s.stageIDs(), set: Set{
		Graphs:   slices.Clone(s.Graphs),
		Handlers: s.Handlers, Deciders: s.Deciders,
	}}
	for _, x := range extensions {
		e.declare(x)
	}
	for _, x := range extensions {
		for _, splice := range x.Splices {
			if err := splice.into(e.set.Graphs); err != nil {
				e.fault(x, "%w", err)
			}
		}
		e.set.Handlers = bound(&e, x, "handler", e.set.Handlers, x.Handlers)
		e.set.Deciders = bound(&e, x, "decider", e.set.Deciders, x.Deciders)
	}
	if len(e.faults) > 0 {
		return errors.Join(e.faults...)
	}
	*s = e.set
	return nil
}

// stageIDs are the stages that stand in the set's graphs.
func (s *Set) stageIDs() map[StageID]bool {
	out := make(map[StageID]bool)
	for _, g := range s.Graphs {
		for _, n := range g.Nodes {
			out[n.Stage.ID] = true
		}
	}
	return out
}

// extender is one call of Extend.
type extender struct {
	set     Set
	shipped map[StageID]bool
	faults  []error
}

func (e *extender) fault(x Extension, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("extension %s: %w", quoteEmpty(x.Owner), fmt.Errorf(format, args...)))
}

// declare adds the flows of an extension and refuses names that are not its own.
func (e *extender) declare(x Extension) {
	if !named(x.Owner) || strings.Contains(x.Owner, ".") {
		e.fault(x, "the owner's name %q is malformed (use a-z, 0-9 and _ only)", x.Owner)
		return
	}
	for _, g := range x.Flows {
		e.owned(x, "flow", string(g.Flow))
		if g.Slot != "" && !slices.Contains(slots(), g.Slot) {
			e.owned(x, "slot", string(g.Slot))
		}
		e.stages(x, g.Nodes)
		e.set.Graphs = append(e.set.Graphs, g)
	}
	for _, splice := range x.Splices {
		for _, id := range sorted(splice.Nodes) {
			e.owned(x, "node", string(id))
		}
		e.stages(x, splice.Nodes)
		e.rules(x, splice.Rules)
	}
}

// stages refuses stages with names that are not the extension's, unless they are of the
// set.
func (e *extender) stages(x Extension, nodes Nodes) {
	for _, id := range sorted(nodes) {
		n := nodes[id]
		e.rules(x, n.Rules)
		s := n.Stage
		if e.shipped[s.ID] {
			continue
		}
		e.owned(x, "stage", string(s.ID))
		if s.Wire != "" {
			e.owned(x, "wire id", s.Wire)
		}
		for _, slot := range []Slot{s.Slot, s.Uses} {
			if slot != "" && !slices.Contains(slots(), slot) {
				e.owned(x, "slot", string(slot))
			}
		}
		for _, exit := range sorted(s.Exits) {
			for _, p := range s.Exits[exit].Proves {
				e.proof(x, p)
			}
		}
	}
}

func (e *extender) rules(x Extension, rules []Rule) {
	for _, r := range rules {
		e.proof(x, r.Proof)
	}
}

// proof refuses the name of a proof that is neither the engine's nor the extension's.
func (e *extender) proof(x Extension, p Proof) {
	if !slices.Contains(proofs(), p) {
		e.owned(x, "proof", string(p))
	}
}

// owned refuses a name that does not begin with the owner's. One name stands for one
// fault however often it is met.
func (e *extender) owned(x Extension, what, name string) {
	if strings.HasPrefix(name, x.Owner+".") && len(name) > len(x.Owner)+1 {
		return
	}
	fault := fmt.Errorf("extension %s: the %s %q does not carry its owner's name (call it %q)", x.Owner, what, name, x.Owner+"."+strings.TrimPrefix(name, "."))
	if !slices.ContainsFunc(e.faults, func(err error) bool { return err.Error() == fault.Error() }) {
		e.faults = append(e.faults, fault)
	}
}

// bound returns the behaviour of a set together with an extension's, which may be that of
// its own stages only, and once.
func bound[B any](e *extender, x Extension, what string, has, more map[StageID]B) map[StageID]B {
	out := make(map[StageID]B, len(has)+len(more))
	for id, b := range has {
		out[id] = b
	}
	for _, id := range sorted(more) {
		_, twice := out[id]
		switch {
		case !strings.HasPrefix(string(id), x.Owner+"."):
			e.fault(x, "a %s is bound to stage %s, which is not its own", what, id)
		case twice:
			e.fault(x, "a %s is bound to stage %s a second time", what, id)
		}
		out[id] = more[id]
	}
	return out
}

// proofs are the engine's own.
func proofs() []Proof {
	return []Proof{Subject, Active, First, Second, Code, Phone, Email, Assertion, Password, Asked, Reset, Provider}
}

// slots are those the shipped flows keep things in.
func slots() []Slot {
	return []Slot{SlotLogin, SlotEmail, SlotPhone, SlotReset, SlotCeremony, SlotProviderSignup, SlotOAuth, SlotTOTPSecret}
}
