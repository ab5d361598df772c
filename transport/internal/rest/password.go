package rest

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
)

// requestReset mails a link or a code, and answers the same where there is no account.
// The limit by address counts only requests whose input is right.
func (a *API) requestReset(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, contract.Start{Flow: a.ResetFlow(), Limits: c.ResetLimits()})
	if err != nil {
		return nil, err
	}
	body := resetBody{Sent: true}
	if ans.Outcome == engine.Advanced {
		body.waitingBody = c.waiting(ans.Run)
	}
	return ok(body)
}

// confirmReset sets a new password with the key of a link, or with the code of the run
// that the token names.
func (a *API) confirmReset(ctx context.Context, c *call) (*answer, error) {
	limits := c.AddressLimits("reset_password_from_key")
	var ans engine.Answer
	var err error
	if !a.HasFlow(contract.ResetStage) {
		ans, err = c.start(ctx, contract.Start{Flow: contract.PasswordResetFlow, Limits: limits})
	} else if err = c.MustUse(ctx, limits); err == nil {
		ans, err = c.submitRun(ctx, contract.ResetStage)
	}
	if err != nil {
		return nil, err
	}
	// The reset has signed other sessions out; their records follow before the answer.
	if err := a.PassOn(ctx, state.AccountID(ans.Run.Subject)); err != nil {
		return nil, err
	}
	body := setBody{Set: true, enteredBody: c.entered}
	if ans.Outcome == engine.Advanced {
		body.waitingBody = c.waiting(ans.Run)
		return &answer{http.StatusUnauthorized, body}, nil
	}
	return ok(body)
}

// changedBody answers a change of the password.
type changedBody struct {
	Changed bool     `json:"password_changed"`
	User    userData `json:"user"`
}

// changePassword changes the password of the signed-in account, or sets its first one. The
// session goes on under its token, and all others end; where the server is set to, this one
// too.
func (a *API) changePassword(ctx context.Context, c *call) (*answer, error) {
	account, err := c.JudgeChanger(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.JudgePassword(ctx, account); err != nil {
		return nil, err
	}
	if account, err = c.ChangePassword(ctx, account, c.Visit.Key); err != nil {
		return nil, err
	}
	if !a.LogoutOnPasswordChange {
		if err := c.Changed(ctx, account); err != nil {
			return nil, err
		}
	}
	return ok(changedBody{Changed: true, User: userOf(account.Snapshot())})
}
