package rest

import (
	"context"
	"net/http"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/wire"
)

// takes are the limits of an action of nobody in particular.
func (c *call) takes(action string) []engine.Take {
	return c.Rates.Takes(action, engine.Counted{IP: c.limitIP, User: c.visit.Ticket.Account})
}

// login signs in with a password. A bearer token that comes along is not looked at: a
// script with a stale one must be able to get another.
func (a *API) login(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, opening{flow: "login", limits: c.takes("login"), entered: "too_many_login_attempts"})
	if err != nil {
		return nil, err
	}
	return c.outcome(ans)
}

// signup makes an account. Where a mail must be answered first, that is a success.
func (a *API) signup(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, opening{flow: "signup", limits: c.takes("signup"), closed: !a.SignupOpen})
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.Advanced {
		if w := c.waiting(ans.Run); w != nil && w.Flow == emailWire {
			return ok(sentBody{Sent: true, waitingBody: w})
		}
	}
	return c.outcome(ans)
}

// requestCode sends a code to sign in with.
func (a *API) requestCode(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, opening{flow: "login_by_code"})
	if err != nil {
		return nil, err
	}
	return c.outcome(ans)
}

// answers is the endpoint of one pending stage.
func (a *API) answers(wireID string) endpoint {
	return func(ctx context.Context, c *call) (*answer, error) {
		ans, err := c.submitRun(ctx, wireID)
		if err != nil {
			return nil, err
		}
		return c.outcome(ans)
	}
}

// answerStage takes a submission to any stage: one that waits in the run of the token or
// in the session, or the first one of a flow.
func (a *API) answerStage(ctx context.Context, c *call) (*answer, error) {
	wireID := c.params.ByName("stage")
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, waits := c.pending(wireID); waits {
		ans, err := c.submit(ctx, wireID)
		if err != nil {
			return nil, err
		}
		return c.outcome(ans)
	}
	f := c.startable(wireID, c.visit.SignedIn)
	if f == nil {
		return nil, c.nothingWaits(wireID)
	}
	if err := c.decode(f.Graph.Nodes[f.Graph.Start].Stage.Fields); err != nil {
		return nil, err
	}
	ans, err := c.start(ctx, opening{flow: f.Graph.Flow, limits: c.takes(limitOf(f.Graph.Flow))})
	if err != nil {
		return nil, err
	}
	return c.outcome(ans)
}

// open opens the record a request to a stage is about, if it names one.
func (c *call) open(ctx context.Context) error {
	switch {
	case c.given():
		_, err := c.openRun(ctx)
		return err
	case c.hasBearer():
		return c.signedIn(ctx)
	}
	return nil
}

// nothingWaits says why a stage cannot be answered.
func (c *call) nothingWaits(wireID string) error {
	if !c.visit.SignedIn && wire.GeneralFlow(c.Engine.Flows, wireID, true) != nil {
		return wire.Unauthorized()
	}
	if c.visit.Key == "" {
		return invalid(tokenField, wire.CodeRequired)
	}
	return wire.Conflict()
}

// startable is the flow that the general route may start for this client: what anybody
// is offered, flows of outside packages, what a key starts, and to who is signed in the
// ways to prove who they are. Other flows have routes of their own, which ask for more.
func (a *API) startable(id string, signedIn bool) *engine.Flow {
	if f := wire.GeneralFlow(a.Engine.Flows, id, signedIn); f != nil {
		return f
	}
	f := a.Engine.Flows.Flow(engine.FlowID(id))
	if f == nil || f.Graph.OfSession != signedIn || strings.HasPrefix(id, "provider_") {
		return nil
	}
	switch id {
	case "reauthenticate", "mfa_reauthenticate", "webauthn_reauthenticate":
		return f
	case "mfa_signup_webauthn":
		if !a.SignupOpen {
			return nil
		}
		return f
	}
	if f.Graph.Offer == engine.Anonymous {
		return f
	}
	return nil
}

// limitOf names the limit that counts starts of a flow.
func limitOf(flow engine.FlowID) string {
	if flow == "mfa_signup_webauthn" {
		return "signup"
	}
	return string(flow)
}

// actBody answers an action of a stage.
type actBody struct {
	Flow      string `json:"flow"`
	FlowToken string `json:"flow_token,omitempty"`
	Result    any    `json:"result,omitempty"`
}

// claimData is what a key or code stands for.
type claimData struct {
	Email string   `json:"email,omitempty"`
	User  userData `json:"user"`
}

// actStage carries out an action of a stage: one that waits, or the first one of a flow.
func (a *API) actStage(ctx context.Context, c *call) (*answer, error) {
	wireID, action := c.params.ByName("stage"), c.params.ByName("action")
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	var reply any
	var err error
	if _, waits := c.pending(wireID); waits {
		reply, err = c.act(ctx, wireID, action)
	} else if f := c.startable(wireID, c.visit.SignedIn); f != nil {
		reply, err = c.ask(ctx, f.Graph.Flow, action)
	} else {
		err = c.nothingWaits(wireID)
	}
	if err != nil {
		return nil, err
	}
	if claim, is := reply.(*state.Claim); is && claim.Account != nil {
		reply = claimData{Email: claim.Email, User: userOf(claim.Account.Snapshot())}
	}
	return &answer{http.StatusOK, actBody{Flow: wireID, FlowToken: c.run, Result: reply}}, nil
}
