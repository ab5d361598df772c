package rest

import (
	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// waiting describes the stage at which the run waits, nil where it waits at none.
func (c *call) waiting(run *engine.Run) *waitingBody {
	if run == nil {
		return nil
	}
	for _, p := range c.Pending() {
		if p.Run.ID != run.ID {
			continue
		}
		w := &waitingBody{Flow: p.Wire, Pending: true, FlowToken: c.run, Details: p.Details}
		if p.Wire == contract.MFAStage {
			w.MFAToken = c.run
		}
		if wire.Outside(p.Wire) {
			w.Fields, w.Actions = wire.ViewFields(p.Fields), wire.ViewActions(p.Actions)
		}
		return w
	}
	return nil
}

// offered lists the flows that anybody can start.
func (a *API) offered() []flowData {
	out := []flowData{}
	for _, f := range a.Engine.Flows.All() {
		if f.Graph.Offer == engine.Anonymous {
			out = append(out, flowData{ID: string(f.Graph.Flow)})
		}
	}
	return out
}
