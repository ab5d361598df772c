package rest

import (
	"context"
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// The ids of pending stages that the contract treats by name.
const (
	mfaWire   = "mfa_authenticate"
	emailWire = "verify_email"
	codeWire  = "login_by_code"
	resetWire = "password_reset_by_code"
)

// opening is how a route starts a flow.
type opening struct {
	flow engine.FlowID
	// limits are used up before anything is looked at; a refusal is a 429.
	limits []engine.Take
	// closed refuses the flow, once the input is right.
	closed bool
	// entered is told where a limit of a stage refuses that is only entered in this
	// turn; empty answers 429.
	entered string
}

// start begins a flow with the input. A refusal of the limit that guards a secret is
// answered like a wrong secret, so that it tells nobody more.
func (c *call) start(ctx context.Context, o opening) (engine.Answer, error) {
	if c.Engine.Flows.Flow(o.flow) == nil {
		return engine.Answer{}, wire.NotFound()
	}
	guards, limited := c.Engine.StartLimits(o.flow, c.turn())
	refusal, err := c.take(ctx, slices.Concat(o.limits, c.begins(o.flow), guards))
	switch {
	case err != nil:
		return engine.Answer{}, err
	case refusal != nil && slices.Contains(guards, refusal.Take):
		return engine.Answer{}, wrong(limited)
	case refusal != nil:
		return engine.Answer{}, wire.Limited(refusal)
	}
	t := c.turn()
	if o.closed {
		errs, err := c.Engine.Probe(ctx, o.flow, t)
		if err == nil && len(errs) > 0 {
			err = wrong(errs)
		}
		if err == nil {
			err = wire.Forbidden(wire.CodeForbidden, nil)
		}
		return engine.Answer{}, err
	}
	ans, err := c.Engine.Start(ctx, o.flow, t)
	if err != nil {
		return ans, err
	}
	if ans.Outcome == engine.Limited && o.entered != "" {
		return ans, wrong([]engine.FieldError{{Code: o.entered}})
	}
	return ans, c.settle(ans)
}

// begins is what a start of the flow uses up where the client may be left with a record.
func (c *call) begins(flow engine.FlowID) []engine.Take {
	return c.Begins(flow, &c.visit, c.limitIP)
}

// mayBegin refuses a client that has begun too often, besides what start looks at.
func (c *call) mayBegin(ctx context.Context, flow engine.FlowID) error {
	refusal, err := c.take(ctx, c.begins(flow))
	if err == nil && refusal != nil {
		err = wire.Limited(refusal)
	}
	return err
}

func (c *call) take(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if len(take) == 0 {
		return nil, nil
	}
	return c.Visits.Records.Take(ctx, take, c.now)
}

// settle takes over what a turn came to, or turns it into the error that it is.
func (c *call) settle(ans engine.Answer) error {
	switch ans.Outcome {
	case engine.Wrong:
		return wrong(ans.Errors)
	case engine.Limited:
		return wire.Limited(ans.Refusal)
	case engine.NotWaiting, engine.Conflict:
		return wire.Conflict()
	case engine.Finished:
		if ans.End == "" {
			// What was to be stored is no longer possible: the run is over, and nothing is done.
			return wire.Conflict()
		}
	}
	return c.adopt(ans)
}

// outcome answers where a turn has led: signed in, at a stage, or to an end without a
// session.
func (c *call) outcome(ans engine.Answer) (*answer, error) {
	switch {
	case c.entered != nil:
		return ok(c.entered)
	case ans.Outcome == engine.Advanced:
		return &answer{http.StatusUnauthorized, c.waiting(ans.Run)}, nil
	case wire.Ended(c.Engine.Flows, ans):
		if ans.Run != nil && ans.Run.Subject != 0 {
			if err := c.PassOn(c.r.Context(), ans.Run.Subject); err != nil {
				return nil, err
			}
		}
		return ok(actBody{Flow: string(ans.Flow), Result: ans.Reply})
	case c.visit.SignedIn:
		return ok(userBody{userOf(c.visit.Account)})
	}
	return nil, wire.Unauthorized()
}

// waiting describes the stage at which the run waits, nil where it waits at none.
func (c *call) waiting(run *engine.Run) *waitingBody {
	if run == nil {
		return nil
	}
	for _, p := range c.Engine.Pending(c.visit.Entry, c.client(), c.now) {
		if p.Run.ID != run.ID {
			continue
		}
		w := &waitingBody{Flow: p.Wire, Pending: true, FlowToken: c.run, Details: p.Details}
		if p.Wire == mfaWire {
			w.MFAToken = c.run
		}
		if wire.Outside(p.Wire) {
			w.Fields, w.Actions = wire.ViewFields(p.Fields), wire.ViewActions(p.Actions)
		}
		return w
	}
	return nil
}

// pending returns the stage with the wire id that waits in the open record.
func (c *call) pending(wireID string) (engine.Pending, bool) {
	for _, p := range c.Engine.Pending(c.visit.Entry, c.client(), c.now) {
		if p.Wire == wireID {
			return p, true
		}
	}
	return engine.Pending{}, false
}

// submit judges the input at the pending stage with the wire id.
func (c *call) submit(ctx context.Context, wireID string) (engine.Answer, error) {
	p, waits := c.pending(wireID)
	if !waits {
		return engine.Answer{}, wire.Conflict()
	}
	if err := c.decode(p.Fields); err != nil {
		return engine.Answer{}, err
	}
	ans, err := c.Engine.Submit(ctx, wireID, c.turn())
	if err != nil {
		return ans, err
	}
	return ans, c.settle(ans)
}

// submitRun is submit at the run that the token in the body names.
func (c *call) submitRun(ctx context.Context, wireID string) (engine.Answer, error) {
	if !c.given() {
		return engine.Answer{}, invalid(tokenField, wire.CodeRequired)
	}
	if _, err := c.openRun(ctx); err != nil {
		return engine.Answer{}, err
	}
	return c.submit(ctx, wireID)
}

// act carries out an action of the pending stage with the wire id and returns what it
// replies.
func (c *call) act(ctx context.Context, wireID, action string) (any, error) {
	p, waits := c.pending(wireID)
	at := slices.IndexFunc(p.Actions, func(x engine.Action) bool { return x.Name == action })
	if !waits || at < 0 {
		return nil, wire.Conflict()
	}
	if err := c.decode(p.Actions[at].Fields); err != nil {
		return nil, err
	}
	ans, err := c.Engine.Act(ctx, wireID, action, c.turn())
	if err != nil {
		return nil, err
	}
	return ans.Reply, c.settle(ans)
}

// ask carries out an action of the first stage of a flow.
func (c *call) ask(ctx context.Context, flow engine.FlowID, action string) (any, error) {
	f := c.Engine.Flows.Flow(flow)
	if f == nil {
		return nil, wire.NotFound()
	}
	actions := f.Graph.Nodes[f.Graph.Start].Stage.Actions
	at := slices.IndexFunc(actions, func(x engine.Action) bool { return x.Name == action })
	if at < 0 {
		return nil, wire.Conflict()
	}
	if err := c.decode(actions[at].Fields); err != nil {
		return nil, err
	}
	if err := c.mayBegin(ctx, flow); err != nil {
		return nil, err
	}
	ans, err := c.Engine.Ask(ctx, flow, action, c.turn())
	if err != nil {
		return nil, err
	}
	return ans.Reply, c.settle(ans)
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
