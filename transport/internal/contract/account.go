package contract

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Account reads the account of the open session. It fails with a 401 where nobody is signed
// in, or the account is gone.
func (c *Call) Account(ctx context.Context) (*state.Account, error) {
	if !c.Visit.SignedIn {
		return nil, wire.Unauthorized()
	}
	account, err := c.Accounts.Account(ctx, c.Visit.Ticket.Account)
	if isNotFound(err) {
		c.Visit.SignedIn = false
		return nil, wire.Unauthorized()
	}
	if err != nil {
		return nil, err
	}
	// What the account can prove itself with counts as it is now: the record follows changes
	// a moment later.
	c.Visit.Account = account.Snapshot()
	return account, nil
}

// Principal is the client as the account service sees it.
func (c *Call) Principal() accounts.Principal {
	t := c.Visit.Ticket
	return accounts.Principal{
		Account: t.Account, Session: t.Session, Epoch: t.Epoch, Now: c.Now, Seed: c.Seed(), IP: c.IP(), UserAgent: c.Agent(),
	}
}

// Change makes a change of the account, and takes over what came of it: this session's
// answers follow at once, those of others by the queue of changes.
func (c *Call) Change(ctx context.Context, change func(accounts.Principal) (*state.Account, error)) (*state.Account, error) {
	account, err := change(c.Principal())
	if err != nil {
		return nil, AccountError(err)
	}
	return account, c.Changed(ctx, account)
}

// Changed takes over what a change made of the account.
func (c *Call) Changed(ctx context.Context, account *state.Account) error {
	err := c.Visits.Changed(ctx, &c.Visit, account)
	c.Wake()
	if err != nil {
		return err
	}
	return c.dropCode(ctx)
}

// Update changes the client's record. It returns the token of a record that is new, ""
// where the client had one.
func (c *Call) Update(ctx context.Context, change func(*engine.Record)) (tok string, err error) {
	id := c.Seed().Bytes("token", token.IDLen)
	fresh := c.Visit.Key == ""
	made, err := c.Visits.Update(ctx, &c.Visit, id, c.Idle, c.Now, func(rec *engine.Record) {
		if change(rec); fresh {
			rec.Holder = c.Shown
		}
	})
	if err != nil || !made {
		return "", err
	}
	return c.Token(id), nil
}

// EndSession ends the client's session, or drops what waits in its record.
func (c *Call) EndSession(ctx context.Context) error {
	return c.Visits.EndSession(ctx, c.Ledger, &c.Visit, c.Now)
}

// AccountError turns what the account service refuses into what is answered: a conflict of
// two changes at once is a 409, what is not allowed any more a 400.
func AccountError(err error) error {
	var refused *accounts.RefusedError
	if errors.As(err, &refused) {
		return wire.Invalid(wire.FieldError{Param: refused.Param, Code: refused.Code})
	}
	if accounts.IsConflict(err) {
		return wire.Conflict()
	}
	return err
}

// blocked is a 409 with the code of what stands in the way.
func blocked(code string) error {
	return &wire.Problem{Status: http.StatusConflict, Code: code, Errors: []wire.FieldError{{Code: code}}}
}
