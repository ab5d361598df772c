package contract

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// Limits are what an action of this client uses up: by address, and by account where it is
// signed in.
func (c *Call) Limits(action string) []engine.Take {
	return c.Rates.Takes(action, engine.Counted{IP: c.LimitIP(), User: engine.AccountID(c.Visit.Ticket.Account)})
}

// AddressLimits are what an action uses up that counts the client's address only.
func (c *Call) AddressLimits(action string) []engine.Take {
	return c.Rates.Takes(action, engine.Counted{IP: c.LimitIP()})
}

// FactorLimits are what a try of a code uses up while TOTP is being set up: those of the
// account's second factor.
func (c *Call) FactorLimits(account state.AccountID) []engine.Take {
	return c.Rates.Takes("login_failed", engine.Counted{IP: c.LimitIP(), Key: c.Accounts.MFA.LimitKey(account)})
}

// ResetLimits are what a request to reset a password uses up, by the address it is for too;
// one whose input is wrong uses up none.
func (c *Call) ResetLimits() []engine.Take {
	if len(c.Input.Invalid) > 0 {
		return nil
	}
	key := c.Keys.LimitKey("reset:" + c.Input.Text("email"))
	return c.Rates.Takes("reset_password", engine.Counted{IP: c.LimitIP(), Key: key})
}

// RecordLimits are what a start of the flow uses up where it may leave a record behind: one
// of an unknown client costs nothing to ask for, and lives for an hour. A client that has a
// record already gets no other.
func (c *Call) RecordLimits(flow engine.FlowID) []engine.Take {
	f := c.Engine.Flows.Flow(flow)
	if f == nil || f.Graph.OfSession || f.Graph.Slot == "" || c.Visit.Entry.Found {
		return nil
	}
	return c.AddressLimits("anonymous")
}

// Use uses up limits of a client whose record is open, or whose record does not matter, and the
// proof of the request, if it has one that was not used yet.
func (c *Call) Use(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if why := c.show(); why != nil {
		return nil, c.refuseProof(why)
	}
	if err := c.mustShow(); err != nil {
		return nil, err
	}
	return c.take(ctx, take)
}

// take uses up limits and the proof.
func (c *Call) take(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if c.Visit.Key == "" {
		take = c.withOnce(take)
	} else {
		take = append(c.once(), take...)
	}
	return c.taken(ctx, take)
}

// taken uses up what is there to be used up, the proof among it.
func (c *Call) taken(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if len(take) == 0 {
		return nil, nil
	}
	refusal, err := c.Visits.Records.Take(ctx, take, c.Now)
	switch {
	case err != nil:
		c.holding.used = false
	case replayed(refusal):
		return nil, c.refuseProof(c.again())
	}
	return refusal, err
}

// MustUse is Use where a refusal is a 429.
func (c *Call) MustUse(ctx context.Context, take []engine.Take) error {
	refusal, err := c.Use(ctx, take)
	if err == nil && refusal != nil {
		err = wire.Limited(refusal)
	}
	return err
}

// giveBack undoes Use: it gives refunds back.
func (c *Call) giveBack(ctx context.Context, refunds []engine.Refund) error {
	if len(refunds) == 0 {
		return nil
	}
	return c.Visits.Records.Give(ctx, refunds, c.Now)
}
