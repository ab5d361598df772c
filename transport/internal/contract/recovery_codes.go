package contract

import (
	"context"

	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

// RecoveryCodes shows the codes that are left of a set.
func (c *Call) RecoveryCodes(ctx context.Context, x *state.Authenticator) (accounts.AuthenticatorView, error) {
	if err := c.RequireProof(AuthenticatorArea); err != nil {
		return accounts.AuthenticatorView{}, err
	}
	visible, err := c.Accounts.ViewRecoveryCodes(ctx, c.Principal(), x)
	if err != nil {
		return accounts.AuthenticatorView{}, AccountError(err)
	}
	return c.Accounts.View(c.Principal().Account, x, visible)
}

// CanRenewCodes says why an account can have no recovery codes: there is nothing that they
// would stand in for.
func CanRenewCodes(account *state.Account) error {
	if !account.HasSecondFactor() {
		return wire.Invalid(wire.FieldError{Code: "cannot_generate_recovery_codes"})
	}
	return nil
}

// RenewRecoveryCodes makes a new set of codes; the old ones are worth nothing then.
func (c *Call) RenewRecoveryCodes(ctx context.Context, account *state.Account) (accounts.AuthenticatorView, error) {
	var none accounts.AuthenticatorView
	if err := CanRenewCodes(account); err != nil {
		return none, err
	}
	if err := c.RequireProof(AuthenticatorArea); err != nil {
		return none, err
	}
	account, err := c.Change(ctx, func(by accounts.Principal) (*state.Account, error) { return c.Accounts.RenewRecoveryCodes(ctx, by) })
	if err != nil {
		return none, err
	}
	return c.Accounts.View(account.ID, account.Authenticator(state.RecoveryCodes), true)
}
