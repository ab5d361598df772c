package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport"
)

// submitStage takes a submission to any pending stage by its id on the wire: what a stage
// of an outside package is answered by, without a route of its own.
func (a *API) submitStage(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, c.params.ByName("stage"), conflict)
}

// actStage carries out an action of any pending stage.
func (a *API) actStage(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	wire, name := c.params.ByName("stage"), c.params.ByName("action")
	fields, ok := c.actionFields(wire, name)
	if !ok {
		return conflict()
	}
	values, invalid, err := c.input(transport.FieldsOf(fields))
	if err != nil {
		return nil, err
	}
	reply, err := c.act(ctx, wire, name, values, invalid)
	if err != nil {
		return nil, err
	}
	if claim, ok := reply.(*state.Claim); ok {
		reply = claimData{Email: claim.Email, User: userOf(claim.Account.Snapshot())}
	}
	return &answer{Status: http.StatusOK, Data: reply}, nil
}

// actionFields returns the fields of an action of a stage that waits for this client.
func (c *call) actionFields(wire, name string) ([]engine.Field, bool) {
	for _, p := range c.Engine.Pending(c.visit.Entry, c.client(), c.now) {
		for _, act := range p.Actions {
			if p.Wire == wire && act.Name == name {
				return act.Fields, true
			}
		}
	}
	return nil, false
}
