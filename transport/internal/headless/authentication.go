package headless

import (
	"net/http"
	"slices"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// userData is a person as the contract shows one.
type userData struct {
	ID          state.AccountID `json:"id"`
	Display     string          `json:"display,omitempty"`
	Username    string          `json:"username,omitempty"`
	Email       string          `json:"email,omitempty"`
	HasPassword bool            `json:"has_usable_password"`
	state.Profile
}

func userOf(s state.Snapshot) userData {
	return userData{ID: s.Account, Display: s.Display(), Username: s.Username, Email: s.Email, HasPassword: s.HasPassword, Profile: s.Profile}
}

// userBehind is userOf for who holds no more than a key or a code of a letter: it does not say
// how the person is called and looks.
func userBehind(s state.Snapshot) userData {
	s.Profile = state.Profile{}
	return userOf(s)
}

// authData is the data of answers about authentication.
type authData struct {
	User    *userData          `json:"user,omitempty"`
	Methods *[]contract.Method `json:"methods,omitempty"`
	Flows   []map[string]any   `json:"flows,omitzero"`
}

// session answers whose session it is: 200 with the person, or 401 with what can be done
// about it, what is pending among it.
func (c *call) session() *answer {
	if c.Visit.SignedIn {
		if flows := c.waiting(); flows != nil {
			return c.signedIn(http.StatusOK, flows)
		}
		return c.encodedSession()
	}
	if c.holdsNothing() && c.leaveTo == "" {
		return c.fixed[c.Kind].stranger
	}
	return c.anonymous(http.StatusUnauthorized, ref(false))
}

// waiting lists what waits in a session of flows of outside packages. The contract's own
// flows of a session are answered where they are started.
func (c *call) waiting() []map[string]any {
	var out []map[string]any
	for _, p := range c.Pending() {
		if wire.Outside(p.Wire) {
			out = listPending(out, p)
		}
	}
	return out
}

// signedIn answers about the signed-in person.
func (c *call) signedIn(status int, flows []map[string]any) *answer {
	user, methods := userOf(c.Visit.Account), c.Visit.ShownMethods()
	return &answer{
		Status: status, Data: authData{User: &user, Methods: &methods, Flows: flows},
		Meta: authMeta{
			Authenticated: ref(true), SessionToken: c.appToken(), AccessToken: c.pair.Access, RefreshToken: c.pair.Refresh,
		},
	}
}

// anonymous answers a client that is not signed in.
func (c *call) anonymous(status int, authenticated *bool) *answer {
	return &answer{
		Status: status, Data: authData{Flows: c.flows()},
		Meta: authMeta{Authenticated: authenticated, SessionToken: c.appToken(), LogoutURL: c.leaveTo},
	}
}

// gone answers an app whose token is not valid.
func (c *call) gone() *answer {
	if c.holdsNothing() {
		return c.fixed[c.Kind].gone
	}
	return c.anonymous(http.StatusGone, nil)
}

// reauthenticate answers that the person must authenticate again first, as err asks for.
func (c *call) reauthenticate(err error) *answer {
	return c.signedIn(http.StatusUnauthorized, c.reauthFlows(err))
}

// appToken is a new token, for an app; a browser gets a cookie.
func (c *call) appToken() string {
	if c.Kind != token.App {
		return ""
	}
	return c.fresh
}

// listed is the order in which flows are listed; flows of outside packages follow.
func listed() []engine.FlowID {
	return []engine.FlowID{
		"login", "login_by_code", "signup", "provider_redirect", "provider_token", "provider_signup", "mfa_login_webauthn",
	}
}

// flows lists what a client that is not signed in can do, what is pending among it.
func (c *call) flows() []map[string]any {
	var out []map[string]any
	add := func(f *engine.Flow) {
		if f != nil && f.Graph.Offer == engine.Anonymous {
			out = append(out, map[string]any{"id": f.Graph.Flow})
		}
	}
	for _, id := range listed() {
		if isProviderFlow(id) {
			out = append(out, c.providerFlow(id)...)
			continue
		}
		add(c.Engine.Flows.Flow(id))
	}
	for _, f := range c.Engine.Flows.All() {
		if !slices.Contains(listed(), f.Graph.Flow) && !isProviderFlow(f.Graph.Flow) {
			add(f)
		}
	}
	if c.Visit.SignedIn || !c.opened {
		return c.listReset(out)
	}
	for _, p := range c.Pending() {
		if p.Wire != contract.ResetStage {
			out = listPending(out, p)
		}
	}
	return c.listReset(out)
}

// listReset lists last whether a reset by code is pending, where there are such resets.
func (c *call) listReset(flows []map[string]any) []map[string]any {
	if !c.HasFlow(contract.ResetStage) {
		return flows
	}
	_, pending := c.PendingFor(contract.ResetStage, engine.Client{})
	return append(flows, map[string]any{"id": contract.ResetStage, "is_pending": pending})
}

// listPending lists a pending stage, in the place of the flow of the same id if there is one.
func listPending(flows []map[string]any, p engine.Pending) []map[string]any {
	i := slices.IndexFunc(flows, func(f map[string]any) bool { return sameID(f["id"], p.Wire) })
	if i < 0 {
		flows, i = append(flows, map[string]any{"id": p.Wire}), len(flows)
	}
	for k, v := range p.Details {
		flows[i][k] = v
	}
	if wire.Outside(p.Wire) {
		// Clients know the contract's stages; these say themselves what they ask for.
		flows[i]["fields"] = wire.ViewFields(p.Fields)
		if len(p.Actions) > 0 {
			flows[i]["actions"] = wire.ViewActions(p.Actions)
		}
	}
	flows[i]["is_pending"] = true
	return flows
}

func sameID(id any, wireID string) bool {
	switch x := id.(type) {
	case engine.FlowID:
		return string(x) == wireID
	case string:
		return x == wireID
	}
	return false
}

// reauthFlows lists how the signed-in person can authenticate again: never nil, but there may
// be no way.
func (c *call) reauthFlows(err error) []map[string]any {
	out := []map[string]any{}
	for _, w := range c.Ways(err) {
		flow := map[string]any{"id": w.ID}
		if w.Recipients != nil {
			flow["recipients"] = w.Recipients
		}
		if w.Types != nil {
			flow["types"] = w.Types
		}
		if w.Providers != nil {
			flow["providers"], flow["process"] = w.Providers, w.Process
		}
		if w.Pending {
			flow["is_pending"] = true
		}
		out = append(out, flow)
	}
	return c.listReset(out)
}

func ref[T any](v T) *T { return &v }
