package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// emailKeyHeader carries a verification key or code in a GET.
const emailKeyHeader = "X-Email-Verification-Key"

// claimData is the address and the account that a key or code is of.
type claimData struct {
	Email string   `json:"email"`
	User  userData `json:"user"`
}

// claimMeta says whether the client's own sign-in waits for the address.
type claimMeta struct {
	Authenticating bool `json:"is_authenticating"`
}

// verifyEmail takes the code of a pending verification, or the key of a link.
func (a *API) verifyEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.PendingAt(contract.EmailStage); pending || a.EmailByCode {
		return c.submit(ctx, contract.EmailStage, conflict)
	}
	if err := c.Read(wire.FieldsOf(a.FirstFields(contract.EmailKeyFlow))); err != nil {
		return nil, err
	}
	ans, err := a.Engine.Start(ctx, contract.EmailKeyFlow, c.Turn())
	if err != nil {
		return nil, err
	}
	return c.answerTurn(ans)
}

// verifyEmailInput judges a key sent with a method the route does not have.
func (a *API) verifyEmailInput(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.PendingAt(contract.EmailStage); a.EmailByCode && !pending {
		return nil, wire.Conflict()
	}
	if err := c.Read(wire.FieldsOf([]engine.Field{{Name: "key", Type: engine.Text, Required: true}})); err != nil {
		return nil, err
	}
	_, err := c.claim(ctx, c.Turn())
	return nil, err
}

// emailInfo answers which address a key or code verifies.
func (a *API) emailInfo(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	_, pending := c.PendingAt(contract.EmailStage)
	claim, err := c.claim(ctx, c.readKey(emailKeyHeader))
	if err != nil {
		return nil, err
	}
	return &answer{
		Status: http.StatusOK, Data: claimData{Email: claim.Email, User: userBehind(claim.Account.Snapshot())},
		Meta: claimMeta{Authenticating: pending && !c.Visit.SignedIn},
	}, nil
}

// claim looks up the address and the account that a key or code is of.
func (c *call) claim(ctx context.Context, t engine.Turn) (*state.Claim, error) {
	var reply any
	var err error
	if _, pending := c.PendingAt(contract.EmailStage); pending || c.EmailByCode {
		reply, err = c.act(ctx, contract.EmailStage, "info", t)
	} else {
		reply, err = c.ask(ctx, contract.EmailKeyFlow, "info", t)
	}
	if err != nil {
		return nil, err
	}
	return claimOf(reply)
}

// claimOf reads the reply of an action that looks a key up.
func claimOf(reply any) (*state.Claim, error) {
	claim, ok := reply.(*state.Claim)
	if !ok || claim.Account == nil {
		return nil, errors.New("headless: a key is of no account, and no error says so")
	}
	return claim, nil
}

// resendEmail sends the code again.
func (a *API) resendEmail(ctx context.Context, c *call) (*answer, error) {
	return c.resend(ctx, contract.EmailStage)
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
func (c *call) pendingEmail(account state.AccountID) *engine.Run {
	run := c.Visit.Entry.Record.Run(engine.SlotEmail, c.Now)
	if run == nil || run.Subject != engine.AccountID(account) {
		return nil
	}
	return run
}

// listEmails lists the account's addresses.
func (a *API) listEmails(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	return ok(c.emailsOf(account)), nil
}

// readEmail opens the session, reads its account, counts the request and reads its body:
// an address, with other fields besides.
func (c *call) readEmail(ctx context.Context, besides ...wire.Field) (*state.Account, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.MustUse(ctx, c.Limits("manage_email")); err != nil {
		return nil, err
	}
	return account, c.Read(append(emailFields(), besides...))
}

func emailFields() []wire.Field {
	return []wire.Field{{Name: "email", Type: wire.Email, Required: true}}
}

// postEmail adds an address to the account, or changes the one that a sign-up waits for.
func (a *API) postEmail(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.Visit.SignedIn {
		return a.changeEmail(ctx, c)
	}
	if _, err := c.readEmail(ctx); err != nil {
		return nil, err
	}
	flow := engine.FlowID("add_email")
	if a.EmailByCode {
		flow = "change_email"
	}
	if err := c.startProved(ctx, flow); err != nil {
		return nil, err
	}
	return a.listEmails(ctx, c)
}

// changeEmail changes the address that a sign-up waits for.
func (a *API) changeEmail(ctx context.Context, c *call) (*answer, error) {
	if _, pending := c.PendingAt(contract.EmailStage); !pending {
		return nil, wire.Conflict()
	}
	if err := c.Read(emailFields()); err != nil {
		return nil, err
	}
	reply, err := c.act(ctx, contract.EmailStage, "change", c.Turn())
	if err != nil {
		return nil, err
	}
	emails, _ := reply.([]state.Email)
	return ok(emailList(emails)), nil
}

// putEmail sends a verification mail again: 403 where no more may be sent.
func (a *API) putEmail(ctx context.Context, c *call) (*answer, error) {
	account, err := c.readEmail(ctx)
	if err != nil {
		return nil, err
	}
	if run := c.pendingEmail(account.ID); run != nil && run.Hint == c.Input.Text("email") {
		_, err := c.act(ctx, contract.EmailStage, "resend", c.EmptyTurn())
		if p := wire.AsProblem(err); p != nil && p.Status == http.StatusConflict {
			return &answer{Status: http.StatusForbidden}, nil
		}
		return &answer{Status: http.StatusOK}, err
	}
	ans, err := a.Engine.Start(ctx, "resend_email", c.Turn())
	if err == nil && ans.Outcome == engine.Limited && !a.EmailByCode {
		return &answer{Status: http.StatusForbidden}, nil
	}
	_, err = c.reply(ans, err)
	return &answer{Status: http.StatusOK}, err
}

// patchEmail makes an address the primary one.
func (a *API) patchEmail(ctx context.Context, c *call) (*answer, error) {
	account, err := c.readEmail(ctx, wire.Field{Name: "primary", Type: wire.Bool, Required: true})
	if err != nil {
		return nil, err
	}
	address := c.Input.Text("email")
	if code := c.primaryRefused(account, address); code != "" {
		c.Input.Add("email", code)
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if err := c.RequireProof(contract.AccountArea); err != nil {
		return nil, err
	}
	account, err = c.Change(ctx, func(by principal) (*state.Account, error) { return a.Accounts.SetPrimaryEmail(ctx, by, address) })
	if err != nil {
		return nil, err
	}
	return ok(c.emailsOf(account)), nil
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
	account, err := c.readEmail(ctx)
	if err != nil {
		return nil, err
	}
	address := c.Input.Text("email")
	pending := c.pendingEmail(account.ID)
	waits := account.Email(address) == nil && pending != nil && pending.Hint == address
	if code := c.removalRefused(account, address); code != "" && address != "" && !waits {
		c.Input.Add("email", code)
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if waits {
		if err := c.update(ctx, func(r *engine.Record) { r.Drop(engine.SlotEmail) }); err != nil {
			return nil, err
		}
		return ok(c.emailsOf(account)), nil
	}
	if err := c.RequireProof(contract.AccountArea); err != nil {
		return nil, err
	}
	account, err = c.Change(ctx, func(by principal) (*state.Account, error) { return a.Accounts.RemoveEmail(ctx, by, address) })
	if err != nil {
		return nil, err
	}
	return ok(c.emailsOf(account)), nil
}

// removalRefused is the code of why an address cannot be removed, or "".
func (c *call) removalRefused(account *state.Account, address string) string {
	switch {
	case account.Email(address) == nil:
		return "unknown_email"
	case !c.Accounts.CanRemoveEmail(account, address):
		return "cannot_remove_primary_email"
	}
	return ""
}

// emailList is a list that is never null.
func emailList(emails []state.Email) []state.Email { return append([]state.Email{}, emails...) }
