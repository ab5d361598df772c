package rest

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// The flows of third parties.
const (
	redirectFlow       engine.FlowID = "provider_redirect"
	tokenFlow          engine.FlowID = "provider_token"
	providerSignupWire               = "provider_signup"
)

// awayLifetime is how long a person may stay on a third party's page.
const awayLifetime = time.Hour

// away is what is kept of a sign-in on a third party's page. It lies in a record of its
// own, found by the flow_token that only who began it was given: the state alone travels
// through the third party and a browser, and whoever is sent it by somebody else would be
// signed in as that other (RFC 9700, section 4.7).
type away struct {
	State    string `json:"s"`
	Provider string `json:"p"`
	Redirect string `json:"r"`
	// Account is the signed-in account to connect to, 0 where somebody signs in.
	Account int64 `json:"a,omitempty"`
}

// redirectBody is where to send the person, and the token that must come with what comes
// back.
type redirectBody struct {
	URL       string `json:"redirect_url"`
	FlowToken string `json:"flow_token"`
}

// provider returns the third party of the path.
func (c *call) provider() (state.Provider, error) {
	i := slices.IndexFunc(c.Providers, func(p state.Provider) bool { return p.ID == c.params.ByName("id") })
	if i < 0 {
		return state.Provider{}, wire.NotFound()
	}
	return c.Providers[i], nil
}

// redirectURI is where the third party sends the person back to: the one that is asked
// for must be configured, or is the server's own where none is.
func (c *call) redirectURI(provider string) (string, error) {
	asked := c.values.Text("redirect_uri")
	own := c.Origin + "/accounts/" + url.PathEscape(provider) + "/login/callback/"
	switch {
	case asked == "" && len(c.RedirectURIs) > 0:
		return c.RedirectURIs[0], nil
	case asked == "", asked == own:
		return own, nil
	case slices.Contains(c.RedirectURIs, asked):
		return asked, nil
	}
	return "", invalid("redirect_uri", "invalid_url")
}

// toProvider begins a sign-in on a third party's page.
func (a *API) toProvider(ctx context.Context, c *call) (*answer, error) {
	if len(c.invalid) > 0 {
		return nil, wire.Invalid(c.invalid...)
	}
	p, err := c.provider()
	if err != nil {
		return nil, err
	}
	back, err := c.redirectURI(p.ID)
	if err != nil {
		return nil, err
	}
	process, err := c.process(ctx)
	if err != nil {
		return nil, err
	}
	state := a.Tokens.Format(token.Rest, c.seed.Bytes("oauth state", token.IDLen))
	kept := away{State: state, Provider: p.ID, Redirect: back}
	if process == processConnect {
		kept.Account = c.visit.Ticket.Account
	}
	// What is kept has a record of its own, whatever else waits for the client.
	c.visit = wire.Visit{}
	if err := c.mayBegin(ctx, redirectFlow); err != nil {
		return nil, err
	}
	t := c.turn()
	t.Values = engine.MapValues{
		"provider": p.ID, "state": state, "verifier": a.verifier(state), "nonce": a.nonce(state), "redirect_uri": back,
	}
	t.Invalid = nil
	got, err := a.Engine.Ask(ctx, redirectFlow, "begin", t)
	if err != nil {
		return nil, err
	}
	to, made := got.Reply.(string)
	if !made {
		return nil, wire.Conflict()
	}
	if strings.HasPrefix(to, "/") {
		// A page of this server; the client may be of another origin.
		to = c.Origin + to
	}
	data, err := engine.Encode(kept)
	if err != nil {
		return nil, err
	}
	id := c.seed.Bytes("token", token.IDLen)
	_, err = a.Visits.Update(ctx, &c.visit, id, awayLifetime, c.now, func(r *engine.Record) {
		r.Put(engine.Run{Slot: engine.SlotOAuth, ID: "oauth", Started: c.now.UnixMilli(), Deadline: c.now.Add(awayLifetime).UnixMilli(), Data: data})
	})
	if err != nil {
		return nil, err
	}
	return ok(redirectBody{URL: to, FlowToken: a.Tokens.Format(token.Rest, id)})
}

// verifier is the PKCE code verifier of a state, 43 characters (RFC 7636, section 4.1);
// nonce is that of its id_token.
func (a *API) verifier(state string) string {
	return base64.RawURLEncoding.EncodeToString(a.Keys.MAC("rest oauth verifier", []byte(state)))
}

func (a *API) nonce(state string) string {
	return base64.RawURLEncoding.EncodeToString(a.Keys.MAC("rest oauth nonce", []byte(state))[:16])
}

// back takes what was kept of the sign-in that the token in the body names, once and for
// its own state only.
func (c *call) back(ctx context.Context, state string) (away, error) {
	var kept away
	if !c.given() {
		return kept, invalid(tokenField, wire.CodeRequired)
	}
	if _, err := c.openRun(ctx); err != nil {
		return kept, err
	}
	visit := c.visit
	c.visit, c.run = wire.Visit{}, ""
	unknown := invalid("state", wire.CodeInvalid)
	if !keptAway(&visit.Entry.Record, c.now, &kept) || !sameState(kept.State, state) || kept.Provider != c.params.ByName("id") {
		return away{}, unknown
	}
	taken := false
	_, err := c.Visits.Update(ctx, &visit, nil, awayLifetime, c.now, func(r *engine.Record) {
		taken = keptAway(r, c.now, &kept)
		r.Drop(engine.SlotOAuth)
	})
	if err == nil && !taken {
		err = unknown
	}
	return kept, err
}

// keptAway reads what a record keeps of a sign-in on a third party's page, and reports
// whether there is any.
func keptAway(r *engine.Record, now time.Time, into *away) bool {
	run := r.Run(engine.SlotOAuth, now)
	return run != nil && json.Unmarshal(run.Data, into) == nil
}

func sameState(kept, brought string) bool {
	return kept != "" && subtle.ConstantTimeCompare([]byte(kept), []byte(brought)) == 1
}

// fromProvider signs in with what came back from a third party's page.
func (a *API) fromProvider(ctx context.Context, c *call) (*answer, error) {
	if len(c.invalid) > 0 {
		return nil, wire.Invalid(c.invalid...)
	}
	p, err := c.provider()
	if err != nil {
		return nil, err
	}
	state := c.values.Text("state")
	kept, err := c.back(ctx, state)
	if err != nil {
		return nil, err
	}
	process := processLogin
	if kept.Account != 0 {
		process = processConnect
		if err := c.signedIn(ctx); err != nil {
			return nil, err
		}
		if c.visit.Ticket.Account != kept.Account {
			return nil, invalid("state", wire.CodeInvalid)
		}
	}
	query := url.Values{"code": {c.values.Text("code")}, "state": {state}}
	if iss := c.values.Text("iss"); iss != "" {
		query.Set("iss", iss) // RFC 9207
	}
	return c.vouched(ctx, redirectFlow, engine.MapValues{
		"provider": p.ID, "process": process, "query": query.Encode(),
		"verifier": a.verifier(state), "nonce": a.nonce(state), "redirect_uri": kept.Redirect,
	})
}

// withToken signs in with a token that a third party gave the client.
func (a *API) withToken(ctx context.Context, c *call) (*answer, error) {
	if len(c.invalid) > 0 {
		return nil, wire.Invalid(c.invalid...)
	}
	p, err := c.provider()
	if err != nil {
		return nil, err
	}
	process, err := c.process(ctx)
	if err != nil {
		return nil, err
	}
	own, _, _ := strings.Cut(p.ClientID, ",")
	in := map[string]string{"client_id": strings.TrimSpace(own)}
	for _, name := range []string{"client_id", "access_token", "id_token"} {
		if text := c.values.Text(name); text != "" {
			in[name] = text
		}
	}
	tok, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	if err := c.mayBegin(ctx, tokenFlow); err != nil {
		return nil, err
	}
	ans, err := c.vouched(ctx, tokenFlow, engine.MapValues{"provider": p.ID, "process": process, "token": tok})
	var problem *wire.Problem
	if errors.As(err, &problem) {
		given := "access_token"
		if c.values.Given("id_token") {
			given = "id_token"
		}
		for i := range problem.Errors {
			// The stage calls both by one name.
			if problem.Errors[i].Param == "token" {
				problem.Errors[i].Param = given
			}
		}
	}
	return ans, err
}

// vouched starts a flow with a third party's word. Where it says too little for an
// account, the form for the rest is pending.
func (c *call) vouched(ctx context.Context, flow engine.FlowID, values engine.Values) (*answer, error) {
	connects := values.Text("process") == processConnect
	if !connects {
		c.visit = wire.Visit{}
	}
	t := c.turn()
	t.Values, t.Invalid = values, nil
	ans, err := c.Engine.Start(ctx, flow, t)
	if errors.Is(err, state.ErrProviderRefused) {
		return nil, invalid("code", wire.CodeInvalid)
	}
	if err != nil {
		return nil, err
	}
	if err := c.settle(ans); err != nil {
		return nil, err
	}
	if p, waits := c.pending(providerSignupWire); waits && ans.Outcome == engine.Finished {
		return &answer{http.StatusUnauthorized, c.waiting(p.Run)}, nil
	}
	if connects {
		return c.connected(ctx, ans)
	}
	if last(ans) == "closed" {
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return c.outcome(ans)
}

// last is the exit by which a run came to its end, "" for one that waits.
func last(ans engine.Answer) engine.Exit {
	if ans.Outcome != engine.Finished || ans.Run == nil || len(ans.Run.Trail) == 0 {
		return ""
	}
	return ans.Run.Trail[len(ans.Run.Trail)-1].Exit
}

// vouchers are the routes of third parties.
func (a *API) vouchers() []route {
	var table []route
	process := wire.Field{Name: "process", Type: wire.Choice, Choices: []string{processLogin, processConnect}}
	if a.Engine.Flows.Flow(redirectFlow) != nil {
		table = append(table,
			route{method: "POST", path: "/providers/:id/redirect", about: "Begin a sign-in on a third party's page, or with process=connect and a bearer token connect the account there. Keep the flow_token: it goes with what comes back.", answers: bodies(redirectBody{}), proves: true, looks: true, do: a.toProvider,
				input: []wire.Field{{Name: "redirect_uri", Type: wire.Text, MaxLength: 2000}, process}},
			route{method: "POST", path: "/providers/:id/callback", about: "Sign in with what came back from it, and with the flow_token of who began it as token.", answers: bodies(enteredBody{}, connectedBody{}), stops: true, proves: true, closed: true, looks: true, do: a.fromProvider,
				input: []wire.Field{
					{Name: "code", Type: wire.Secret, Required: true, MaxLength: 4096}, {Name: "state", Type: wire.Secret, Required: true},
					{Name: "iss", Type: wire.Text, MaxLength: 2000}, {Name: tokenField, Type: wire.Secret, Required: true},
				}})
	}
	if a.Engine.Flows.Flow(tokenFlow) != nil {
		table = append(table,
			route{method: "POST", path: "/providers/:id/token", about: "Sign in with a token of a third party.", answers: bodies(enteredBody{}, connectedBody{}), stops: true, proves: true, closed: true, looks: true, do: a.withToken,
				input: []wire.Field{
					{Name: "access_token", Type: wire.Secret}, {Name: "id_token", Type: wire.Secret}, {Name: "client_id", Type: wire.Text}, process,
				}})
	}
	return table
}
