package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

type authenticatorData = wire.Authenticator

// secretMeta is what is needed to set up TOTP.
type secretMeta struct {
	Secret string `json:"secret"`
	URL    string `json:"totp_url"`
}

// show turns an authenticator into what is answered; codes only where asked for.
func (a *API) show(x *state.Authenticator, codes bool) (authenticatorData, error) {
	return a.views().View(x, codes)
}

func (a *API) views() wire.Authenticators {
	return wire.Authenticators{Accounts: a.Accounts, Passwordless: a.Passwordless}
}

// mine opens the session and reads its account; nil where nobody is signed in.
func (c *call) mine(ctx context.Context) (*state.Account, error) {
	if err := c.open(ctx); err != nil || !c.visit.SignedIn {
		return nil, err
	}
	account, err := c.Accounts.Account(ctx, c.visit.Ticket.Account)
	if isNotFound(err) {
		c.visit.SignedIn = false
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// What the account can prove itself with counts as it is now: the record is told of
	// changes a moment later.
	c.visit.Account = account.Snapshot()
	return account, nil
}

// changed takes over what a change made of the account, so that this session's answers
// follow at once; other sessions are told by the queue of changes.
func (c *call) changed(ctx context.Context, account *state.Account) error {
	if err := c.Visits.Changed(ctx, &c.visit, account); err != nil {
		return err
	}
	if c.Committed != nil {
		c.Committed()
	}
	return nil
}

// doer is what the account service is told of who asks.
func (c *call) doer() accounts.Doer {
	t := c.visit.Ticket
	return accounts.Doer{
		Account: t.Account, Session: t.Session, Epoch: t.Epoch, Now: c.now, Seed: c.seed, IP: c.ip, UserAgent: c.agent(),
	}
}

func (a *API) listAuthenticators(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	list, err := a.views().List(account)
	return ok(list), err
}

// getTOTP answers the account's TOTP, or 404 with a new secret to set one up.
func (a *API) getTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	if x := account.Authenticator(state.TOTP); x != nil {
		d, err := a.show(x, false)
		return ok(d), err
	}
	if code := a.Accounts.CanAdd(account); code != "" {
		return refusal(http.StatusConflict, code), nil
	}
	secret := accounts.TOTPSecret(c.seed.Bytes("totp secret", 20))
	url, err := a.Accounts.TOTPURL(account, secret)
	if err != nil {
		return nil, err
	}
	run, err := wire.NewTOTPSecret(a.Keys, account.ID, secret, c.now)
	if err != nil {
		return nil, err
	}
	if err := c.update(ctx, func(r *engine.Record) { r.Put(run) }); err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusNotFound, Meta: secretMeta{Secret: secret, URL: url}}, nil
}

// update changes the client's record.
func (c *call) update(ctx context.Context, change func(*engine.Record)) error {
	id := c.seed.Bytes("token", 16)
	fresh, err := c.Visits.Update(ctx, &c.visit, id, c.Idle, c.now, change)
	if fresh && err == nil {
		c.issue(id)
	}
	return err
}

// postTOTP sets up TOTP with a code of the secret that the last GET gave.
func (a *API) postTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input([]wire.Field{{Name: "code", Type: wire.Secret, Required: true, Lookup: true}})
	if err != nil {
		return nil, err
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	if code := a.Accounts.CanAdd(account); code != "" {
		return nil, wire.Invalid(wire.FieldError{Param: "code", Code: code})
	}
	if account.Authenticator(state.TOTP) != nil {
		return conflict()
	}
	secret, err := wire.WaitingTOTPSecret(a.Keys, &c.visit.Entry.Record, account.ID, c.now)
	if err != nil {
		return nil, err
	}
	if !a.Accounts.RightTOTP(secret, values.Text("code"), c.now) {
		return nil, wire.Invalid(wire.FieldError{Param: "code", Code: "incorrect_code"})
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	account, added, err := a.Accounts.ActivateTOTP(ctx, c.doer(), secret, values.Text("code"))
	if err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	if err := c.update(ctx, func(r *engine.Record) { r.Drop(engine.SlotTOTPSecret) }); err != nil {
		return nil, err
	}
	d, err := a.show(added, false)
	return ok(d), err
}

// deleteTOTP switches TOTP off.
func (a *API) deleteTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	x := account.Authenticator(state.TOTP)
	if x == nil {
		return &answer{Status: http.StatusOK}, nil
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.RemoveAuthenticators(ctx, c.doer(), state.TOTP, x.ID)
	if err != nil {
		return nil, accountError(err)
	}
	return &answer{Status: http.StatusOK}, c.changed(ctx, account)
}

// getRecoveryCodes shows the codes that are left.
func (a *API) getRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	x := account.Authenticator(state.RecoveryCodes)
	if x == nil {
		return &answer{Status: http.StatusNotFound}, nil
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	visible, err := a.Accounts.ViewRecoveryCodes(ctx, c.doer(), x)
	if err != nil {
		return nil, accountError(err)
	}
	d, err := a.show(x, visible)
	return ok(d), err
}

// postRecoveryCodes makes a new set of codes.
func (a *API) postRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	if _, _, err := c.input(nil); err != nil {
		return nil, err
	}
	if !account.HasSecondFactor() {
		return refusal(http.StatusBadRequest, "cannot_generate_recovery_codes"), nil
	}
	if !c.recent() {
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.RenewRecoveryCodes(ctx, c.doer())
	if err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	d, err := a.show(account.Authenticator(state.RecoveryCodes), true)
	return ok(d), err
}

// refusal answers an error that belongs to no field.
func refusal(status int, code string) *answer {
	return &answer{Status: status, Errors: []errorAnswer{{Message: wire.Message(code, ""), Code: code}}}
}

// accountError turns a conflict of two changes at once into a 409, and what is not allowed
// any more into a 400.
func accountError(err error) error {
	var refused *accounts.RefusedError
	if errors.As(err, &refused) {
		return wire.Invalid(wire.FieldError{Param: refused.Param, Code: refused.Code})
	}
	if accounts.IsConflict(err) {
		return wire.Conflict()
	}
	return err
}
