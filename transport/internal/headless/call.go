package headless

import (
	"context"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// The names of the contract.
const (
	sessionCookie = contract.SessionCookie
	sessionHeader = "X-Session-Token"
	maxTrust      = 1024
	// maxToken bounds what is read of a token; a longer one is not valid.
	maxToken = 512
)

// call is one request on its way. Its pieces follow in this file as they do in
// [contract.Call]:
//
//	Open    open, openUsing, openSession: the session token or access token, limits
//	Read    Read: the fields of the route or the stage; readKey: a key in a header
//	Judge   start: the limits, then the input, then the client's state
//	Turn    start, submit, act, ask
//	Answer  adopt: tokens and cookies; answerTurn: the session, or what is pending
type call struct {
	*API
	contract.Call
	w http.ResponseWriter
	// params are the parts of the path that vary.
	params httprouter.Params
	// tok is the session token, and bearer what an access token says, nil where the client
	// sent none that is good.
	tok    string
	bearer *token.Claims

	opened bool
	// fresh is a token that the client does not have yet; dropped says that its cookie
	// goes.
	fresh   string
	dropped bool
	// pair is an access token and a refresh token that are new.
	pair token.Pair
	// leaveTo is where who has signed out is to sign out, too, "" for nowhere.
	leaveTo string
	// entered is set where this request signed in.
	entered bool
}

// newCall reads what identifies the client. A token that was made up is not looked up.
func (a *API) newCall(w http.ResponseWriter, r *http.Request, kind token.Kind) *call {
	c := &call{API: a, Call: a.NewCall(r, kind), w: w}
	if kind == token.App {
		if c.tok = r.Header.Get(sessionHeader); c.tok != "" {
			c.Carry("", c.tok)
		}
		c.bearer = c.accessToken()
	} else if cookie, err := r.Cookie(sessionCookie); err == nil {
		c.tok = cookie.Value
	}
	if len(c.tok) > maxToken {
		c.tok = c.tok[:maxToken]
	}
	if kind == token.Browser {
		if cookie, err := r.Cookie(a.TrustCookie.Name); err == nil && len(cookie.Value) <= maxTrust {
			c.Trust = cookie.Value
		}
	}
	return c
}

// accessToken reads the access token of a client that sent no session token.
func (c *call) accessToken() *token.Claims {
	if c.JWT == nil || c.tok != "" {
		return nil
	}
	scheme, access, ok := c.Credential(c.JWTScheme)
	if !ok {
		return nil
	}
	claims, err := c.JWT.Verify(token.App, access)
	if err != nil {
		return nil
	}
	c.Carry(scheme, access)
	return &claims
}

// open reads the client's record, using up limits beside it. An app whose token is not
// valid is answered so, whatever it asked for; a browser is simply not signed in.
func (c *call) open(ctx context.Context, take ...engine.Take) error {
	refusal, err := c.openUsing(ctx, take)
	if err == nil && refusal != nil {
		err = wire.Limited(refusal)
	}
	return err
}

// openUsing is open for callers that answer a refusal otherwise.
func (c *call) openUsing(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if c.opened {
		return c.Use(ctx, take)
	}
	refusal, err := c.openRecord(ctx, take)
	if err != nil {
		return nil, err
	}
	c.opened, c.dropped = true, c.Visit.SignedOut || c.Visit.Unknown
	if c.Visit.Unknown && c.Kind == token.App {
		return nil, wire.Gone()
	}
	c.keepTrust(ctx)
	return refusal, nil
}

// openRecord opens the record of the session token, or of the access token. Where access
// tokens are held against the session each time, one whose session is over is none.
func (c *call) openRecord(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
	if c.bearer == nil {
		return c.Open(ctx, c.tok, take)
	}
	refusal, err := c.OpenAccess(ctx, c.bearer, take)
	if err == nil && c.Visit.Unknown && c.JWT.Stateful() {
		c.Visit = contract.Visit{}
	}
	return refusal, err
}

// openSession is open for routes of signed-in clients; any other is a 401.
func (c *call) openSession(ctx context.Context) error {
	err := c.open(ctx)
	if err == nil && !c.Visit.SignedIn {
		err = wire.Unauthorized()
	}
	return err
}

// readKey reads the key or code that a header carries in a GET, as the input of a lookup.
func (c *call) readKey(header string) engine.Turn {
	key := c.Request.Header.Get(header)
	var invalid []wire.FieldError
	if key == "" {
		invalid = []wire.FieldError{{Param: "key", Code: wire.CodeRequired}}
	}
	return c.TurnWith(engine.MapValues{"key": key}, invalid)
}

// start judges the start of a flow and takes its turn. The contract's order: limits, input
// (credentials included), then 409 for a signed-in client, then 403 where the flow is
// closed.
func (c *call) start(ctx context.Context, s contract.Start) (*answer, error) {
	if !c.HasFlow(s.Flow) {
		return nil, wire.NotFound()
	}
	malformed := c.Read(wire.FieldsOf(c.FirstFields(s.Flow)))
	ans, err := c.Start(ctx, s, c.openBefore(malformed))
	if err != nil {
		return nil, err
	}
	return c.answerAccepted(ans)
}

// openBefore opens the record with the limits of a start, before a body that is malformed
// is answered.
func (c *call) openBefore(malformed error) contract.UseLimits {
	return func(ctx context.Context, take []engine.Take) (*engine.Refusal, error) {
		refusal, err := c.openUsing(ctx, take)
		if err == nil {
			err = malformed
		}
		return refusal, err
	}
}

// submit takes the turn of a submission to a pending stage. The stage is looked for before
// the body is read; absent answers where it is not pending.
func (c *call) submit(ctx context.Context, wireID string, absent absence) (*answer, error) {
	return c.submitFields(ctx, wireID, nil, absent)
}

// submitFields is submit for a route that takes some of the stage's fields only.
func (c *call) submitFields(ctx context.Context, wireID string, own []wire.Field, absent absence) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	p, pending := c.PendingAt(wireID)
	if !pending {
		return absent(c)
	}
	if own == nil {
		own = wire.FieldsOf(p.Fields)
	}
	if err := c.Read(own); err != nil {
		return nil, err
	}
	ans, err := c.Engine.Submit(ctx, wireID, c.Turn())
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.NotWaiting {
		return absent(c)
	}
	return c.answerTurn(ans)
}

// act carries out an action of a pending stage and returns what it replies.
func (c *call) act(ctx context.Context, wireID, action string, t engine.Turn) (any, error) {
	return c.reply(c.Engine.Act(ctx, wireID, action, t))
}

// ask carries out an action of the first stage of a flow and returns what it replies. A
// browser whose bound session goes on keeps its token: a record of its own would take that away.
func (c *call) ask(ctx context.Context, flow engine.FlowID, action string, t engine.Turn) (any, error) {
	if c.Request.Method == http.MethodGet && c.GoesOn() {
		return nil, wire.Conflict()
	}
	return c.reply(c.Engine.Ask(ctx, flow, action, t))
}

// reply adopts a turn that is answered with what a stage replied.
func (c *call) reply(ans engine.Answer, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if err := contract.Unaccepted(ans); err != nil {
		return nil, err
	}
	return ans.Reply, c.adopt(ans)
}

// answerTurn answers a turn, where a session or what is pending is asked for.
func (c *call) answerTurn(ans engine.Answer) (*answer, error) {
	if err := contract.Unaccepted(ans); err != nil {
		return nil, err
	}
	return c.answerAccepted(ans)
}

func (c *call) answerAccepted(ans engine.Answer) (*answer, error) {
	if err := c.adopt(ans); err != nil {
		return nil, err
	}
	if contract.VoidCode(ans) {
		return nil, wire.Conflict()
	}
	if wire.Ended(c.Engine.Flows, ans) {
		return ok(ans.Reply), c.PassOnRun(c.Request.Context(), ans.Run)
	}
	return c.session(), nil
}

// adopt takes over what a turn stored: the record, and tokens that are new.
func (c *call) adopt(ans engine.Answer) error {
	fresh, pair, err := c.Answer(ans)
	if err != nil {
		return err
	}
	c.entered, c.pair = ans.Outcome == engine.Granted, pair
	if fresh != "" {
		c.fresh = fresh
	}
	if value := ans.Values[contract.TrustValue]; value != "" {
		c.setTrust(value)
	}
	return nil
}

// update changes the client's record.
func (c *call) update(ctx context.Context, change func(*engine.Record)) error {
	fresh, err := c.Update(ctx, change)
	if fresh != "" {
		c.fresh = fresh
	}
	return err
}

// signOut ends the client's session as endSession does, and finds out where else it is to be ended.
func (c *call) signOut(ctx context.Context) error {
	there, err := c.BegunAt(ctx)
	if err != nil {
		return err
	}
	if err := c.endSession(ctx); err != nil {
		return err
	}
	c.leaveTo = c.LeaveTo(ctx, there)
	return nil
}

// endSession ends the client's session, if it has one, and drops its record.
func (c *call) endSession(ctx context.Context) error {
	if err := c.EndSession(ctx); err != nil {
		return err
	}
	c.dropped = c.tok != ""
	return nil
}

// absence answers a request to a stage that is not pending.
type absence func(*call) (*answer, error)

func unauthorized(c *call) (*answer, error) { return c.anonymous(http.StatusUnauthorized, nil), nil }

func conflict(*call) (*answer, error) { return nil, wire.Conflict() }

// absentFirst answers where the stage with the wire id is not pending, before the method
// is looked at.
func absentFirst(wireID string, absent absence) endpoint {
	return func(ctx context.Context, c *call) (*answer, error) {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
		if _, pending := c.PendingAt(wireID); pending {
			return nil, nil
		}
		return absent(c)
	}
}
