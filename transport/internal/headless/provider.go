package headless

import (
	"context"
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// The flows of third-party providers.
const (
	redirectFlow       engine.FlowID = "provider_redirect"
	tokenFlow          engine.FlowID = "provider_token"
	providerSignupWire               = "provider_signup"
)

// providerData is an account at a provider as the contract shows one.
type providerData struct {
	UID      string         `json:"uid"`
	Provider state.Provider `json:"provider"`
	Display  string         `json:"display"`
}

// newUserData is a person who has no account yet.
type newUserData struct {
	Display     string `json:"display"`
	Username    string `json:"username,omitempty"`
	Email       string `json:"email,omitempty"`
	HasPassword bool   `json:"has_usable_password"`
}

// claimedData is what a provider said of such a person.
type claimedData struct {
	User    newUserData   `json:"user"`
	Account providerData  `json:"account"`
	Email   []state.Email `json:"email"`
}

// providing reports whether a flow is listed by providerFlow.
func providing(id engine.FlowID) bool {
	return id == redirectFlow || id == tokenFlow || id == providerSignupWire
}

// providerFlow lists a flow of providers: those that can be started with the providers
// they work with, the signup where it is pending. An app cannot follow a redirect.
func (c *call) providerFlow(id engine.FlowID) []map[string]any {
	if id == providerSignupWire {
		if c.visit.SignedIn || !c.opened {
			return nil
		}
		for _, p := range c.Engine.Pending(c.visit.Entry, c.client(), c.now) {
			if p.Wire == providerSignupWire {
				return mark(nil, p)
			}
		}
		return nil
	}
	var ids []string
	for _, p := range c.Providers {
		if slices.Contains(p.Flows, string(id)) {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 || id == redirectFlow && c.kind != token.Browser {
		return nil
	}
	return []map[string]any{{"id": id, "providers": ids}}
}

// provider returns what everybody may know of a configured provider.
func (a *API) provider(id string) (state.Provider, bool) {
	i := slices.IndexFunc(a.Providers, func(p state.Provider) bool { return p.ID == id })
	if i < 0 {
		return state.Provider{}, false
	}
	return a.Providers[i], true
}

// providerToken signs in with a token of a provider, or connects the account it is of.
func (a *API) providerToken(ctx context.Context, c *call) (*answer, error) {
	if a.Engine.Flows.Flow(tokenFlow) == nil {
		return nil, wire.NotFound()
	}
	if err := c.open(ctx, c.begins(tokenFlow)...); err != nil {
		return nil, err
	}
	values, invalid, err := c.input([]wire.Field{
		{Name: "provider", Type: wire.Text, Required: true},
		{Name: "process", Type: wire.Choice, Required: true, Choices: []string{"login", "connect"}},
		{Name: "token", Type: wire.Any, Required: true},
	})
	if err != nil {
		return nil, err
	}
	if values.JSON("token") == nil && !startsObject(c.body, "token") {
		invalid = append(invalid, wire.FieldError{Param: "token", Code: "invalid_token"})
	}
	ans, err := c.vouch(ctx, tokenFlow, values, invalid)
	if err != nil {
		return nil, err
	}
	switch refusedAs(ans) {
	case "":
		return c.settledLater(ans)
	case "connected_other":
		return nil, wire.Invalid(wire.FieldError{Code: "connected_other"})
	case "reauthentication_required":
		return c.reauthenticate(), nil
	case "signup_closed", "permission_denied":
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return c.session(), nil
}

// settledLater answers what a turn came to that was adopted already.
func (c *call) settledLater(ans engine.Answer) (*answer, error) {
	switch ans.Outcome {
	case engine.Wrong:
		return nil, wrong(ans.Errors)
	case engine.Limited:
		return nil, wire.Limited(ans.Refusal)
	case engine.NotWaiting, engine.Conflict:
		return nil, wire.Conflict()
	}
	return c.session(), nil
}

// vouch starts a flow with a provider's word and takes over what comes of it. Signing in
// begins as somebody who was never here: whoever was signed in is signed out, unless the
// provider's word is not good.
func (c *call) vouch(ctx context.Context, flow engine.FlowID, values engine.Values, invalid []wire.FieldError) (engine.Answer, error) {
	t := c.turn(values, invalid)
	switching := c.visit.SignedIn && values.Text("process") != "connect"
	if switching {
		t.Key, t.Entry, t.Client = "", engine.Entry{}, stranger(t.Client)
	}
	ans, err := c.Engine.Start(ctx, flow, t)
	if err != nil || !moved(ans) {
		return ans, err
	}
	if switching {
		if err := c.leave(ctx); err != nil {
			return ans, err
		}
	}
	return ans, c.adopt(ans)
}

// stranger is the client without whom it is signed in as.
func stranger(c engine.Client) engine.Client {
	return engine.Client{Kind: c.Kind, IP: c.IP, UserAgent: c.UserAgent, Trust: c.Trust}
}

// moved reports whether a submission was accepted.
func moved(ans engine.Answer) bool {
	switch ans.Outcome {
	case engine.Wrong, engine.Limited, engine.NotWaiting, engine.Conflict:
		return false
	}
	return true
}

// refusedAs is the code of why a run of a provider was refused, or "".
func refusedAs(ans engine.Answer) string {
	if ans.Outcome != engine.Finished || ans.End != "refused" || ans.Run == nil || len(ans.Run.Trail) == 0 {
		return ""
	}
	switch ans.Run.Trail[len(ans.Run.Trail)-1].Exit {
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
	if _, pending := c.pendingAs(providerSignupWire, engine.Client{}); !pending {
		return nil, wire.Conflict()
	}
	if !a.ProviderSignupOpen {
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return nil, nil
}

// providerClaim tells what a provider said of who is to be signed up. It can be seen by
// who has signed in meanwhile, too.
func (a *API) providerClaim(ctx context.Context, c *call) (*answer, error) {
	if ans, err := a.providerSignupFirst(ctx, c); ans != nil || err != nil {
		return ans, err
	}
	t := c.turn(engine.MapValues{}, nil)
	t.Client = stranger(t.Client)
	got, err := a.Engine.Act(ctx, providerSignupWire, "info", t)
	if err != nil {
		return nil, err
	}
	claim, found := got.Reply.(*state.ProviderClaim)
	if !found {
		return nil, wire.Conflict()
	}
	data := claimedData{
		User:    newUserData{Display: claim.Display, Username: claim.Username},
		Account: shownProvider(claim.UID, claim.Display, claim.Provider), Email: claim.Emails,
	}
	if len(claim.Emails) > 0 {
		data.User.Email = claim.Emails[0].Address
	}
	return ok(data), nil
}

// providerSignup takes the form of a pending signup. It begins as somebody who was never
// here: who has signed in meanwhile is signed out.
func (a *API) providerSignup(ctx context.Context, c *call) (*answer, error) {
	if ans, err := a.providerSignupFirst(ctx, c); ans != nil || err != nil {
		return ans, err
	}
	fields, _ := c.pendingAs(providerSignupWire, engine.Client{})
	values, invalid, err := c.input(wire.FieldsOf(fields))
	if err != nil {
		return nil, err
	}
	t := c.turn(values, invalid)
	t.Client = stranger(t.Client)
	if run := t.Entry.Record.Run(engine.SlotProviderSignup, c.now); c.visit.SignedIn && run != nil {
		t.Key, t.Entry = "", engine.Entry{Found: true, Record: engine.Record{Runs: []engine.Run{*run}}}
	}
	ans, err := a.Engine.Submit(ctx, providerSignupWire, t)
	if err != nil {
		return nil, err
	}
	if !moved(ans) {
		return c.settledLater(ans)
	}
	if c.visit.SignedIn {
		if err := c.leave(ctx); err != nil {
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
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	return a.connections(account), nil
}

// connections shows the connected accounts of providers that are configured.
func (a *API) connections(account *state.Account) *answer {
	list := []providerData{}
	for _, p := range account.Providers {
		from, known := a.provider(p.Provider)
		if !known {
			from = state.Provider{ID: p.Provider, Name: p.Provider, Flows: []string{}}
		}
		list = append(list, shownProvider(p.UID, p.Display, from))
	}
	return &answer{Status: http.StatusOK, Data: list}
}

// shownProvider shows an account at a provider; one without a name has the provider's.
func shownProvider(uid, display string, from state.Provider) providerData {
	if display == "" {
		display = from.Name
	}
	return providerData{UID: uid, Provider: from, Display: display}
}

// disconnectProvider disconnects an account.
func (a *API) disconnectProvider(ctx context.Context, c *call) (*answer, error) {
	account, err := c.mine(ctx)
	if err != nil || account == nil {
		return c.session(), err
	}
	values, invalid, err := c.input([]wire.Field{
		{Name: "provider", Type: wire.Text, Required: true}, {Name: "account", Type: wire.Text, Required: true},
	})
	if err != nil {
		return nil, err
	}
	if len(invalid) > 0 {
		return nil, wire.Invalid(invalid...)
	}
	id, uid := values.Text("provider"), values.Text("account")
	if code := a.Accounts.CanDisconnect(account, id, uid); code != "" {
		return nil, wire.Invalid(wire.FieldError{Code: code})
	}
	if a.ReauthenticationRequired && !c.recent() {
		return c.reauthenticate(), nil
	}
	from, _ := a.provider(id)
	if account, err = a.Accounts.Disconnect(ctx, c.doer(), id, uid, from.Name); err != nil {
		return nil, accountError(err)
	}
	if err := c.changed(ctx, account); err != nil {
		return nil, err
	}
	return a.connections(account), nil
}
