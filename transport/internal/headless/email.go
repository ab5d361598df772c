package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// emailKeyHeader carries a verification key or code in a GET.
const emailKeyHeader = "X-Email-Verification-Key"

const emailWire = "verify_email"

// claimData is what a key or code stands for.
type claimData struct {
	Email string   `json:"email"`
	User  userData `json:"user"`
}

// claimMeta tells whether the client's own sign-in waits for the address.
type claimMeta struct {
	Authenticating bool `json:"is_authenticating"`
}

// verifyEmail takes the code of a pending verification, or the key of a link.
func (a *API) verifyEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.pendingAt(emailWire); pending || a.EmailByCode {
		return c.submit(ctx, emailWire, conflict)
	}
	f := a.Engine.Flows.Flow("email_confirmation")
	values, invalid, err := c.input(wire.FieldsOf(f.Graph.Nodes[f.Graph.Start].Stage.Fields))
	if err != nil {
		return nil, err
	}
	ans, err := a.Engine.Start(ctx, f.Graph.Flow, c.turn(values, invalid))
	if err != nil {
		return nil, err
	}
	return c.settled(ans, "")
}

// verifyEmailInput judges a key sent with a method the route does not have.
func (a *API) verifyEmailInput(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	fields := wire.FieldsOf([]engine.Field{{Name: "key", Type: engine.Text, Required: true}})
	values, invalid, err := c.input(fields)
	if err != nil {
		return nil, err
	}
	_, err = c.claim(ctx, values, invalid)
	return nil, err
}

// emailInfo tells what a key or code stands for.
func (a *API) emailInfo(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	key := c.r.Header.Get(emailKeyHeader)
	values := engine.MapValues{"key": key}
	var invalid []wire.FieldError
	if key == "" {
		invalid = []wire.FieldError{{Param: "key", Code: wire.CodeRequired}}
	}
	_, pending := c.pendingAt(emailWire)
	claim, err := c.claim(ctx, values, invalid)
	if err != nil {
		return nil, err
	}
	return &answer{
		Status: 200, Data: claimData{Email: claim.Email, User: userOf(claim.Account.Snapshot())},
		Meta: claimMeta{Authenticating: pending && !c.visit.SignedIn},
	}, nil
}

// claim finds out what a key or code stands for.
func (c *call) claim(ctx context.Context, values engine.Values, invalid []wire.FieldError) (*state.Claim, error) {
	var reply any
	var err error
	if _, pending := c.pendingAt(emailWire); pending || c.EmailByCode {
		reply, err = c.act(ctx, emailWire, "info", values, invalid)
	} else {
		reply, err = c.acted(c.Engine.Ask(ctx, "email_confirmation", "info", c.turn(values, invalid)))
	}
	if err != nil {
		return nil, err
	}
	claim, ok := reply.(*state.Claim)
	if !ok || claim.Account == nil {
		return nil, errors.New("headless: the key of a mail stands for nothing, and no error says so")
	}
	return claim, nil
}

// resendEmail sends the code again.
func (a *API) resendEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, err := c.act(ctx, emailWire, "resend", engine.MapValues{}, nil); err != nil {
		return nil, err
	}
	return &answer{Status: 200}, nil
}

// emailsOf lists the addresses of the account, and the one that a code waits for.
func (c *call) emailsOf(account *state.Account) []state.Email {
	list := emailList(account.Emails)
	run := c.pendingEmail(account.ID)
	if run == nil {
		return list
	}
	if known := account.Email(run.Hint); known != nil {
		return append(list, *known)
	}
	return append(list, state.Email{Address: run.Hint})
}

// pendingEmail returns the run that waits for the code of an address, nil if there is
// none.
func (c *call) pendingEmail(account int64) *engine.Run {
	run := c.visit.Entry.Record.Run(engine.SlotEmail, c.now)
	if run == nil || run.Subject != account {
		return nil
	}
	return run
}

// listEmails lists the account's addresses.
func (a *API) listEmails(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	return ok(c.emailsOf(account)), nil
}

// manageEmail opens the session, reads its account and counts the request; nil where
// nobody is signed in.
func (c *call) manageEmail(ctx context.Context) (*state.Account, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return nil, err
	}
	return account, c.open(ctx, c.Rates.Takes("manage_email", engine.Counted{IP: c.limitIP, User: account.ID})...)
}

// postEmail adds an address to the account, or changes the one that a sign-up waits for.
func (a *API) postEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return a.changeEmail(ctx, c)
	}
	account, err := c.manageEmail(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input(emailFields())
	if err != nil {
		return nil, err
	}
	flow := engine.FlowID("add_email")
	if a.EmailByCode {
		flow = "change_email"
	}
	ans, err := c.startProved(ctx, flow, c.turn(values, invalid))
	if ans != nil || err != nil {
		return ans, err
	}
	return a.listEmails(ctx, c)
}

func emailFields() []wire.Field {
	return []wire.Field{{Name: "email", Type: wire.Email, Required: true}}
}

// changeEmail changes the address that a sign-up waits for.
func (a *API) changeEmail(ctx context.Context, c *call) (*answer, error) {
	if _, pending := c.pendingAt(emailWire); !pending {
		return conflict()
	}
	values, invalid, err := c.input(emailFields())
	if err != nil {
		return nil, err
	}
	reply, err := c.act(ctx, emailWire, "change", values, invalid)
	if err != nil {
		return nil, err
	}
	emails, _ := reply.([]state.Email)
	return ok(emailList(emails)), nil
}

// putEmail sends a verification mail again: 403 where no more may be sent.
func (a *API) putEmail(ctx context.Context, c *call) (*answer, error) {
	account, err := c.manageEmail(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input(emailFields())
	if err != nil {
		return nil, err
	}
	if run := c.pendingEmail(account.ID); run != nil && run.Hint == values.Text("email") {
		_, err := c.act(ctx, emailWire, "resend", engine.MapValues{}, nil)
		if p := wire.AsProblem(err); p != nil && p.Status == http.StatusConflict {
			return &answer{Status: http.StatusForbidden}, nil
		}
		return &answer{Status: http.StatusOK}, err
	}
	ans, err := a.Engine.Start(ctx, "resend_email", c.turn(values, invalid))
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.Limited && !a.EmailByCode {
		return &answer{Status: http.StatusForbidden}, nil
	}
	_, err = c.acted(ans, nil)
	return &answer{Status: http.StatusOK}, err
}

// patchEmail makes an address the primary one.
func (a *API) patchEmail(ctx context.Context, c *call) (*answer, error) {
	account, err := c.manageEmail(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input(append(emailFields(), wire.Field{Name: "primary", Type: wire.Bool, Required: true}))
	if err != nil {
		return nil, err
	}
	address := values.Text("email")
	if code := c.primaryRefused(account, address); code != "" {
		invalid = append(invalid, wire.FieldError{Param: "email", Code: code})
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	if a.ReauthenticationRequired && !c.recent() {
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.SetPrimaryEmail(ctx, c.doer(), address)
	if err != nil {
		return nil, accountError(err)
	}
	return ok(c.emailsOf(account)), c.changed(ctx, account)
}

// primaryRefused is the code of why an address cannot be the primary one, or "".
func (c *call) primaryRefused(account *state.Account, address string) string {
	pending := c.pendingEmail(account.ID)
	switch {
	case address == "" || c.Accounts.CanBePrimary(account, address):
		return ""
	case account.Email(address) == nil && (pending == nil || pending.Hint != address):
		return "unknown_email"
	}
	return "unverified_primary_email"
}

// deleteEmail removes an address, or stops waiting for the code of one.
func (a *API) deleteEmail(ctx context.Context, c *call) (*answer, error) {
	account, err := c.manageEmail(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input(emailFields())
	if err != nil {
		return nil, err
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	address := values.Text("email")
	pending := c.pendingEmail(account.ID)
	switch {
	case account.Email(address) == nil && pending != nil && pending.Hint == address:
		if err := c.update(ctx, func(r *engine.Record) { r.Drop(engine.SlotEmail) }); err != nil {
			return nil, err
		}
		return ok(c.emailsOf(account)), nil
	case account.Email(address) == nil:
		return nil, wire.Invalid(wire.FieldError{Param: "email", Code: "unknown_email"})
	case !a.Accounts.CanRemoveEmail(account, address):
		return nil, wire.Invalid(wire.FieldError{Param: "email", Code: "cannot_remove_primary_email"})
	case a.ReauthenticationRequired && !c.recent():
		return c.reauthenticate(), nil
	}
	account, err = a.Accounts.RemoveEmail(ctx, c.doer(), address)
	if err != nil {
		return nil, accountError(err)
	}
	return ok(c.emailsOf(account)), c.changed(ctx, account)
}

// emailList is a list that is never null.
func emailList(emails []state.Email) []state.Email { return append([]state.Email{}, emails...) }

func isNotFound(err error) bool { return errors.Is(err, state.ErrNotFound) }
