package engine

import (
	"cmp"
	"errors"
	"slices"
)

// Examination is what can be said of a set of graphs and the behaviour behind them.
type Examination struct {
	// Flows has a report for each graph, by the flow's id.
	Flows []Report `json:"flows"`
	// Decisions are the deciding stages, Pending the ids that asking stages have on the
	// wire, both sorted.
	Decisions []decisionReport `json:"decisions"`
	Pending   []pendingReport  `json:"pending"`
	// Faults are what is wrong with the set beyond single graphs: behaviour that is missing
	// or does not fit.
	Faults []string `json:"faults"`
}

// decisionReport is a deciding stage, asked over all values of the facts it reads.
type decisionReport struct {
	Stage StageID  `json:"stage"`
	Title string   `json:"title"`
	Reads []string `json:"reads"`
	// Valuations is how many combinations of values there are, ByExit for how many of them
	// it leaves by each exit.
	Valuations int          `json:"valuations"`
	ByExit     map[Exit]int `json:"by_exit"`
	// Never are exits it leaves by on no combination.
	Never []Exit `json:"never"`
	// Reasons are all it gives for each exit, sorted.
	Reasons map[Exit][]Reason `json:"-"`
	// Flows are those it stands in.
	Flows []FlowID `json:"flows"`
}

// pendingReport is an id on the wire, and where it can be pending.
type pendingReport struct {
	Wire   string    `json:"wire"`
	Stages []StageID `json:"stages"`
	Flows  []FlowID  `json:"flows"`
}

// OK reports whether the set may be used.
func (x Examination) OK() bool { return x.Count() == 0 }

// Count is how many faults there are.
func (x Examination) Count() int {
	n := len(x.Faults)
	for _, r := range x.Flows {
		n += len(r.Faults)
	}
	return n
}

// Reasons are all that the decider of a stage gives for an exit, over all values of the
// facts it reads.
func (x Examination) Reasons(stage StageID, exit Exit) []Reason {
	for _, d := range x.Decisions {
		if d.Stage == stage {
			return d.Reasons[exit]
		}
	}
	return nil
}

// Examine checks every graph of a set, asks every decider over all values of the facts
// its stage reads, and lists what can be pending on the wire.
func Examine(s Set) Examination {
	x := Examination{Flows: []Report{}, Decisions: []decisionReport{}, Pending: []pendingReport{}, Faults: []string{}}
	for _, g := range s.Graphs {
		x.Flows = append(x.Flows, Check(g))
	}
	slices.SortStableFunc(x.Flows, func(a, b Report) int { return cmp.Compare(a.Flow, b.Flow) })
	x.notGraphs(checkSet(s))
	x.decisions(s)
	x.pending(s)
	return x
}

// notGraphs notes the faults of a set that no report has.
func (x *Examination) notGraphs(err error) {
	all, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return
	}
	for _, fault := range all.Unwrap() {
		if _, ofGraph := errors.AsType[graphFault](fault); !ofGraph {
			x.Faults = append(x.Faults, fault.Error())
		}
	}
}

// decisions asks every decider.
func (x *Examination) decisions(s Set) {
	for _, st := range standing(s.Graphs, func(st Stage) bool { return st.Kind == Decides && !absent(s.Deciders[st.ID]) }) {
		n, by, err := Valuate(st.Stage, s.Deciders[st.ID])
		if err != nil {
			x.Faults = append(x.Faults, err.Error())
			continue
		}
		d := decisionReport{
			Stage: st.ID, Title: st.Title, Reads: append([]string{}, st.Reads...), Valuations: n, ByExit: by, Never: []Exit{}, Flows: st.flows,
			Reasons: reasons(st.Stage, s.Deciders[st.ID]),
		}
		for _, exit := range sorted(by) {
			if by[exit] == 0 {
				d.Never = append(d.Never, exit)
			}
		}
		x.Decisions = append(x.Decisions, d)
	}
}

// reasons lists what a decider that was valuated gives for each exit.
func reasons(stage Stage, d Decider) map[Exit][]Reason {
	out := make(map[Exit][]Reason)
	var own []string
	if loader, ok := d.(FactLoader); ok {
		own = loader.FactValues()
	}
	_ = Valuations(stage.Reads, own, func(f Facts) bool {
		exit, reason := d.Decide(f)
		if reason != "" && !slices.Contains(out[exit], reason) {
			out[exit] = append(out[exit], reason)
		}
		return true
	})
	for exit := range out {
		slices.Sort(out[exit])
	}
	return out
}

// pending lists the ids of asking stages on the wire.
func (x *Examination) pending(s Set) {
	for _, st := range standing(s.Graphs, func(st Stage) bool { return st.Wire != "" }) {
		i := slices.IndexFunc(x.Pending, func(p pendingReport) bool { return p.Wire == st.Wire })
		if i < 0 {
			i = len(x.Pending)
			x.Pending = append(x.Pending, pendingReport{Wire: st.Wire})
		}
		p := &x.Pending[i]
		p.Stages = append(p.Stages, st.ID)
		p.Flows = append(p.Flows, st.flows...)
		slices.Sort(p.Flows)
		p.Flows = slices.Compact(p.Flows)
	}
	slices.SortFunc(x.Pending, func(a, b pendingReport) int { return cmp.Compare(a.Wire, b.Wire) })
}

// placed is a stage and the flows it stands in.
type placed struct {
	Stage
	flows []FlowID
}

// standing lists the stages of graphs that are wanted, each once, by id.
func standing(graphs []Graph, want func(Stage) bool) []placed {
	found := make(map[StageID]placed)
	for _, g := range graphs {
		for _, n := range g.Nodes {
			if !want(n.Stage) {
				continue
			}
			p := found[n.Stage.ID]
			p.Stage = n.Stage
			if !slices.Contains(p.flows, g.Flow) {
				p.flows = append(p.flows, g.Flow)
			}
			found[n.Stage.ID] = p
		}
	}
	var out []placed
	for _, id := range sorted(found) {
		slices.Sort(found[id].flows)
		out = append(out, found[id])
	}
	return out
}
