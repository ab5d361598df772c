package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// resetKeyHeader carries a reset key or code in a GET.
const resetKeyHeader = "X-Password-Reset-Key"

const resetWire = "password_reset_by_code"

// userOnly is the data of an answer that names an account.
type userOnly struct {
	User userData `json:"user"`
}

// requestReset asks for a link or a code to reset a password with. The limit by address
// counts only requests whose input is right.
func (a *API) requestReset(ctx context.Context, c *call) (*answer, error) {
	flow := engine.FlowID("password_reset_request")
	if a.Engine.Flows.Flow(resetWire) != nil {
		flow = resetWire
	}
	stage := a.Engine.Flows.Flow(flow).Graph
	values, invalid, malformed := c.input(wire.FieldsOf(stage.Nodes[stage.Start].Stage.Fields))
	var take []engine.Take
	if malformed == nil && len(invalid) == 0 {
		take = a.Rates.Takes("reset_password", engine.Counted{IP: c.limitIP, Key: a.Keys.LimitKey("reset:" + values.Text("email"))})
	}
	if err := c.open(ctx, append(take, c.begins(flow)...)...); err != nil {
		return nil, err
	}
	if malformed != nil {
		return nil, malformed
	}
	ans, err := a.Engine.Start(ctx, flow, c.turn(values, invalid))
	if err != nil {
		return nil, err
	}
	answered, err := c.settled(ans, "")
	if err != nil || flow == resetWire {
		return answered, err
	}
	return &answer{Status: http.StatusOK}, nil
}

// resetInfo tells whose password a key or code resets.
func (a *API) resetInfo(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	key := c.r.Header.Get(resetKeyHeader)
	var invalid []wire.FieldError
	if key == "" {
		invalid = []wire.FieldError{{Param: "key", Code: wire.CodeRequired}}
	}
	var reply any
	var err error
	if a.Engine.Flows.Flow(resetWire) != nil {
		reply, err = c.actAnonymous(ctx, resetWire, "info", engine.MapValues{"key": key}, invalid)
	} else {
		reply, err = c.acted(a.Engine.Ask(ctx, "password_reset", "info", c.turn(engine.MapValues{"key": key}, invalid)))
	}
	if err != nil {
		return nil, err
	}
	claim, isClaim := reply.(*state.Claim)
	if !isClaim || claim.Account == nil {
		return nil, errors.New("headless: a reset key stands for nobody, and no error says so")
	}
	return ok(userOnly{User: userOf(claim.Account.Snapshot())}), nil
}

// actAnonymous carries out an action of a run that is no session's, whoever is signed in.
func (c *call) actAnonymous(ctx context.Context, wireID, action string, values engine.Values, invalid []wire.FieldError) (any, error) {
	t := c.turn(values, invalid)
	t.Client.Account, t.Client.Session = 0, 0
	return c.acted(c.Engine.Act(ctx, wireID, action, t))
}

// resetPassword sets a new password with a key or code. Who is signed in is not looked
// at: a reset signs every session of its account out.
func (a *API) resetPassword(ctx context.Context, c *call) (*answer, error) {
	byCode := a.Engine.Flows.Flow(resetWire) != nil
	take := a.Rates.Takes("reset_password_from_key", engine.Counted{IP: c.limitIP})
	if !byCode {
		take = append(take, c.begins("password_reset")...)
	}
	if err := c.open(ctx, take...); err != nil {
		return nil, err
	}
	g := a.Engine.Flows.Flow("password_reset")
	var fields []engine.Field
	if byCode {
		pending, waits := c.pendingAs(resetWire, engine.Client{})
		if !waits {
			return conflict()
		}
		fields = pending
	} else {
		fields = g.Graph.Nodes[g.Graph.Start].Stage.Fields
	}
	values, invalid, err := c.input(wire.FieldsOf(fields))
	if err != nil {
		return nil, err
	}
	t := c.turn(values, invalid)
	t.Client.Account, t.Client.Session = 0, 0
	var ans engine.Answer
	if byCode {
		ans, err = a.Engine.Submit(ctx, resetWire, t)
	} else {
		if c.visit.SignedIn {
			t.Key, t.Entry = "", engine.Entry{}
		}
		ans, err = a.Engine.Start(ctx, "password_reset", t)
	}
	if err != nil {
		return nil, err
	}
	return c.afterReset(ctx, ans, byCode)
}

// afterReset ends what the reset signed out, before it is answered.
func (c *call) afterReset(ctx context.Context, ans engine.Answer, byCode bool) (*answer, error) {
	if ans.Outcome == engine.Wrong || ans.Outcome == engine.Limited || ans.Outcome == engine.NotWaiting {
		return c.settled(ans, "")
	}
	subject := ans.Run.Subject
	if err := c.PassOn(ctx, subject); err != nil {
		return nil, err
	}
	own := c.visit.SignedIn && c.visit.Ticket.Account == subject
	if own && c.kind == token.App && ans.Outcome == engine.Finished {
		// An app is told with its next request that its session was signed out.
		return c.session(), nil
	}
	if own {
		if err := c.Visits.Records.End(ctx, c.visit.Key, engine.Tombstone{}); err != nil {
			return nil, err
		}
		c.visit, c.dropped = wire.Visit{}, true
		if byCode && ans.Outcome == engine.Advanced {
			// The run that would sign in stood in the record that has just ended.
			return c.session(), nil
		}
	} else if c.visit.SignedIn && !byCode && ans.Outcome != engine.Granted {
		// Somebody else's session goes on, and the run that would sign in is forgotten.
		return c.session(), nil
	} else if c.visit.SignedIn && ans.Outcome == engine.Granted {
		if err := c.switched(ctx, byCode); err != nil {
			return nil, err
		}
	}
	if ans.Outcome == engine.Finished && !byCode && ans.TokenID == nil {
		return c.session(), nil
	}
	return c.settled(ans, "")
}

// switched ends the session of a client that has just signed in to another account. Where
// its record was moved, the stone in its place is left for twins.
func (c *call) switched(ctx context.Context, moved bool) error {
	_, err := c.Ledger.Commit(ctx, state.Batch{
		Account: c.visit.Ticket.Account, Now: c.now,
		Writes: []state.Write{state.EndSessions{IDs: []int64{c.visit.Ticket.Session}}},
	})
	if err != nil && !isNotFound(err) {
		return err
	}
	if !moved {
		if err := c.Visits.Records.End(ctx, c.visit.Key, engine.Tombstone{}); err != nil {
			return err
		}
	}
	c.visit = wire.Visit{}
	return nil
}

// resetInput judges a key sent with a method the route does not have.
func (a *API) resetInput(ctx context.Context, c *call) (*answer, error) {
	if a.Engine.Flows.Flow(resetWire) != nil {
		return absentFirst(resetWire, conflicting)(ctx, c)
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	g := a.Engine.Flows.Flow("password_reset").Graph
	values, invalid, err := c.input(wire.FieldsOf(g.Nodes[g.Start].Stage.Fields))
	if err != nil {
		return nil, err
	}
	errs, err := a.Engine.Probe(ctx, "password_reset", c.turn(values, invalid))
	if err == nil && len(errs) > 0 {
		err = wrong(errs)
	}
	return nil, err
}

// changePassword changes the password of the signed-in account, or sets its first one: by
// which the account could prove itself from then on, so that where changes ask for a recent
// proof, this one does.
func (a *API) changePassword(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	if err := c.open(ctx, a.Rates.Takes("change_password", engine.Counted{IP: c.limitIP, User: account.ID})...); err != nil {
		return nil, err
	}
	if a.ReauthenticationRequired && account.PasswordHash == "" && !c.recent() {
		return c.reauthenticate(), nil
	}
	values, invalid, err := c.input([]wire.Field{
		{Name: "current_password", Type: wire.Secret, Required: account.PasswordHash != ""},
		{Name: "new_password", Type: wire.Secret, Required: true},
	})
	if err != nil {
		return nil, err
	}
	if current := values.Text("current_password"); current != "" {
		right, err := a.Accounts.IsPassword(ctx, account, current)
		if err != nil {
			return nil, err
		}
		if !right {
			invalid = append(invalid, wire.FieldError{Param: "current_password", Code: "enter_current_password"})
		}
	}
	fresh := values.Text("new_password")
	if fresh != "" {
		for _, code := range a.Accounts.JudgePassword(account, fresh) {
			invalid = append(invalid, wire.FieldError{Param: "new_password", Code: code})
		}
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	return c.setPassword(ctx, account, fresh)
}

// setPassword stores the password. The session goes on under a new token, unless the
// server is set to end it.
func (c *call) setPassword(ctx context.Context, account *state.Account, secret string) (*answer, error) {
	var hash []byte
	id := c.seed.Bytes("renewed token", 16)
	key := engine.KeyOf(id)
	if !c.LogoutOnPasswordChange {
		var err error
		if hash, err = key.Bytes(); err != nil {
			return nil, err
		}
	}
	account, err := c.Accounts.ChangePassword(ctx, c.doer(), account, secret, hash)
	if err != nil {
		return nil, accountError(err)
	}
	if err := c.PassOn(ctx, account.ID); err != nil {
		return nil, err
	}
	if c.LogoutOnPasswordChange {
		if err := c.Visits.Records.End(ctx, c.visit.Key, engine.Tombstone{}); err != nil {
			return nil, err
		}
		c.visit, c.dropped = wire.Visit{}, true
		return c.session(), nil
	}
	if err := c.renew(ctx, key, account); err != nil {
		return nil, err
	}
	c.issue(id)
	return c.session(), nil
}

// renew moves the session's record under a new token.
func (c *call) renew(ctx context.Context, key engine.Key, account *state.Account) error {
	c.visit.Account = account.Snapshot()
	snapshot, err := c.visit.Account.Encode()
	if err != nil {
		return err
	}
	entry := c.visit.Entry
	entry.Account = snapshot
	if _, err := c.Visits.Records.Restore(ctx, key, entry, c.visit.Ticket.ExpiresAt.Sub(c.now)); err != nil {
		return err
	}
	old := c.visit.Key
	c.visit.Key, c.visit.Entry = key, entry
	return c.Visits.Records.End(ctx, old, engine.Tombstone{})
}
