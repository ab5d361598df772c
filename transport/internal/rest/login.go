package rest

import (
	"context"
	"net/http"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// login signs in with a password. A bearer token that comes along is not looked at: a
// script with a stale one must be able to get another.
func (a *API) login(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, contract.Start{
		Flow: contract.LoginFlow, Limits: c.Limits("login"), EnteredLimit: "too_many_login_attempts",
	})
	if err != nil {
		return nil, err
	}
	return c.answerTurn(ans)
}

// signup makes an account. Where a mail must be answered first, that is a success.
func (a *API) signup(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, contract.Start{Flow: contract.SignupFlow, Limits: c.Limits("signup"), Closed: !a.SignupOpen})
	if err != nil {
		return nil, err
	}
	if ans.Outcome == engine.Advanced {
		if w := c.waiting(ans.Run); w != nil && w.Flow == contract.EmailStage {
			return ok(sentBody{Sent: true, waitingBody: w})
		}
	}
	return c.answerTurn(ans)
}

// requestCode sends a code to sign in with.
func (a *API) requestCode(ctx context.Context, c *call) (*answer, error) {
	ans, err := c.start(ctx, contract.Start{Flow: contract.CodeStage})
	if err != nil {
		return nil, err
	}
	return c.answerTurn(ans)
}

// answers is the endpoint of one pending stage.
func (a *API) answers(wireID string) endpoint {
	return func(ctx context.Context, c *call) (*answer, error) {
		ans, err := c.submitRun(ctx, wireID)
		if err != nil {
			return nil, err
		}
		return c.answerTurn(ans)
	}
}

// answerStage takes a submission to any stage: one that waits in the run of the token or
// in the session, or the first one of a flow.
func (a *API) answerStage(ctx context.Context, c *call) (*answer, error) {
	wireID := c.params.ByName("stage")
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, pending := c.PendingAt(wireID); pending {
		ans, err := c.submit(ctx, wireID)
		if err != nil {
			return nil, err
		}
		return c.answerTurn(ans)
	}
	f := c.startable(wireID, c.Visit.SignedIn)
	if f == nil {
		return nil, c.nothingWaits(wireID)
	}
	if err := c.readFields(f.Graph.Nodes[f.Graph.Start].Stage.Fields); err != nil {
		return nil, err
	}
	start := contract.Start{Flow: f.Graph.Flow, Limits: c.Limits(limitOf(f.Graph.Flow))}
	if f.Graph.Flow == contract.ReauthByCodeStage {
		start = c.CodeStart()
	}
	ans, err := c.start(ctx, start)
	if err != nil {
		return nil, err
	}
	return c.answerTurn(ans)
}

// nothingWaits says why a stage cannot be answered.
func (c *call) nothingWaits(wireID string) error {
	if !c.Visit.SignedIn && wire.GeneralFlow(c.Engine.Flows, wireID, true) != nil {
		return wire.Unauthorized()
	}
	if c.Visit.Key == "" {
		return invalid(tokenField, wire.CodeRequired)
	}
	return wire.Conflict()
}

// startable is the flow that the general route may start for this client: what anybody
// is offered, flows of outside packages, what a key starts, and in a session the ways to
// prove again whose it is. Other flows have routes of their own, which ask for more.
func (a *API) startable(id string, signedIn bool) *engine.Flow {
	if f := wire.GeneralFlow(a.Engine.Flows, id, signedIn); f != nil {
		return f
	}
	f := a.Engine.Flows.Flow(engine.FlowID(id))
	if f == nil || f.Graph.OfSession != signedIn || strings.HasPrefix(id, "provider_") {
		return nil
	}
	switch id {
	case contract.ReauthenticateFlow, contract.ReauthByCodeStage, contract.MFAReauthenticateFlow, contract.WebAuthnReauthFlow:
		return a.reauthFlow(f)
	case contract.PasskeySignupStage:
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
	switch flow {
	case contract.PasskeySignupStage:
		return "signup"
	case contract.PasskeyLoginFlow:
		return contract.PasskeyLoginLimit
	}
	return string(flow)
}

// actBody answers an action of a stage.
type actBody struct {
	Flow      string `json:"flow"`
	FlowToken string `json:"flow_token,omitempty"`
	Result    any    `json:"result,omitempty"`
}

// claimData is the address and the account that a key or code is of.
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
	if _, pending := c.PendingAt(wireID); pending {
		reply, err = c.act(ctx, wireID, action)
	} else if f := c.startable(wireID, c.Visit.SignedIn); f != nil {
		reply, err = c.ask(ctx, f.Graph.Flow, action)
	} else {
		err = c.nothingWaits(wireID)
	}
	if err != nil {
		return nil, err
	}
	if claim, is := reply.(*state.Claim); is && claim.Account != nil {
		reply = claimData{Email: claim.Email, User: userBehind(claim.Account.Snapshot())}
	}
	return &answer{http.StatusOK, actBody{Flow: wireID, FlowToken: c.run, Result: reply}}, nil
}
