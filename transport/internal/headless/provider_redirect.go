package headless

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

const (
	// maxStates is how many browsers' windows can be away at providers at once.
	maxStates = 10
	// stateLifetime is how long one may stay away.
	stateLifetime = time.Hour
	// maxCallback bounds what a provider sends back, in bytes.
	maxCallback = 8 << 10
)

// awayState is what is kept of a browser that was sent to a provider. The PKCE verifier
// and the nonce are derived from its id.
type awayState struct {
	ID       string `json:"i"`
	Provider string `json:"p"`
	Process  string `json:"a"`
	Next     string `json:"n"`
}

// redirect is a state on its way through its provider.
func (a *API) redirect(s awayState) contract.Redirect {
	return contract.Redirect{Provider: s.Provider, State: s.ID, URI: a.CallbackURL(s.Provider), Process: s.Process}
}

// toProvider sends a browser to a provider. What is wrong is sent to the front end's page,
// since a form was posted.
func (a *API) toProvider(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx, c.RecordLimits(contract.RedirectFlow)...); err != nil {
		return nil, err
	}
	form := c.Request.PostForm
	away := awayState{
		ID:       base64.RawURLEncoding.EncodeToString(c.Seed().Bytes("oauth state", 16)),
		Provider: form.Get("provider"), Process: form.Get("process"), Next: form.Get("callback_url"),
	}
	_, known := a.Provider(away.Provider)
	if !known || !slices.Contains(contract.Processes(), away.Process) || !a.CSRF.LeadsTo(away.Next) {
		return a.failed("", "unknown", contract.ProcessLogin), nil
	}
	if away.Process == contract.ProcessReauthenticate && (!c.Visit.SignedIn || c.CanProveByProvider() != nil) {
		return a.failed(away.Next, "permission_denied", away.Process), nil
	}
	to, err := c.BeginRedirect(ctx, a.redirect(away))
	if err != nil {
		a.warn(ctx, "no redirect to a provider", away.Provider, err)
		return a.failedBy(away, wire.ProblemOf(err)), nil
	}
	if c.Kind == token.Browser {
		if err := c.update(ctx, func(r *engine.Record) { keepAway(r, away, c.Now) }); err != nil {
			return nil, err
		}
	}
	return &answer{Status: http.StatusFound, location: to}, nil
}

// failed sends a browser to the front end with what went wrong; "" is the page for what
// belongs to no request.
func (a *API) failed(next, code, process string) *answer {
	if next == "" {
		next = a.ProviderError
	}
	u, err := url.Parse(next)
	if err != nil || next == "" {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("error", code)
	q.Set("error_process", process)
	u.RawQuery = q.Encode()
	return &answer{Status: http.StatusFound, location: u.String()}
}

// failedBy is failed for what went wrong at the provider: the contract has one error for all of it,
// and error_cause says which it is.
func (a *API) failedBy(away awayState, p *wire.Problem) *answer {
	ans := a.failed(away.Next, "unknown", away.Process)
	if len(p.Errors) == 0 || p.Errors[0].Cause == "" {
		return ans
	}
	u, err := url.Parse(ans.location)
	if err != nil {
		return ans
	}
	q := u.Query()
	q.Set("error_cause", p.Errors[0].Cause)
	u.RawQuery = q.Encode()
	ans.location = u.String()
	return ans
}

func (a *API) warn(ctx context.Context, what, provider string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	a.Log.LogAttrs(ctx, slog.LevelWarn, what, slog.String("request_id", wire.RequestID(ctx)),
		slog.String("provider", provider), slog.String("error", text))
}

// awayOf reads the states of a record, oldest first.
func awayOf(r *engine.Record, now time.Time) []awayState {
	var list []awayState
	if run := r.Run(engine.SlotOAuth, now); run == nil || json.Unmarshal(run.Data, &list) != nil {
		return nil
	}
	return list
}

// putAway stores the states of a record; they live from the last one on. The oldest are
// forgotten: those beyond ten, and those for which there is no room.
func putAway(r *engine.Record, list []awayState, now, until time.Time) {
	list = list[max(0, len(list)-maxStates):]
	data, err := engine.Encode(list)
	for err == nil && len(list) > 1 && len(data) > engine.MaxRecord/2 {
		list = list[1:]
		data, err = engine.Encode(list)
	}
	if err != nil || len(list) == 0 {
		r.Drop(engine.SlotOAuth)
		return
	}
	r.Put(engine.Run{Slot: engine.SlotOAuth, ID: "oauth", Started: now.UnixMilli(), Deadline: until.UnixMilli(), Data: data})
}

// keepAway adds a state to a record.
func keepAway(r *engine.Record, s awayState, now time.Time) {
	putAway(r, append(awayOf(r, now), s), now, now.Add(stateLifetime))
}

// takeAway removes a state from a record and returns it, if it is there and of the provider:
// at another one's callback it is good for nothing, and stays.
func takeAway(r *engine.Record, id, provider string, now time.Time) (awayState, bool) {
	list := awayOf(r, now)
	i := slices.IndexFunc(list, func(s awayState) bool { return s.ID == id && s.Provider == provider })
	if i < 0 || id == "" {
		return awayState{}, false
	}
	found, until := list[i], r.Run(engine.SlotOAuth, now).Deadline
	putAway(r, slices.Delete(list, i, i+1), now, time.UnixMilli(until))
	return found, true
}

// ProviderCallback answers a browser that comes back from the provider in the path
// ({provider}). It always sends it on to the front end.
func (a *API) ProviderCallback(w http.ResponseWriter, r *http.Request) {
	wire.SetAPIHeaders(w.Header())
	id := a.ProviderAt(r.URL.Path, r.PathValue("provider"))
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		a.redirectForm(w, r)
		return
	default:
		WriteProblem(w, r, wire.MethodNotAllowed(http.MethodGet, http.MethodHead, http.MethodPost))
		return
	}
	c := a.newCall(w, r, token.Browser)
	ans, err := a.callback(r.Context(), c, id)
	if err == nil {
		c.write(ans)
		return
	}
	a.warn(r.Context(), "a provider's answer could not be taken", id, err)
	c.write(a.failed("", "unknown", contract.ProcessLogin))
}

// redirectForm turns a form that a provider's page posted (OAuth 2.0 Form Post Response
// Mode) into a query: cookies that are SameSite=Lax do not come with such a form.
func (a *API) redirectForm(w http.ResponseWriter, r *http.Request) {
	form, err := wire.ReadForm(r, maxCallback)
	if err != nil {
		WriteProblem(w, r, wire.ProblemOf(err))
		return
	}
	q := url.Values{}
	for _, name := range []string{"state", "code", "error", "error_description", "iss", "user"} {
		if form.Has(name) {
			q[name] = form[name]
		}
	}
	w.Header().Set("Location", r.URL.EscapedPath()+"?"+q.Encode())
	w.WriteHeader(http.StatusSeeOther)
}

// callback takes what a provider answered.
func (a *API) callback(ctx context.Context, c *call, provider string) (*answer, error) {
	query := c.Request.URL.Query()
	if c.Unheld() && !query.Has(redirected) {
		return c.refreshOnce(query), nil
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	id := query.Get("state")
	var away awayState
	found := false
	if _, there := takeAway(ref(c.Visit.Entry.Record.Clone()), id, provider, c.Now); there {
		err := c.update(ctx, func(r *engine.Record) { away, found = takeAway(r, id, provider, c.Now) })
		if err != nil {
			return nil, err
		}
	}
	switch {
	case !found && c.SameSite == http.SameSiteStrictMode && !query.Has(redirected) && len(query["state"]) == 1:
		return c.refreshOnce(query), nil
	case !found || len(c.Request.URL.RawQuery) > maxCallback:
		return a.failed("", "unknown", contract.ProcessLogin), nil
	}
	values := c.ReturnValues(a.redirect(away), away.Process, c.Request.URL.RawQuery)
	ans, err := c.startByProvider(ctx, contract.RedirectFlow, away.Process, c.TurnWith(values, nil))
	code := refusalOf(ans)
	switch {
	case err != nil:
		a.warn(ctx, "a provider's answer is refused", away.Provider, err)
		code = "unknown"
	case ans.Outcome == engine.Wrong && len(ans.Errors) > 0 && ans.Errors[0].Cause != "":
		err := contract.Unaccepted(ans)
		a.warn(ctx, "a provider's answer is refused", away.Provider, err)
		return a.failedBy(away, wire.ProblemOf(err)), nil
	case ans.Outcome == engine.Wrong && len(ans.Errors) > 0:
		code = ans.Errors[0].Code
	case contract.Unaccepted(ans) != nil:
		code = "unknown"
	}
	if code != "" {
		return a.failed(away.Next, code, away.Process), nil
	}
	return &answer{Status: http.StatusFound, location: away.Next}, nil
}

// redirected marks the query of a request that has come from another site before.
const redirected = "_redir"

// refreshOnce has the browser come from a page of ours: cookies that are SameSite=Strict do
// not come with a request that another site began, and bound ones are not waited for.
func (c *call) refreshOnce(query url.Values) *answer {
	query.Set(redirected, "")
	c.w.Header().Set("Refresh", "0; url="+c.Request.URL.EscapedPath()+"?"+query.Encode())
	return &answer{Status: http.StatusOK}
}

// hasObject reports whether a body's member is a JSON object.
func hasObject(body []byte, name string) bool {
	var in map[string]json.RawMessage
	if json.Unmarshal(body, &in) != nil {
		return false
	}
	return strings.HasPrefix(strings.TrimSpace(string(in[name])), "{")
}
