package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// call is one request on its way. Its pieces follow in this file as they do in
// [contract.Call]:
//
//	Open    openSession: the bearer token; openRun: the flow_token in the body; open: either
//	Read    Read: the fields of the route; readFields: those of a stage
//	Judge   start: the limits, then whether the flow is closed
//	Turn    start, submit, submitRun, act, ask
//	Answer  adopt: the tokens; answerTurn: signed in, at a stage, or at an end
type call struct {
	*API
	contract.Call
	params httprouter.Params

	// run is the flow_token of the record that is open, "" for one of a session.
	run string
	// entered are the tokens of a client that has just signed in.
	entered *enteredBody
}

// newCall reads where a request comes from.
func (a *API) newCall(r *http.Request, params httprouter.Params) *call {
	return &call{API: a, Call: a.NewCall(r, token.Rest), params: params}
}

// open opens the record a request to a stage is about, if it names one.
func (c *call) open(ctx context.Context) error {
	switch {
	case c.namesRun():
		return c.openRun(ctx)
	case c.hasBearer():
		return c.openSession(ctx)
	}
	return nil
}

// namesRun reports whether the request names a run by its token, or tries to.
func (c *call) namesRun() bool {
	in := c.Input
	return in.Text(tokenField) != "" || in.Given(tokenField) && !in.Valid(tokenField)
}

// hasBearer reports whether the request claims to belong to a session.
func (c *call) hasBearer() bool { return c.Request.Header.Get("Authorization") != "" }

// openSession opens the session of the bearer token (RFC 6750, section 2.1), or fails with
// a 401: a token that was made up, has expired or was meant for a run is no bearer token.
// With signed tokens nothing else is one.
func (c *call) openSession(ctx context.Context) error {
	scheme, bearer, ok := c.Credential(contract.BearerScheme)
	if !ok {
		return wire.Unauthorized()
	}
	c.Carry(scheme, bearer)
	if c.JWT != nil {
		claims, err := c.JWT.Verify(token.Rest, bearer)
		if err != nil {
			return wire.Unauthorized()
		}
		_, err = c.OpenAccess(ctx, &claims, nil)
		return c.requireSession(err)
	}
	if _, signedIn, ok := c.Tokens.Parse(token.Rest, bearer); !ok || !signedIn {
		return wire.Unauthorized()
	}
	_, err := c.Open(ctx, bearer, nil)
	return c.requireSession(err)
}

// requireSession holds what was opened to be a session.
func (c *call) requireSession(err error) error {
	c.run = ""
	if err == nil && !c.Visit.SignedIn {
		c.Visit, err = contract.Visit{}, wire.Unauthorized()
	}
	return err
}

// openRun opens the record of the flow_token in the body. A token that is not valid, or is
// that of a session, is a 410.
func (c *call) openRun(ctx context.Context) error {
	tok := c.Input.Text(tokenField)
	if !c.Input.Valid(tokenField) {
		return invalid(tokenField, wire.CodeInvalid)
	}
	if _, signedIn, ok := c.Tokens.Parse(token.Rest, tok); !ok || signedIn {
		return wire.Gone()
	}
	if _, err := c.Open(ctx, tok, nil); err != nil {
		return err
	}
	if c.Visit.Unknown {
		return wire.Gone()
	}
	c.run = tok
	return nil
}

// forget closes the record that is open: nothing of it matters to what follows.
func (c *call) forget() { c.Visit, c.run = contract.Visit{}, "" }

// readFields reads the body by other fields than the route's: those of a stage that turned
// out to be pending. The token of the run was looked at when it was opened.
func (c *call) readFields(fields []engine.Field) error { return c.Read(wire.FieldsOf(fields)) }

// start judges the start of a flow, takes its turn and adopts it.
func (c *call) start(ctx context.Context, s contract.Start) (engine.Answer, error) {
	if !c.HasFlow(s.Flow) {
		return engine.Answer{}, wire.NotFound()
	}
	ans, err := c.Start(ctx, s, c.Use)
	if err != nil {
		return ans, err
	}
	return ans, c.adopt(ans)
}

// submit takes the turn of the input at the pending stage with the wire id, and adopts it.
func (c *call) submit(ctx context.Context, wireID string) (engine.Answer, error) {
	p, pending := c.PendingAt(wireID)
	if !pending {
		return engine.Answer{}, wire.Conflict()
	}
	if err := c.readFields(p.Fields); err != nil {
		return engine.Answer{}, err
	}
	return c.adopted(c.Engine.Submit(ctx, wireID, c.Turn()))
}

// submitRun is submit at the run that the token in the body names.
func (c *call) submitRun(ctx context.Context, wireID string) (engine.Answer, error) {
	if !c.namesRun() {
		return engine.Answer{}, invalid(tokenField, wire.CodeRequired)
	}
	if err := c.openRun(ctx); err != nil {
		return engine.Answer{}, err
	}
	return c.submit(ctx, wireID)
}

// act carries out an action of the pending stage with the wire id and returns what it
// replies.
func (c *call) act(ctx context.Context, wireID, name string) (any, error) {
	p, pending := c.PendingAt(wireID)
	action, declared := contract.Action(p.Actions, name)
	if !pending || !declared {
		return nil, wire.Conflict()
	}
	if err := c.readFields(action.Fields); err != nil {
		return nil, err
	}
	ans, err := c.adopted(c.Engine.Act(ctx, wireID, name, c.Turn()))
	return ans.Reply, err
}

// ask carries out an action of the first stage of a flow.
func (c *call) ask(ctx context.Context, flow engine.FlowID, name string) (any, error) {
	f := c.Engine.Flows.Flow(flow)
	if f == nil {
		return nil, wire.NotFound()
	}
	action, declared := contract.Action(f.Graph.Nodes[f.Graph.Start].Stage.Actions, name)
	if !declared {
		return nil, wire.Conflict()
	}
	if err := c.readFields(action.Fields); err != nil {
		return nil, err
	}
	if err := c.MustUse(ctx, c.RecordLimits(flow)); err != nil {
		return nil, err
	}
	ans, err := c.adopted(c.Engine.Ask(ctx, flow, name, c.Turn()))
	return ans.Reply, err
}

// adopted adopts a turn, unless it failed or was not accepted.
func (c *call) adopted(ans engine.Answer, err error) (engine.Answer, error) {
	if err == nil {
		err = contract.Unaccepted(ans)
	}
	if err == nil {
		err = c.adopt(ans)
	}
	return ans, err
}

// adopt takes over what an accepted turn stored: the record, and tokens that are new.
func (c *call) adopt(ans engine.Answer) error {
	if ans.Outcome == engine.Finished && ans.End == "" {
		// What was to be stored is no longer possible: the run is over, and nothing is done.
		return wire.Conflict()
	}
	fresh, pair, err := c.Answer(ans)
	switch {
	case err != nil || fresh == "":
		return err
	case !c.Visit.SignedIn:
		c.run = fresh
		return nil
	}
	c.run = ""
	c.entered = &enteredBody{
		Access: fresh, Type: tokenType(c.Visit.Ticket.Binding.Bound()), ExpiresIn: int(c.Visit.Ticket.ExpiresAt.Sub(c.Now) / time.Second), User: userOf(c.Visit.Account),
	}
	if pair.Access != "" {
		c.entered.Access, c.entered.Refresh, c.entered.ExpiresIn = pair.Access, pair.Refresh, pair.ExpiresIn
	}
	return nil
}

// tokenType is the scheme by which a client shows its token.
func tokenType(bound bool) string {
	if bound {
		return contract.ProofScheme
	}
	return contract.BearerScheme
}

// answerTurn answers where a turn has led: signed in, at a stage, or to an end without a
// session.
func (c *call) answerTurn(ans engine.Answer) (*answer, error) {
	switch {
	case contract.VoidCode(ans):
		return nil, wire.Conflict()
	case c.entered != nil:
		return ok(c.entered)
	case ans.Outcome == engine.Advanced:
		return &answer{http.StatusUnauthorized, c.waiting(ans.Run)}, nil
	case wire.Ended(c.Engine.Flows, ans):
		if err := c.PassOnRun(c.Request.Context(), ans.Run); err != nil {
			return nil, err
		}
		return ok(actBody{Flow: string(ans.Flow), Result: ans.Reply})
	case c.Visit.SignedIn:
		return ok(userBody{userOf(c.Visit.Account)})
	}
	return nil, wire.Unauthorized()
}
