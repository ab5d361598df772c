package headless

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// submitStage takes a submission to any pending stage by its id on the wire, or the first
// one of a flow that has no route of its own by the flow's: that of an outside package, or
// one that a key starts.
func (a *API) submitStage(ctx context.Context, c *call) (*answer, error) {
	id := c.params.ByName("stage")
	return c.submit(ctx, id, func(c *call) (*answer, error) {
		f := wire.GeneralFlow(a.Engine.Flows, id, c.Visit.SignedIn)
		if f == nil {
			return c.unstartable(id)
		}
		return c.start(ctx, contract.Start{
			Flow: f.Graph.Flow, SignedOutOnly: !f.Graph.OfSession && f.Graph.Offer != engine.ByKey,
		})
	})
}

// unstartable answers a client for which no stage waits and no flow starts by that id. For
// a flow of the session, a client that is not signed in is answered 401.
func (c *call) unstartable(id string) (*answer, error) {
	if !c.Visit.SignedIn && wire.GeneralFlow(c.Engine.Flows, id, true) != nil {
		return nil, wire.Unauthorized()
	}
	return nil, wire.Conflict()
}

// actStage carries out an action of any pending stage, or of the first one of a flow that has
// no route of its own.
func (a *API) actStage(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	wireID, name := c.params.ByName("stage"), c.params.ByName("action")
	var actions []engine.Action
	var f *engine.Flow
	if p, pending := c.PendingAt(wireID); pending {
		actions = p.Actions
	} else if f = wire.GeneralFlow(a.Engine.Flows, wireID, c.Visit.SignedIn); f != nil {
		actions = f.Graph.Nodes[f.Graph.Start].Stage.Actions
	} else {
		return c.unstartable(wireID)
	}
	// An action that is not declared has no fields, and the engine refuses it.
	action, _ := contract.Action(actions, name)
	if err := c.Read(wire.FieldsOf(action.Fields)); err != nil {
		return nil, err
	}
	var reply any
	var err error
	if f == nil {
		reply, err = c.act(ctx, wireID, name, c.Turn())
	} else if err = c.MustUse(ctx, c.RecordLimits(f.Graph.Flow)); err == nil {
		reply, err = c.ask(ctx, f.Graph.Flow, name, c.Turn())
	}
	if err != nil {
		return nil, err
	}
	if claim, ok := reply.(*state.Claim); ok {
		reply = claimData{Email: claim.Email, User: userBehind(claim.Account.Snapshot())}
	}
	return ok(reply), nil
}
