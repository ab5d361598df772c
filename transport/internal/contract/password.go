package contract

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

// JudgeChanger reads the account whose password is to be changed, and counts the request.
// An account that gets its first password could prove itself by it from then on: where
// changes of the account ask for a recent proof, this one does.
func (c *Call) JudgeChanger(ctx context.Context) (*state.Account, error) {
	account, err := c.Account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.MustUse(ctx, c.Limits("change_password")); err != nil {
		return nil, err
	}
	return account, c.RequireProof(FirstPasswordArea)
}

// JudgePassword judges a change of the password: the current one, without which an account
// that has one is not changed, and the new one by the rules for passwords.
func (c *Call) JudgePassword(ctx context.Context, account *state.Account) error {
	in := &c.Input
	current, fresh := in.Text("current_password"), in.Text("new_password")
	switch {
	case current != "":
		code, err := c.judgeCurrent(ctx, account, current)
		if err != nil {
			return err
		}
		if code != "" {
			in.Add("current_password", code)
		}
	case account.PasswordHash != "" && in.Valid("current_password"):
		in.Add("current_password", wire.CodeRequired)
	}
	if fresh != "" {
		for _, code := range c.Accounts.JudgePassword(account, fresh) {
			in.Add("new_password", code)
		}
	}
	return in.Err()
}

// judgeCurrent judges the current password of the account, and returns the code of what is
// wrong with it. Tries count with those of a reauthentication; a right one is given back.
func (c *Call) judgeCurrent(ctx context.Context, account *state.Account, secret string) (string, error) {
	tries := c.Rates.Takes("login_failed", engine.Counted{
		IP: c.LimitIP(), Key: c.Keys.LimitKey(accounts.PasswordLimit(account.ID)),
	})
	refusal, err := c.Use(ctx, tries)
	if err != nil || refusal != nil {
		return "too_many_login_attempts", err
	}
	right, err := c.Accounts.IsPassword(ctx, account, secret)
	if err != nil || !right {
		return "enter_current_password", err
	}
	return "", c.giveBack(ctx, engine.Refunds(tries, nil))
}

// ChangePassword stores the new password and ends all other sessions. This one goes on under
// the key, or ends where the server is set to end it.
func (c *Call) ChangePassword(ctx context.Context, account *state.Account, key engine.Key) (*state.Account, error) {
	var hash []byte
	if !c.LogoutOnPasswordChange {
		var err error
		if hash, err = key.Bytes(); err != nil {
			return nil, err
		}
	}
	account, err := c.Accounts.ChangePassword(ctx, c.Principal(), account, c.Input.Text("new_password"), hash)
	if err != nil {
		return nil, AccountError(err)
	}
	if err := c.PassOn(ctx, account.ID); err != nil {
		return nil, err
	}
	if c.LogoutOnPasswordChange {
		err = c.Visits.Records.End(ctx, c.Visit.Key, engine.Tombstone{})
	}
	return account, err
}
