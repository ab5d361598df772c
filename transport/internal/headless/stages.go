package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// submitStage takes a submission to any pending stage by its id on the wire, or the first
// one of a flow that has no route of its own by the flow's: that of an outside package, or
// one that a key starts.
func (a *API) submitStage(ctx context.Context, c *call) (*answer, error) {
	id := c.params.ByName("stage")
	return c.submit(ctx, id, func() (*answer, error) {
		if f := wire.GeneralFlow(a.Engine.Flows, id, c.visit.SignedIn); f != nil {
			return c.start(ctx, opening{flow: f.Graph.Flow, whileSignedIn: f.Graph.Offer == engine.ByKey})
		}
		return c.unstartable(id)
	})
}

// unstartable answers who can neither answer a stage nor start a flow of that id: one of
// the session to who is not signed in is a 401.
func (c *call) unstartable(id string) (*answer, error) {
	if !c.visit.SignedIn && wire.GeneralFlow(c.Engine.Flows, id, true) != nil {
		return c.session(), nil
	}
	return conflict()
}

// actStage carries out an action of any pending stage, or of the first one of a flow that has
// no route of its own.
func (a *API) actStage(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	wireID, name := c.params.ByName("stage"), c.params.ByName("action")
	do := func(v engine.Values, invalid []wire.FieldError) (any, error) {
		return c.act(ctx, wireID, name, v, invalid)
	}
	fields, ok := c.actionFields(wireID, name)
	if !ok {
		f := wire.GeneralFlow(a.Engine.Flows, wireID, c.visit.SignedIn)
		if f == nil {
			return c.unstartable(wireID)
		}
		fields = actionOf(f.Graph.Nodes[f.Graph.Start].Stage.Actions, name)
		do = func(v engine.Values, invalid []wire.FieldError) (any, error) {
			if err := c.open(ctx, c.begins(f.Graph.Flow)...); err != nil {
				return nil, err
			}
			ans, err := a.Engine.Ask(ctx, f.Graph.Flow, name, c.turn(v, invalid))
			return c.acted(ans, err)
		}
	}
	values, invalid, err := c.input(wire.FieldsOf(fields))
	if err != nil {
		return nil, err
	}
	reply, err := do(values, invalid)
	if err != nil {
		return nil, err
	}
	if claim, ok := reply.(*state.Claim); ok {
		reply = claimData{Email: claim.Email, User: userOf(claim.Account.Snapshot())}
	}
	return &answer{Status: http.StatusOK, Data: reply}, nil
}

// actionFields returns the fields of an action of the stage that waits for this client,
// false where none of that id does.
func (c *call) actionFields(wireID, name string) ([]engine.Field, bool) {
	for _, p := range c.Engine.Pending(c.visit.Entry, c.client(), c.now) {
		if p.Wire == wireID {
			return actionOf(p.Actions, name), true
		}
	}
	return nil, false
}

// actionOf returns the fields of an action. One that is not declared has none: the engine
// refuses it.
func actionOf(actions []engine.Action, name string) []engine.Field {
	for _, act := range actions {
		if act.Name == name {
			return act.Fields
		}
	}
	return nil
}
