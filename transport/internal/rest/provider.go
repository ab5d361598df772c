package rest

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// maxQuery is the longest query of a callback, in bytes.
const maxQuery = 8 << 10

// awayLifetime is how long a person may stay on a third party's page.
const awayLifetime = time.Hour

// away is what is kept of a sign-in on a third party's page. It lies in a record of its
// own, found by the flow_token that only the client that began it holds: the state alone travels
// through the third party and a browser, and an attacker who sends his own to somebody
// would have them signed in as himself (RFC 9700, section 4.7).
type away struct {
	State    string `json:"s"`
	Provider string `json:"p"`
	Redirect string `json:"r"`
	// Account is the signed-in account that it is about, "" for a sign-in, and Process what it
	// is for then.
	Account state.AccountID `json:"a,omitempty"`
	Process string          `json:"o,omitempty"`
}

// redirectBody is where to send the person, and the token that must come with what comes
// back.
type redirectBody struct {
	URL       string `json:"redirect_url"`
	FlowToken string `json:"flow_token"`
}

// provider returns the third party of the path.
func (c *call) provider() (state.Provider, error) {
	p, known := c.Provider(c.params.ByName("id"))
	if !known {
		return p, wire.NotFound()
	}
	return p, nil
}

// redirectURI is where the third party sends the person back to: the one that is asked
// for must be configured, or is the server's own where none is.
func (c *call) redirectURI(provider string) (string, error) {
	asked := c.Input.Text("redirect_uri")
	own := c.CallbackURL(provider)
	switch {
	case asked == "" && len(c.RedirectURIs) > 0:
		return c.RedirectURIs[0], nil
	case asked == "":
		return own, nil
	case asked == own, asked == c.PlainCallbackURL(provider), slices.Contains(c.RedirectURIs, asked):
		return asked, nil
	}
	return "", invalid("redirect_uri", "invalid_url")
}

// toProvider begins a sign-in on a third party's page.
func (a *API) toProvider(ctx context.Context, c *call) (*answer, error) {
	if err := c.Input.Err(); err != nil {
		return nil, err
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
	state := a.Tokens.Format(token.Rest, c.Seed().Bytes("oauth state", token.IDLen))
	kept := away{State: state, Provider: p.ID, Redirect: back}
	if c.Stays = process != contract.ProcessLogin; c.Stays {
		kept.Account, kept.Process = c.Visit.Ticket.Account, process
	}
	// What is kept has a record of its own, whatever else waits for the client.
	c.Visit = contract.Visit{}
	if err := c.MustUse(ctx, c.RecordLimits(contract.RedirectFlow)); err != nil {
		return nil, err
	}
	to, err := c.BeginRedirect(ctx, contract.Redirect{Provider: p.ID, State: state, URI: back, Process: process})
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(to, "/") {
		// A page of this server; the client may be of another origin.
		to = c.Origin + to
	}
	data, err := engine.Encode(kept)
	if err != nil {
		return nil, err
	}
	id := c.Seed().Bytes("token", token.IDLen)
	_, err = a.Visits.Update(ctx, &c.Visit, id, awayLifetime, c.Now, func(r *engine.Record) {
		r.Holder = c.Shown
		r.Put(engine.Run{Slot: engine.SlotOAuth, ID: "oauth", Started: c.Now.UnixMilli(), Deadline: c.Now.Add(awayLifetime).UnixMilli(), Data: data})
	})
	if err != nil {
		return nil, err
	}
	return ok(redirectBody{URL: to, FlowToken: a.Tokens.Format(token.Rest, id)})
}

// back takes what was kept of the sign-in that the token in the body names, once and for
// its own state only.
func (c *call) back(ctx context.Context, state string) (away, error) {
	var kept away
	if !c.namesRun() {
		return kept, invalid(tokenField, wire.CodeRequired)
	}
	if err := c.openRun(ctx); err != nil {
		return kept, err
	}
	visit := c.Visit
	c.forget()
	unknown := invalid("state", wire.CodeInvalid)
	if !keptAway(&visit.Entry.Record, c.Now, &kept) || !sameState(kept.State, state) || kept.Provider != c.params.ByName("id") {
		return away{}, unknown
	}
	taken := false
	_, err := c.Visits.Update(ctx, &visit, nil, awayLifetime, c.Now, func(r *engine.Record) {
		taken = keptAway(r, c.Now, &kept)
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
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	p, err := c.provider()
	if err != nil {
		return nil, err
	}
	state := c.Input.Text("state")
	query, err := c.broughtBack(state)
	if err != nil {
		return nil, err
	}
	c.Stays = c.hasBearer()
	kept, err := c.back(ctx, state)
	if err != nil {
		return nil, err
	}
	process := contract.ProcessLogin
	if kept.Account == "" {
		if err := c.MustBind(c.Shown); err != nil {
			return nil, err
		}
	} else {
		process = kept.Process
		if err := c.openSession(ctx); err != nil {
			return nil, err
		}
		if c.Visit.Ticket.Account != kept.Account {
			return nil, invalid("state", wire.CodeInvalid)
		}
	}
	r := contract.Redirect{Provider: p.ID, State: state, URI: kept.Redirect}
	return c.startByProvider(ctx, contract.RedirectFlow, c.ReturnValues(r, process, query.Encode()))
}

// broughtBack are the parameters that a third party sends a person back with: a code or an error
// (RFC 6749, section 4.1.2), and who it is (RFC 9207); or whatever came, where a third party
// sends something else.
func (c *call) broughtBack(state string) (url.Values, error) {
	query, err := url.ParseQuery(c.Input.Text("query"))
	switch {
	case err != nil:
		return nil, invalid("query", wire.CodeInvalid)
	case query.Has("state") && !sameState(state, query.Get("state")):
		return nil, invalid("state", wire.CodeInvalid)
	}
	query.Set("state", state)
	for _, name := range []string{"code", "error", "error_description", "iss"} {
		if text := c.Input.Text(name); text != "" {
			query.Set(name, text)
		}
	}
	if !query.Has("code") && !query.Has("error") && !c.Input.Given("query") {
		return nil, invalid("code", wire.CodeRequired)
	}
	return query, nil
}

// withToken signs in with a token that the client has of a third party.
func (a *API) withToken(ctx context.Context, c *call) (*answer, error) {
	if err := c.Input.Err(); err != nil {
		return nil, err
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
		if text := c.Input.Text(name); text != "" {
			in[name] = text
		}
	}
	tok, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	if err := c.MustUse(ctx, c.RecordLimits(contract.TokenFlow)); err != nil {
		return nil, err
	}
	ans, err := c.startByProvider(ctx, contract.TokenFlow, engine.MapValues{"provider": p.ID, "process": process, "token": tok})
	var problem *wire.Problem
	if errors.As(err, &problem) {
		param := "access_token"
		if c.Input.Given("id_token") {
			param = "id_token"
		}
		for i := range problem.Errors {
			// The stage calls both by one name.
			if problem.Errors[i].Param == "token" {
				problem.Errors[i].Param = param
			}
		}
	}
	return ans, err
}

// startByProvider starts a flow with what a provider said, and answers it. Where that is too
// little for an account, the form for the rest is pending.
func (c *call) startByProvider(ctx context.Context, flow engine.FlowID, values engine.Values) (*answer, error) {
	process := values.Text("process")
	if process == contract.ProcessLogin {
		c.Visit = contract.Visit{}
	}
	ans, err := c.Engine.Start(ctx, flow, c.TurnWith(values, nil))
	if ans.Why != "" && flow == contract.RedirectFlow {
		c.Log.LogAttrs(ctx, slog.LevelWarn, "a provider's answer is refused", slog.String("request_id", wire.RequestID(ctx)),
			slog.String("provider", values.Text("provider")), slog.String("error", ans.Why))
	}
	if ans, err = c.adopted(ans, err); err != nil {
		return nil, err
	}
	if p, pending := c.PendingAt(contract.ProviderSignupStage); pending && ans.Outcome == engine.Finished {
		return &answer{http.StatusUnauthorized, c.waiting(p.Run)}, nil
	}
	if process == contract.ProcessConnect {
		return c.connected(ctx, ans)
	}
	if contract.LastExit(ans) == "closed" {
		return nil, wire.Forbidden(wire.CodeForbidden, nil)
	}
	return c.answerTurn(ans)
}

// providerRoutes are the routes of third parties.
func (a *API) providerRoutes() []route {
	var table []route
	process := wire.Field{Name: "process", Type: wire.Choice, Choices: contract.Processes()}
	if a.HasFlow(contract.RedirectFlow) {
		table = append(table,
			route{method: "POST", path: "/providers/:id/redirect", id: "beginAtProvider", group: "Providers", about: "Begin a sign-in on a third party's page",
				more:    "With process=connect and a bearer token: connect the account there; with process=reauthenticate: prove by it whose session it is. Keep the flow_token: it goes with what comes back.",
				answers: bodies(redirectBody{}), proves: true, looks: true, do: a.toProvider,
				input: []wire.Field{{Name: "redirect_uri", Type: wire.Text, MaxLength: 2000}, process}},
			route{method: "POST", path: "/providers/:id/callback", id: "completeAtProvider", group: "Providers", about: "Sign in with what came back from it",
				more:    "With the flow_token of who began it as token, and the code that came back, or the error; or all that came back as the query of its address, which Steam, VK, Shopify, Zoho and Weixin need.",
				answers: bodies(enteredBody{}, connectedBody{}, userBody{}), stops: true, proves: true, closed: true, looks: true, do: a.fromProvider,
				input: []wire.Field{
					{Name: "code", Type: wire.Secret, MaxLength: 4096}, {Name: "state", Type: wire.Secret, Required: true},
					{Name: "error", Type: wire.Text, MaxLength: 200}, {Name: "error_description", Type: wire.Text, MaxLength: 4096},
					{Name: "iss", Type: wire.Text, MaxLength: 2000}, {Name: "query", Type: wire.Secret, MaxLength: maxQuery},
					{Name: tokenField, Type: wire.Secret, Required: true},
				}})
	}
	if a.HasFlow(contract.TokenFlow) {
		table = append(table,
			route{method: "POST", path: "/providers/:id/token", id: "providerToken", group: "Providers", about: "Sign in with a token of a third party",
				more:    "Give an id_token or an access_token. With process=connect and a bearer token: connect the account it is of; with process=reauthenticate: prove by it whose session it is.",
				answers: bodies(enteredBody{}, connectedBody{}, userBody{}), stops: true, proves: true, closed: true, looks: true, do: a.withToken,
				input: []wire.Field{
					{Name: "access_token", Type: wire.Secret}, {Name: "id_token", Type: wire.Secret}, {Name: "client_id", Type: wire.Text}, process,
				}})
	}
	return table
}
