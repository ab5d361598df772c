package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// resetKeyHeader carries a reset key or code in a GET.
const resetKeyHeader = "X-Password-Reset-Key"

// userOnly is the data of an answer that names an account.
type userOnly struct {
	User userData `json:"user"`
}

// requestReset asks for a link or a code to reset a password with. The limit by address
// counts only requests whose input is right.
func (a *API) requestReset(ctx context.Context, c *call) (*answer, error) {
	flow := a.ResetFlow()
	malformed := c.Read(wire.FieldsOf(a.FirstFields(flow)))
	var limits []engine.Take
	if malformed == nil {
		limits = c.ResetLimits()
	}
	if err := c.open(ctx, append(limits, c.RecordLimits(flow)...)...); err != nil {
		return nil, err
	}
	if malformed != nil {
		return nil, malformed
	}
	ans, err := a.Engine.Start(ctx, flow, c.Turn())
	if err != nil {
		return nil, err
	}
	answered, err := c.answerTurn(ans)
	if err != nil || flow == contract.ResetStage {
		return answered, err
	}
	return &answer{Status: http.StatusOK}, nil
}

// resetInfo answers whose password a key or code resets.
func (a *API) resetInfo(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	t := c.readKey(resetKeyHeader)
	var reply any
	var err error
	if a.HasFlow(contract.ResetStage) {
		// The run is no session's, whether or not the client is signed in.
		t.Client.Account, t.Client.Session = "", 0
		reply, err = c.act(ctx, contract.ResetStage, "info", t)
	} else {
		reply, err = c.ask(ctx, contract.PasswordResetFlow, "info", t)
	}
	if err != nil {
		return nil, err
	}
	claim, err := claimOf(reply)
	if err != nil {
		return nil, err
	}
	return ok(userOnly{User: userBehind(claim.Account.Snapshot())}), nil
}

// resetPassword sets a new password with a key or code. Whether the client is signed in does
// not matter: a reset signs every session of its account out.
func (a *API) resetPassword(ctx context.Context, c *call) (*answer, error) {
	byCode := a.HasFlow(contract.ResetStage)
	take := c.AddressLimits("reset_password_from_key")
	if !byCode {
		take = append(take, c.RecordLimits(contract.PasswordResetFlow)...)
	}
	if err := c.open(ctx, take...); err != nil {
		return nil, err
	}
	fields := a.FirstFields(contract.PasswordResetFlow)
	if byCode {
		p, pending := c.PendingFor(contract.ResetStage, engine.Client{})
		if !pending {
			return nil, wire.Conflict()
		}
		fields = p.Fields
	}
	if err := c.Read(wire.FieldsOf(fields)); err != nil {
		return nil, err
	}
	if err := c.MustBind(c.Shown); err != nil {
		return nil, err
	}
	t := c.Turn()
	t.Client.Account, t.Client.Session, t.Afresh = "", 0, c.Visit.SignedIn
	if c.Kind == token.App {
		t.Client.Key = c.Shown
	}
	var ans engine.Answer
	var err error
	if byCode {
		ans, err = a.Engine.Submit(ctx, contract.ResetStage, t)
	} else {
		if c.Visit.SignedIn {
			t.Key, t.Entry = "", engine.Entry{}
		}
		ans, err = a.Engine.Start(ctx, contract.PasswordResetFlow, t)
	}
	if err != nil {
		return nil, err
	}
	return c.afterReset(ctx, ans, byCode)
}

// afterReset ends what the reset signed out, before it is answered.
func (c *call) afterReset(ctx context.Context, ans engine.Answer, byCode bool) (*answer, error) {
	if ans.Outcome == engine.Wrong || ans.Outcome == engine.Limited || ans.Outcome == engine.NotWaiting {
		return c.answerTurn(ans)
	}
	subject := ans.Run.Subject
	if err := c.PassOn(ctx, state.AccountID(subject)); err != nil {
		return nil, err
	}
	own := c.Visit.SignedIn && c.Visit.Ticket.Account == state.AccountID(subject)
	if own && c.Kind == token.App && ans.Outcome == engine.Finished {
		// An app learns with its next request that its session was signed out.
		return c.session(), nil
	}
	if own {
		if err := c.dropRecord(ctx); err != nil {
			return nil, err
		}
		if byCode && ans.Outcome != engine.Granted {
			// The run stood in the record that has just ended, also one that would sign in.
			return c.session(), nil
		}
	} else if c.Visit.SignedIn && !byCode && ans.Outcome != engine.Granted {
		// Somebody else's session goes on, and the run that would sign in is forgotten.
		return c.session(), nil
	} else if c.Visit.SignedIn && ans.Outcome == engine.Granted {
		if err := c.endOtherSession(ctx, byCode); err != nil {
			return nil, err
		}
	}
	if ans.Outcome == engine.Finished && !byCode && ans.TokenID == nil {
		return c.session(), nil
	}
	return c.answerTurn(ans)
}

// dropRecord puts a tombstone in the place of the client's record, and takes its cookie.
func (c *call) dropRecord(ctx context.Context) error {
	if err := c.Visits.Records.End(ctx, c.Visit.Key, engine.Tombstone{}); err != nil {
		return err
	}
	c.Visit, c.dropped = contract.Visit{}, true
	return nil
}

// endOtherSession ends the session of a client that has just signed in to another account.
// Where its record was moved, the tombstone in its place is left for twins.
func (c *call) endOtherSession(ctx context.Context, moved bool) error {
	_, err := c.Ledger.Commit(ctx, state.Batch{
		Account: c.Visit.Ticket.Account, Now: c.Now,
		Writes: []state.Write{state.EndSessions{IDs: []int64{c.Visit.Ticket.Session}}},
	})
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	if !moved {
		if err := c.Visits.Records.End(ctx, c.Visit.Key, engine.Tombstone{}); err != nil {
			return err
		}
	}
	c.Visit = contract.Visit{}
	return nil
}

// resetInput judges a key sent with a method the route does not have.
func (a *API) resetInput(ctx context.Context, c *call) (*answer, error) {
	if a.HasFlow(contract.ResetStage) {
		return absentFirst(contract.ResetStage, conflict)(ctx, c)
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.Read(wire.FieldsOf(a.FirstFields(contract.PasswordResetFlow))); err != nil {
		return nil, err
	}
	return nil, c.Probe(ctx, contract.PasswordResetFlow)
}

// changePassword changes the password of the signed-in account, or sets its first one. The
// session goes on under a new token, unless the server is set to end it.
func (a *API) changePassword(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	account, err := c.JudgeChanger(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Read(passwordFields(account)); err != nil {
		return nil, err
	}
	if err := c.JudgePassword(ctx, account); err != nil {
		return nil, err
	}
	id := c.Seed().Bytes("renewed token", token.IDLen)
	key := engine.KeyOf(id)
	if account, err = c.ChangePassword(ctx, account, key); err != nil {
		return nil, err
	}
	if c.LogoutOnPasswordChange {
		c.Visit, c.dropped = contract.Visit{}, true
		return c.session(), nil
	}
	if err := c.renew(ctx, key, account); err != nil {
		return nil, err
	}
	c.fresh = c.Token(id)
	return c.session(), nil
}

func passwordFields(account *state.Account) []wire.Field {
	return []wire.Field{
		{Name: "current_password", Type: wire.Secret, Required: account.PasswordHash != ""},
		{Name: "new_password", Type: wire.Secret, Required: true},
	}
}

// renew moves the session's record under a new token.
func (c *call) renew(ctx context.Context, key engine.Key, account *state.Account) error {
	c.Visit.Account = account.Snapshot()
	entry := c.Visit.Entry
	entry.Account = c.Visit.Account.Encode()
	if _, err := c.Visits.Records.Restore(ctx, key, entry, c.Visit.Ticket.ExpiresAt.Sub(c.Now)); err != nil {
		return err
	}
	old := c.Visit.Key
	c.Visit.Key, c.Visit.Entry = key, entry
	return c.Visits.Records.End(ctx, old, engine.Tombstone{})
}
