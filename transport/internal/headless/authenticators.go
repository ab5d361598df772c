package headless

import (
	"context"
	"net/http"

	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

type (
	authenticatorData = accounts.AuthenticatorView
	principal         = accounts.Principal
)

// secretMeta is what is needed to set up TOTP.
type secretMeta struct {
	Secret string `json:"secret"`
	URL    string `json:"totp_url"`
}

// account opens the session and reads its account.
func (c *call) account(ctx context.Context) (*state.Account, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	return c.Account(ctx)
}

func (a *API) listAuthenticators(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.Accounts.ViewAll(account)
	for i := range list {
		list[i] = a.seen(list[i])
	}
	return ok(list), err
}

// seen is an authenticator as clients see it here.
func (a *API) seen(v authenticatorData) authenticatorData {
	if a.Extended {
		return v
	}
	return v.Bare()
}

// getTOTP answers the account's TOTP, or 404 with a new secret to set one up.
func (a *API) getTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if x := account.Authenticator(state.TOTP); x != nil {
		d, err := a.Accounts.View(account.ID, x, false)
		return ok(a.seen(d)), err
	}
	if err := c.CanAddAuthenticator(account); err != nil {
		return nil, err
	}
	secret, url, err := c.OfferTOTP(ctx, account)
	return &answer{Status: http.StatusNotFound, Meta: secretMeta{Secret: secret, URL: url}}, err
}

// postTOTP sets up TOTP with a code of the secret in the answer to the last GET. That code is
// wrong when it comes again: its secret waits for no code any more.
func (a *API) postTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Read([]wire.Field{{Name: "code", Type: wire.Secret, Required: true, Lookup: true}}); err != nil {
		return nil, err
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if code := a.Accounts.CanAdd(account); code != "" {
		return nil, wire.Invalid(wire.FieldError{Param: "code", Code: code})
	}
	secret, err := c.OfferedTOTP(account.ID)
	if err != nil {
		return nil, err
	}
	added, err := c.ConfirmTOTP(ctx, secret)
	if err != nil {
		return nil, err
	}
	d, err := a.Accounts.View(account.ID, added, false)
	return ok(a.seen(d)), err
}

// deleteTOTP switches TOTP off.
func (a *API) deleteTOTP(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Read(nil); err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK}, c.RemoveTOTP(ctx, account)
}

// getRecoveryCodes shows the codes that are left.
func (a *API) getRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	x := account.Authenticator(state.RecoveryCodes)
	if x == nil {
		return &answer{Status: http.StatusNotFound}, nil
	}
	d, err := c.RecoveryCodes(ctx, x)
	return ok(d), err
}

// postRecoveryCodes makes a new set of codes.
func (a *API) postRecoveryCodes(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Read(nil); err != nil {
		return nil, err
	}
	d, err := c.RenewRecoveryCodes(ctx, account)
	return ok(d), err
}
