package headless

import (
	"context"
	"slices"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// opening is how a route starts a flow.
type opening struct {
	flow engine.FlowID
	// limit names the action whose rate limit the request uses up; a refusal is a 429.
	limit string
	// closed refuses the flow, once the input is right.
	closed bool
	// entered is told where a limit of a stage refuses that is only entered in this
	// turn; empty answers 429.
	entered string
	// whileSignedIn lets a signed-in client start it and stay signed in.
	whileSignedIn bool
}

// start begins a flow. The contract's order: limits, input (credentials included), then
// 409 for who is signed in, then 403 where the flow is closed.
func (c *call) start(ctx context.Context, o opening) (*answer, error) {
	f := c.Engine.Flows.Flow(o.flow)
	if f == nil {
		return nil, wire.NotFound()
	}
	stage := f.Graph.Nodes[f.Graph.Start].Stage
	values, invalid, malformed := c.input(wire.FieldsOf(stage.Fields))
	take := c.Rates.Takes(o.limit, engine.Counted{IP: c.limitIP, User: c.visit.Ticket.Account})
	guards, limited := c.Engine.StartLimits(o.flow, c.turn(values, invalid))
	refusal, err := c.openTaking(ctx, slices.Concat(take, c.begins(o.flow), guards))
	switch {
	case err != nil:
		return nil, err
	case malformed != nil:
		return nil, malformed
	case refusal != nil && guarding(guards, refusal):
		return nil, wrong(limited)
	case refusal != nil:
		return nil, wire.TooManyRequests(refusal.After)
	}
	t := c.turn(values, invalid)
	if (c.visit.SignedIn && !f.Graph.OfSession && !o.whileSignedIn) || o.closed {
		return nil, c.turnedAway(ctx, o, t)
	}
	ans, err := c.Engine.Start(ctx, o.flow, t)
	if err != nil {
		return nil, err
	}
	return c.settled(ans, o.entered)
}

// begins is what a start of the flow uses up where the client may be left with a record.
func (c *call) begins(flow engine.FlowID) []engine.Take {
	return c.Begins(flow, &c.visit, c.limitIP)
}

// turnedAway answers who may not start the flow, after a look at the input.
func (c *call) turnedAway(ctx context.Context, o opening, t engine.Turn) error {
	errs, err := c.Engine.Probe(ctx, o.flow, t)
	switch {
	case err != nil:
		return err
	case len(errs) > 0:
		return wrong(errs)
	case c.visit.SignedIn:
		return wire.Conflict()
	}
	return wire.Forbidden(wire.CodeForbidden, nil)
}

func guarding(guards []engine.Take, r *engine.Refusal) bool {
	for _, g := range guards {
		if g == r.Take {
			return true
		}
	}
	return false
}

// settled answers what a turn came to, where a session or what is pending is asked for.
func (c *call) settled(ans engine.Answer, entered string) (*answer, error) {
	switch ans.Outcome {
	case engine.Wrong:
		return nil, wrong(ans.Errors)
	case engine.Limited:
		if entered != "" {
			return nil, wrong([]engine.FieldError{{Code: entered}})
		}
		return nil, wire.Limited(ans.Refusal)
	case engine.NotWaiting, engine.Conflict:
		return nil, wire.Conflict()
	}
	if err := c.adopt(ans); err != nil {
		return nil, err
	}
	if wire.Ended(c.Engine.Flows, ans) {
		return ok(ans.Reply), c.passOn(ans.Run)
	}
	return c.session(), nil
}

// passOn tells the sessions of a run's account at once of what the run has changed.
func (c *call) passOn(run *engine.Run) error {
	if run == nil || run.Subject == 0 {
		return nil
	}
	return c.PassOn(c.r.Context(), run.Subject)
}

// pendingAt returns the fields of the stage with the wire id that waits for this client,
// or false where none does.
func (c *call) pendingAt(wireID string) ([]engine.Field, bool) {
	return c.pendingAs(wireID, c.client())
}

// pendingAs is pendingAt for the runs that such a client is shown.
func (c *call) pendingAs(wireID string, client engine.Client) ([]engine.Field, bool) {
	for _, p := range c.Engine.Pending(c.visit.Entry, client, c.now) {
		if p.Wire == wireID {
			return p.Fields, true
		}
	}
	return nil, false
}

// submit judges a submission to a pending stage. The stage is looked for before the body
// is read; absent answers where it is not pending.
func (c *call) submit(ctx context.Context, wireID string, absent func() (*answer, error)) (*answer, error) {
	return c.submitFields(ctx, wireID, nil, absent)
}

// submitFields is submit for a route that takes some of the stage's fields only.
func (c *call) submitFields(ctx context.Context, wireID string, own []wire.Field, absent func() (*answer, error)) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	fields, pending := c.pendingAt(wireID)
	if !pending {
		return absent()
	}
	if own == nil {
		own = wire.FieldsOf(fields)
	}
	values, invalid, err := c.input(own)
	if err != nil {
		return nil, err
	}
	ans, err := c.Engine.Submit(ctx, wireID, c.turn(values, invalid))
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.NotWaiting {
		return absent()
	}
	return c.settled(ans, "")
}

// act carries out an action of a pending stage and returns what it replies.
func (c *call) act(ctx context.Context, wireID, action string, values engine.Values, invalid []wire.FieldError) (any, error) {
	ans, err := c.Engine.Act(ctx, wireID, action, c.turn(values, invalid))
	return c.acted(ans, err)
}

// acted answers what an action came to.
func (c *call) acted(ans engine.Answer, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	switch ans.Outcome {
	case engine.Wrong:
		return nil, wrong(ans.Errors)
	case engine.Limited:
		return nil, wire.Limited(ans.Refusal)
	case engine.NotWaiting, engine.Conflict:
		return nil, wire.Conflict()
	}
	return ans.Reply, c.adopt(ans)
}

func conflict() (*answer, error) { return nil, wire.Conflict() }
