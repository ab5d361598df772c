package contract

import (
	"context"
	"encoding/json"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/wire"
)

// secretLifetime is how long a TOTP secret waits for its first code.
const secretLifetime = time.Hour

// CanAddAuthenticator fails with a 409 that says why the account may have no authenticator.
func (c *Call) CanAddAuthenticator(account *state.Account) error {
	if code := c.Accounts.CanAdd(account); code != "" {
		return blocked(code)
	}
	return nil
}

// OfferTOTP hands out a new TOTP secret for the account and the address of its QR code. The
// record keeps the secret, sealed, until a code of it comes; the last one handed out is the
// one that counts.
func (c *Call) OfferTOTP(ctx context.Context, account *state.Account) (secret, url string, err error) {
	secret = accounts.TOTPSecret(c.Seed().Bytes("totp secret", 20))
	if url, err = c.Accounts.TOTPURL(account, secret); err != nil {
		return "", "", err
	}
	run, err := c.totpRun(engine.AccountID(account.ID), secret)
	if err != nil {
		return "", "", err
	}
	_, err = c.Update(ctx, func(r *engine.Record) { r.Put(run) })
	return secret, url, err
}

// totpRun is the run that keeps a secret.
func (c *Call) totpRun(account engine.AccountID, secret string) (engine.Run, error) {
	sealed, err := c.Accounts.MFA.SealTOTPSecret(state.AccountID(account), secret)
	if err != nil {
		return engine.Run{}, err
	}
	data, err := json.Marshal(sealed)
	return engine.Run{
		Slot: engine.SlotTOTPSecret, ID: "secret", Subject: account,
		Started: c.Now.UnixMilli(), Deadline: c.Now.Add(secretLifetime).UnixMilli(), Data: data,
	}, err
}

// OfferedTOTP returns the secret that the account was given last, "" where none waits for
// its code.
func (c *Call) OfferedTOTP(account state.AccountID) (string, error) {
	run := c.Visit.Entry.Record.Run(engine.SlotTOTPSecret, c.Now)
	if run == nil || run.Subject != engine.AccountID(account) {
		return "", nil
	}
	var sealed []byte
	if err := json.Unmarshal(run.Data, &sealed); err != nil {
		return "", err
	}
	return c.Accounts.MFA.OpenTOTPSecret(account, sealed)
}

// judgeTOTP judges a code of a secret that was handed out. Tries are limited, the
// right one included, with those of the second factor. A right code gives them back.
func (c *Call) judgeTOTP(ctx context.Context, secret, code string) error {
	takes := c.FactorLimits(c.Visit.Ticket.Account)
	refusal, err := c.Use(ctx, takes)
	switch {
	case err != nil:
		return err
	case refusal != nil:
		return wire.Invalid(wire.FieldError{Param: "code", Code: wire.CodeRateLimited})
	case !c.Accounts.RightTOTP(secret, code, c.Now):
		return wire.Invalid(wire.FieldError{Param: "code", Code: "incorrect_code"})
	}
	return c.giveBack(ctx, engine.Refunds(takes, engine.Take.ByKey))
}

// ConfirmTOTP sets up TOTP with a secret that was handed out, "" for none, and the code in
// the input.
func (c *Call) ConfirmTOTP(ctx context.Context, secret string) (*state.Authenticator, error) {
	code := c.Input.Text("code")
	if err := c.judgeTOTP(ctx, secret, code); err != nil {
		return nil, err
	}
	if err := c.RequireProof(AuthenticatorArea); err != nil {
		return nil, err
	}
	var added *state.Authenticator
	_, err := c.Change(ctx, func(by accounts.Principal) (account *state.Account, err error) {
		account, added, err = c.Accounts.ActivateTOTP(ctx, by, secret, code)
		return account, err
	})
	if err != nil {
		return nil, err
	}
	_, err = c.Update(ctx, func(r *engine.Record) { r.Drop(engine.SlotTOTPSecret) })
	return added, err
}

// RemoveTOTP switches TOTP off. An account that has none is as it should be.
func (c *Call) RemoveTOTP(ctx context.Context, account *state.Account) error {
	x := account.Authenticator(state.TOTP)
	if x == nil {
		return nil
	}
	if err := c.RequireProof(AuthenticatorArea); err != nil {
		return err
	}
	_, err := c.Change(ctx, func(by accounts.Principal) (*state.Account, error) {
		return c.Accounts.RemoveAuthenticators(ctx, by, state.TOTP, x.ID)
	})
	return err
}
