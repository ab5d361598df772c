package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// setChecker is one examination of a set: of each graph, and of how they and the
// behaviour fit together.
type setChecker struct {
	set Set
	// stages are the declarations by id, each with the flow it was first found in.
	stages map[StageID]Stage
	found  map[StageID]FlowID
	faults []error
}

// checkSet returns all faults of a set as one error.
func checkSet(s Set) error {
	c := &setChecker{set: s, stages: make(map[StageID]Stage), found: make(map[StageID]FlowID)}
	flows := make(map[FlowID]bool)
	for _, g := range s.Graphs {
		if flows[g.Flow] {
			c.fault("flow %s: two graphs have this flow id (give one of them its own)", g.Flow)
		}
		flows[g.Flow] = true
		for _, f := range Check(g).Faults {
			c.faults = append(c.faults, f)
		}
		for _, id := range g.readingOrder() {
			c.declare(g.Flow, g.Nodes[id].Stage.deep())
		}
	}
	c.checkWires()
	for _, id := range sorted(c.stages) {
		c.checkStage(c.stages[id])
	}
	for _, id := range sorted(s.Handlers) {
		if _, ok := c.stages[id]; !ok {
			c.fault("stage %s: a handler is bound to it, and it stands in no graph (misspelt, or a graph left out)", id)
		}
	}
	for _, id := range sorted(s.Deciders) {
		if _, ok := c.stages[id]; !ok {
			c.fault("stage %s: a decider is bound to it, and it stands in no graph (misspelt, or a graph left out)", id)
		}
	}
	return errors.Join(c.faults...)
}

func (c *setChecker) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf(format, args...))
}

// declare notes a stage, and refuses a second declaration that differs.
func (c *setChecker) declare(flow FlowID, s Stage) {
	first, ok := c.stages[s.ID]
	if !ok {
		c.stages[s.ID], c.found[s.ID] = s, flow
		return
	}
	if where := differing(first, s); where != "" {
		c.fault("stage %s: flow %s declares it otherwise than flow %s: %s differs (one id is one stage)", s.ID, flow, c.found[s.ID], where)
	}
}

// differing names the first field in which two declarations differ, or "".
func differing(a, b Stage) string {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			return va.Type().Field(i).Name
		}
	}
	return ""
}

// checkWires refuses two stages with one id on the wire, unless a client answers them
// alike: then it need not tell them apart.
func (c *setChecker) checkWires() {
	wires := make(map[string]StageID)
	for _, id := range sorted(c.stages) {
		wire := c.stages[id].Wire
		if first, taken := wires[wire]; taken && !alike(c.stages[id], c.stages[first]) {
			c.fault("stage %s: has the wire id %s of stage %s (a client could not tell them apart)", id, wire, first)
		} else if wire != "" {
			wires[wire] = id
		}
	}
}

// alike reports whether a client answers two stages in the same way.
func alike(a, b Stage) bool {
	return reflect.DeepEqual(a.Fields, b.Fields) && reflect.DeepEqual(a.Actions, b.Actions)
}

// checkStage holds a stage against the behaviour bound to it.
func (c *setChecker) checkStage(s Stage) {
	handler, decider := c.set.Handlers[s.ID], c.set.Deciders[s.ID]
	if s.Kind != Asks && !absent(handler) {
		c.fault("stage %s: %s, and a handler is bound to it (only a stage that asks has one)", s.ID, s.Kind)
	}
	if s.Kind != Decides && !absent(decider) {
		c.fault("stage %s: %s, and a decider is bound to it (only a stage that decides has one)", s.ID, s.Kind)
	}
	switch s.Kind {
	case Asks:
		c.checkHandler(s, handler)
	case Decides:
		c.checkDecider(s, decider)
	}
	c.checkBegins(s)
}

// checkBegins refuses an end from which a flow goes on that could not wait.
func (c *setChecker) checkBegins(s Stage) {
	i := slices.IndexFunc(c.set.Graphs, func(g Graph) bool { return g.Flow == s.Begins })
	switch {
	case s.Begins == "":
	case i < 0:
		c.fault("stage %s: begins flow %s, which is none (misspelt, or a graph left out)", s.ID, s.Begins)
	case c.set.Graphs[i].Slot == "" || c.set.Graphs[i].OfSession || c.set.Graphs[i].Nodes[c.set.Graphs[i].Start].Stage.Wire == "":
		c.fault("stage %s: begins flow %s, whose runs cannot wait at its start (it needs a slot and a wire id, and no session)", s.ID, s.Begins)
	}
}

// checkHandler refuses a stage whose handler is missing or cannot act. A stage that
// pretends needs none: it is answered by the stages it imitates.
func (c *setChecker) checkHandler(s Stage, h Handler) {
	if absent(h) {
		if !s.Pretending {
			c.fault("stage %s: asks, and has no handler (bind one in Handlers)", s.ID)
		}
		return
	}
	if _, ok := h.(Actor); len(s.Actions) > 0 && !ok {
		c.fault("stage %s: declares the action %s, and its handler %T is no Actor (give it an Act method)", s.ID, s.Actions[0].Name, h)
	}
}

// checkDecider refuses a stage whose decider is missing, or that reads what it cannot.
func (c *setChecker) checkDecider(s Stage, d Decider) {
	facts := reflect.TypeFor[Facts]()
	for i, name := range s.Reads {
		if _, ok := facts.FieldByName(name); !ok {
			c.fault("stage %s: reads %q, which is no fact (see Facts)", s.ID, name)
		}
		if slices.Contains(s.Reads[:i], name) {
			c.fault("stage %s: reads %s twice (leave one out)", s.ID, name)
		}
	}
	if absent(d) {
		c.fault("stage %s: decides, and has no decider (bind one in Deciders)", s.ID)
		return
	}
	loader, loads := d.(FactLoader)
	switch own := slices.Contains(s.Reads, "Own"); {
	case own && !loads:
		c.fault("stage %s: reads Own, and its decider %T is no FactLoader (give it a fact, or do not read it)", s.ID, d)
	case loads && !own:
		c.fault("stage %s: its decider %T loads a fact that the stage does not read (add Own to its Reads)", s.ID, d)
	case loads && len(loader.FactValues()) == 0:
		c.fault("stage %s: the fact of its decider %T has no values (name them in FactValues)", s.ID, d)
	}
}

// absent reports whether behaviour is nil: no value, or one of a func or pointer type
// that is nil, which would panic at its first use.
func absent(behaviour any) bool {
	v := reflect.ValueOf(behaviour)
	return !v.IsValid() || (v.Kind() == reflect.Func || v.Kind() == reflect.Pointer) && v.IsNil()
}
