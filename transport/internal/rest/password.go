package rest

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// resetFlow is the flow that asks for a link or a code to reset a password with.
func (a *API) resetFlow() engine.FlowID {
	if a.resetByCode() {
		return resetWire
	}
	return "password_reset_request"
}

func (a *API) resetByCode() bool { return a.Engine.Flows.Flow(resetWire) != nil }

// requestReset mails a link or a code, and answers the same where there is no account.
// The limit by address counts only requests whose input is right.
func (a *API) requestReset(ctx context.Context, c *call) (*answer, error) {
	var limits []engine.Take
	if len(c.invalid) == 0 {
		limits = a.Rates.Takes("reset_password", engine.Counted{IP: c.limitIP, Key: a.Keys.LimitKey("reset:" + c.values.Text("email"))})
	}
	ans, err := c.start(ctx, opening{flow: a.resetFlow(), limits: limits})
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
	limits := a.Rates.Takes("reset_password_from_key", engine.Counted{IP: c.limitIP})
	var ans engine.Answer
	var err error
	if a.resetByCode() {
		var refusal *engine.Refusal
		if refusal, err = c.take(ctx, limits); err == nil && refusal != nil {
			err = wire.Limited(refusal)
		}
		if err == nil {
			ans, err = c.submitRun(ctx, resetWire)
		}
	} else {
		ans, err = c.start(ctx, opening{flow: "password_reset", limits: limits})
	}
	if err != nil {
		return nil, err
	}
	// The reset has signed other sessions out; their records are told before the answer.
	if err := a.PassOn(ctx, ans.Run.Subject); err != nil {
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

// changePassword changes the password of the signed-in account, or sets its first one: by
// which the account could prove itself from then on, so that where changes ask for a recent
// proof, this one does.
// The session goes on under its token, and all others end; where the server is set to,
// this one too.
func (a *API) changePassword(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	refusal, err := c.take(ctx, a.Rates.Takes("change_password", engine.Counted{IP: c.limitIP, User: account.ID}))
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return nil, wire.Limited(refusal)
	}
	if a.ReauthenticationRequired && account.PasswordHash == "" && !c.recent() {
		return c.proveAgain()
	}
	if err := c.judgeChange(ctx, account); err != nil {
		return nil, err
	}
	var hash []byte
	if !a.LogoutOnPasswordChange {
		if hash, err = c.visit.Key.Bytes(); err != nil {
			return nil, err
		}
	}
	account, err = a.Accounts.ChangePassword(ctx, c.doer(), account, c.values.Text("new_password"), hash)
	if err != nil {
		return nil, accountError(err)
	}
	if err := a.PassOn(ctx, account.ID); err != nil {
		return nil, err
	}
	if a.LogoutOnPasswordChange {
		err = a.Visits.Records.End(ctx, c.visit.Key, engine.Tombstone{})
	} else {
		err = c.changed(ctx, account)
	}
	if err != nil {
		return nil, err
	}
	return ok(changedBody{Changed: true, User: userOf(account.Snapshot())})
}

// judgeChange says all that is wrong with a change of the password. An account that has
// a password must give it.
func (c *call) judgeChange(ctx context.Context, account *state.Account) error {
	faults := c.invalid
	add := func(param, code string) { faults = append(faults, wire.FieldError{Param: param, Code: code}) }
	current, fresh := c.values.Text("current_password"), c.values.Text("new_password")
	switch {
	case current != "":
		right, err := c.Accounts.IsPassword(ctx, account, current)
		if err != nil {
			return err
		}
		if !right {
			add("current_password", "enter_current_password")
		}
	case account.PasswordHash != "" && c.values.Valid("current_password"):
		add("current_password", wire.CodeRequired)
	}
	if fresh != "" {
		for _, code := range c.Accounts.JudgePassword(account, fresh) {
			add("new_password", code)
		}
	}
	if len(faults) > 0 {
		return wire.Invalid(faults...)
	}
	return nil
}
