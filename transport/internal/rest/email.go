package rest

import (
	"context"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// verifyEmail takes the key of a link, in whatever client it was opened, or a code
// together with the token of the run that waits for it.
func (a *API) verifyEmail(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.verify(ctx)
	if err != nil {
		return nil, err
	}
	body := verifiedBody{Verified: true, enteredBody: c.entered}
	if ans.Outcome == engine.Advanced {
		body.waitingBody = c.waiting(ans.Run)
	}
	return ok(body)
}

func (c *call) verify(ctx context.Context) (engine.Answer, error) {
	if err := c.open(ctx); err != nil && (c.namesRun() || c.EmailByCode) {
		return engine.Answer{}, err
	}
	if _, pending := c.PendingAt(contract.EmailStage); pending {
		return c.submit(ctx, contract.EmailStage)
	}
	if c.EmailByCode {
		return engine.Answer{}, c.nothingWaits(contract.EmailStage)
	}
	// A key is not a run: nothing of the client's record matters to it.
	c.forget()
	return c.start(ctx, contract.Start{Flow: contract.EmailKeyFlow})
}

// requestEmail mails a link or a code again: for the run of the token, for an address of
// the signed-in account, or, where addresses are verified by links, for any address; the
// answer is the same where no account has it.
func (a *API) requestEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	body := sentBody{Sent: true}
	if a.EmailByCode && c.namesRun() {
		if _, err := c.act(ctx, contract.EmailStage, "resend"); err != nil {
			return nil, err
		}
		return ok(body)
	}
	flow := engine.FlowID("request_email")
	switch {
	case c.Visit.SignedIn:
		flow = "resend_email"
	case a.EmailByCode:
		return nil, invalid(tokenField, wire.CodeRequired)
	}
	if c.Input.Valid("email") && c.Input.Text("email") == "" {
		return nil, invalid("email", wire.CodeRequired)
	}
	if !c.Visit.SignedIn {
		c.forget()
	}
	ans, err := c.start(ctx, contract.Start{Flow: flow})
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.Advanced {
		body.waitingBody = c.waiting(ans.Run)
	}
	return ok(body)
}
