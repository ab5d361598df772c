package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// lateMethod answers a method that the route does not have. The contract looks at it last:
// first at the state of the client, then at the body, whatever the method is.
func (c *call) lateMethod(ctx context.Context, rt *route) (*answer, error) {
	if rt.early != nil {
		if ans, err := rt.early(ctx, c); ans != nil || err != nil {
			return ans, err
		}
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if c.Request.Method != http.MethodGet {
		if err := c.lateBody(ctx, rt); err != nil {
			return nil, err
		}
	}
	return nil, wire.MethodNotAllowed(sortedMethods(rt.methods)...)
}

// lateBody judges the body of a request whose method is not looked at yet. Secrets in it are
// not tried: nothing would count the tries.
func (c *call) lateBody(ctx context.Context, rt *route) error {
	if rt.form == nil {
		return c.Read(nil)
	}
	if err := rt.form(ctx, c); err != nil {
		return err
	}
	return c.Input.Err()
}

// noForm leaves the body unread.
func noForm(context.Context, *call) error { return nil }

// formOf reads the fields.
func formOf(fields []wire.Field) form {
	return func(_ context.Context, c *call) error { return c.Read(fields) }
}

// firstForm reads those of the first stage of a flow.
func (a *API) firstForm(flow engine.FlowID) form { return formOf(wire.FieldsOf(a.FirstFields(flow))) }

// reauthCodeForm reads where a code to reauthenticate with should go.
func (a *API) reauthCodeForm(ctx context.Context, c *call) error {
	if err := c.Read(wire.FieldsOf(a.FirstFields(contract.ReauthByCodeStage))); err != nil {
		return err
	}
	return c.Probe(ctx, contract.ReauthByCodeStage)
}

// passwordForm reads what changes the password of the signed-in account.
func passwordForm(ctx context.Context, c *call) error {
	account, err := c.account(ctx)
	if err != nil {
		return err
	}
	return c.Read(passwordFields(account))
}

// codesForm reads nothing: new recovery codes need something that they stand in for.
func codesForm(ctx context.Context, c *call) error {
	account, err := c.account(ctx)
	if err != nil {
		return err
	}
	if err := c.Read(nil); err != nil {
		return err
	}
	return contract.CanRenewCodes(account)
}

// providerTokenForm reads a token of a provider.
func providerTokenForm(_ context.Context, c *call) error {
	err := c.Read([]wire.Field{
		{Name: "provider", Type: wire.Text, Required: true},
		{Name: "process", Type: wire.Choice, Required: true, Choices: contract.Processes()},
		{Name: "token", Type: wire.Any, Required: true},
	})
	if err == nil && c.Input.JSON("token") == nil && !hasObject(c.Body, "token") {
		c.Input.Add("token", "invalid_token")
	}
	return err
}
