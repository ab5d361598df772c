package headless

import (
	"context"
	"errors"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport"
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
	values, invalid, err := c.input(transport.FieldsOf(f.Graph.Nodes[f.Graph.Start].Stage.Fields))
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
	fields := transport.FieldsOf([]engine.Field{{Name: "key", Type: engine.Text, Required: true}})
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
	var invalid []transport.FieldError
	if key == "" {
		invalid = []transport.FieldError{{Param: "key", Code: transport.CodeRequired}}
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
func (c *call) claim(ctx context.Context, values engine.Values, invalid []transport.FieldError) (*state.Claim, error) {
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

// listEmails lists the account's addresses.
func (a *API) listEmails(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return c.session(), nil
	}
	account, err := a.Accounts.Account(ctx, c.visit.Ticket.Account)
	if err != nil {
		return nil, err
	}
	return ok(emailList(account.Emails)), nil
}

// postEmail changes the address that a sign-up waits for.
func (a *API) postEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if c.visit.SignedIn {
		return nil, transport.NotFound()
	}
	if _, pending := c.pendingAt(emailWire); !pending {
		return conflict()
	}
	fields := []transport.Field{{Name: "email", Type: transport.Email, Required: true}}
	values, invalid, err := c.input(fields)
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

// emailList is a list that is never null.
func emailList(emails []state.Email) []state.Email { return append([]state.Email{}, emails...) }

func isNotFound(err error) bool { return errors.Is(err, state.ErrNotFound) }
