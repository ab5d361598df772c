package headless

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// providerData is an account at a provider as the contract shows one.
type providerData struct {
	UID      string         `json:"uid"`
	Provider state.Provider `json:"provider"`
	Display  string         `json:"display"`
	state.Profile
}

// newUserData is a person without an account yet.
type newUserData struct {
	Display     string `json:"display"`
	Username    string `json:"username,omitempty"`
	HasPassword bool   `json:"has_usable_password"`
	state.Profile
}

// claimedData is what a provider said of such a person.
type claimedData struct {
	User    newUserData   `json:"user"`
	Account providerData  `json:"account"`
	Email   []state.Email `json:"email"`
}

// isProviderFlow reports whether a flow is listed by providerFlow.
func isProviderFlow(id engine.FlowID) bool {
	return id == contract.RedirectFlow || id == contract.TokenFlow || id == contract.ProviderSignupStage
}

// providerFlow lists a flow of providers: those that can be started with the providers
// they work with, the signup where it is pending. An app cannot follow a redirect.
func (c *call) providerFlow(id engine.FlowID) []map[string]any {
	if id == contract.ProviderSignupStage {
		if c.Visit.SignedIn || !c.opened {
			return nil
		}
		if p, pending := c.PendingAt(contract.ProviderSignupStage); pending {
			return listPending(nil, p)
		}
		return nil
	}
	var ids []string
	for _, p := range c.Providers {
		if slices.Contains(p.Flows, string(id)) {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 || id == contract.RedirectFlow && c.Kind != token.Browser {
		return nil
	}
	return []map[string]any{{"id": id, "providers": ids}}
}

// providerToken signs in with a token of a provider, or connects the account it is of.
func (a *API) providerToken(ctx context.Context, c *call) (*answer, error) {
	if !a.HasFlow(contract.TokenFlow) {
		return nil, wire.NotFound()
	}
	if err := c.open(ctx, c.RecordLimits(contract.TokenFlow)...); err != nil {
		return nil, err
	}
	if err := providerTokenForm(ctx, c); err != nil {
		return nil, err
	}
	process := c.Input.Text("process")
	if process == contract.ProcessReauthenticate {
		if err := c.provesByProvider(ctx); err != nil {
			return nil, err
		}
	}
	ans, err := c.startByProvider(ctx, contract.TokenFlow, process, c.Turn())
	if err != nil {
		return nil, err
	}
	if err := contract.Unaccepted(ans); err != nil {
		return nil, err
	}
	switch refusalOf(ans) {
	case "connected_other":
		return nil, wire.Invalid(wire.FieldError{Code: "connected_other"})
	case "reauthentication_required":
		return nil, contract.ErrReauthenticate
	case "signup_closed", "permission_denied":
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return c.session(), nil
}

// startByProvider starts a flow with what a provider said, and adopts it. A sign-in begins
// without the client's session, which ends unless the provider's word is not good. Where the
// account is the same, the client's other windows still find their way back from providers.
func (c *call) startByProvider(ctx context.Context, flow engine.FlowID, process string, t engine.Turn) (engine.Answer, error) {
	switching := c.Visit.SignedIn && process == contract.ProcessLogin
	if switching {
		if err := c.MustBind(c.Shown); err != nil {
			return engine.Answer{}, err
		}
		t.Key, t.Entry, t.Client = "", engine.Entry{}, c.signedOut(t.Client)
	}
	ans, err := c.Engine.Start(ctx, flow, t)
	if err != nil || contract.Unaccepted(ans) != nil {
		return ans, err
	}
	if !switching {
		return ans, c.adopt(ans)
	}
	away, before := c.Visit.Entry.Record.Run(engine.SlotOAuth, c.Now), c.Visit.Ticket.Account
	if err := c.endSession(ctx); err != nil {
		return ans, err
	}
	if err := c.adopt(ans); err != nil || away == nil || ans.Run == nil || ans.Run.Subject != engine.AccountID(before) {
		return ans, err
	}
	return ans, c.update(ctx, func(r *engine.Record) { r.Put(*away) })
}

// signedOut is the client without its session. The key that an app shows is that of the next.
func (c *call) signedOut(is engine.Client) engine.Client {
	out := engine.Client{Kind: is.Kind, IP: is.IP, Address: is.Address, UserAgent: is.UserAgent, Trust: is.Trust}
	if c.Kind == token.App {
		out.Key = c.Shown
	}
	return out
}

// refusalOf is the code of why a run of a provider was refused, or "".
func refusalOf(ans engine.Answer) string {
	exit := contract.LastExit(ans)
	if exit == "" || ans.End != "refused" {
		return ""
	}
	switch exit {
	case "closed":
		return "signup_closed"
	case "anonymous":
		return "permission_denied"
	case "taken":
		return "connected_other"
	case "not_recent":
		return "reauthentication_required"
	}
	return "unknown"
}

// providerSignupFirst answers where no signup waits, or none may be made.
func (a *API) providerSignupFirst(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.PendingFor(contract.ProviderSignupStage, engine.Client{}); !pending {
		return nil, wire.Conflict()
	}
	if !a.ProviderSignupOpen {
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return nil, nil
}

// providerClaim answers what a provider said of the person to be signed up. A client that
// has signed in meanwhile can see it, too.
func (a *API) providerClaim(ctx context.Context, c *call) (*answer, error) {
	if ans, err := a.providerSignupFirst(ctx, c); ans != nil || err != nil {
		return ans, err
	}
	t := c.EmptyTurn()
	t.Client = c.signedOut(t.Client)
	got, err := a.Engine.Act(ctx, contract.ProviderSignupStage, "info", t)
	if err != nil {
		return nil, err
	}
	claim, found := got.Reply.(*state.ProviderClaim)
	if !found {
		return nil, wire.Conflict()
	}
	return ok(claimedData{
		User:    newUserData{Display: cmp.Or(claim.Username, "user"), Username: claim.Username, Profile: claim.Profile},
		Account: shownProvider(claim.UID, claim.Display, claim.Profile, claim.Provider), Email: claim.Emails,
	}), nil
}

// providerSignup takes the form of a pending signup. It begins without a session: a client
// that has signed in meanwhile is signed out.
func (a *API) providerSignup(ctx context.Context, c *call) (*answer, error) {
	if ans, err := a.providerSignupFirst(ctx, c); ans != nil || err != nil {
		return ans, err
	}
	if err := c.MustBind(c.Shown); err != nil {
		return nil, err
	}
	p, _ := c.PendingFor(contract.ProviderSignupStage, engine.Client{})
	if err := c.Read(wire.FieldsOf(p.Fields)); err != nil {
		return nil, err
	}
	t := c.Turn()
	t.Client = c.signedOut(t.Client)
	if run := t.Entry.Record.Run(engine.SlotProviderSignup, c.Now); c.Visit.SignedIn && run != nil {
		t.Key, t.Entry = "", engine.Entry{Found: true, Record: engine.Record{Runs: []engine.Run{*run}}}
	}
	ans, err := a.Engine.Submit(ctx, contract.ProviderSignupStage, t)
	if err != nil {
		return nil, err
	}
	if err := contract.Unaccepted(ans); err != nil {
		return nil, err
	}
	if c.Visit.SignedIn {
		if err := c.endSession(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.adopt(ans); err != nil {
		return nil, err
	}
	return c.session(), nil
}

// listProviders lists the accounts at providers that are connected.
func (a *API) listProviders(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	return a.connections(account), nil
}

// connections shows the connected accounts of providers that are configured.
func (a *API) connections(account *state.Account) *answer {
	list := []providerData{}
	for _, p := range account.Providers {
		from, known := a.Provider(p.Provider)
		if !known {
			from = state.Provider{ID: p.Provider, Name: p.Provider, Flows: []string{}}
		}
		list = append(list, shownProvider(p.UID, p.Display, p.Profile, from))
	}
	return &answer{Status: http.StatusOK, Data: list}
}

// shownProvider shows an account at a provider; one without a name has the provider's.
func shownProvider(uid, display string, of state.Profile, from state.Provider) providerData {
	if display == "" {
		display = from.Name
	}
	return providerData{UID: uid, Provider: from, Display: display, Profile: of}
}

// disconnectProvider disconnects an account.
func (a *API) disconnectProvider(ctx context.Context, c *call) (*answer, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	err = c.Read([]wire.Field{
		{Name: "provider", Type: wire.Text, Required: true}, {Name: "account", Type: wire.Text, Required: true},
	})
	if err != nil {
		return nil, err
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	id, uid := c.Input.Text("provider"), c.Input.Text("account")
	if code := a.Accounts.CanDisconnect(account, id, uid); code != "" {
		return nil, wire.Invalid(wire.FieldError{Code: code})
	}
	if err := c.RequireProof(contract.ProviderArea); err != nil {
		return nil, err
	}
	from, _ := a.Provider(id)
	account, err = c.Change(ctx, func(by principal) (*state.Account, error) { return a.Accounts.Disconnect(ctx, by, id, uid, from.Name) })
	if err != nil {
		return nil, err
	}
	return a.connections(account), nil
}
