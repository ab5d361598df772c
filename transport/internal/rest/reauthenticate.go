package rest

import (
	"context"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/openapi"
	"stagedoor/transport/internal/wire"
)

// reauthRoutes are the routes by which a signed-in client proves again whose session it is.
// The other ways are stages: POST /auth/stages/{flow}.
func (a *API) reauthRoutes() []route {
	table := []route{{
		method: "GET", path: "/reauthenticate", id: "foresee", group: "Signing in", about: "Ask whether an operation would ask for a proof",
		more:   "Whether an operation of this document would now ask to prove again whose session it is, and by which flows. It is not tried.",
		query:  openapi.Parameter{Name: "for", In: "query", Required: true, Description: "The operation's id.", Schema: &openapi.Schema{Type: "string"}},
		bearer: true, answers: bodies(forecastShape{}), do: a.foresee,
	}}
	if !a.HasFlow(contract.ReauthByCodeStage) {
		return table
	}
	fields, _ := a.waitingFields(contract.ReauthByCodeStage)
	return append(table,
		route{method: "POST", path: "/reauthenticate/code/request", id: "requestReauthenticationCode", group: "Signing in", about: "Ask for a code to prove again whose session it is",
			more:   "The code goes to a verified address or number of the account: give one of the two. A code that waits is void then.",
			bearer: true, input: a.startFields(contract.ReauthByCodeStage), answers: bodies(codeSentBody{}), do: a.requestReauthCode},
		route{method: "POST", path: "/reauthenticate/code/confirm", id: "confirmReauthenticationCode", group: "Signing in", about: "Prove it with the code",
			bearer: true, input: fields, answers: bodies(userBody{}), do: a.confirmReauthCode},
		route{method: "POST", path: "/reauthenticate/code/resend", id: "resendReauthenticationCode", group: "Signing in", about: "Have another code sent in place of the one that waits",
			bearer: true, answers: bodies(codeSentBody{}), do: a.resendReauthCode},
	)
}

// codeSentBody says that a code is on its way.
type codeSentBody struct {
	Sent bool `json:"code_sent"`
}

// forecastBody says whether an operation would ask for a proof, and by which flows to give it.
type forecastBody struct {
	contract.Forecast
	Flows []contract.Way `json:"flows,omitempty"`
}

// foresee answers whether an operation would ask to prove again whose session it is.
func (a *API) foresee(_ context.Context, c *call) (*answer, error) {
	name := c.Request.URL.Query().Get("for")
	if name == "" {
		return nil, invalid("for", wire.CodeRequired)
	}
	area, known := a.areaOf(name)
	if !known {
		return nil, invalid("for", wire.CodeUnknownOperation)
	}
	forecast, err := c.Foresee(name, area)
	body := forecastBody{Forecast: forecast}
	if err != nil {
		body.Flows = c.Ways(err)
	}
	return ok(body)
}

// areaOf is what an operation of the document changes, by its id.
func (a *API) areaOf(id string) (contract.Area, bool) {
	for _, r := range slices.Concat(a.table, a.stageRoutes()) {
		if r.id == id {
			return r.area(), true
		}
	}
	return contract.NoArea, false
}

// area is what the route changes, where it may ask for a proof.
func (r route) area() contract.Area {
	switch {
	case !r.proves:
		return contract.NoArea
	case strings.HasPrefix(r.path, "/password/"):
		return contract.FirstPasswordArea
	case strings.HasPrefix(r.path, "/providers/"):
		return contract.ProviderArea
	}
	return contract.AuthenticatorArea
}

// requestReauthCode sends a code to prove with whose session it is. A code that waits is void
// then.
func (a *API) requestReauthCode(ctx context.Context, c *call) (*answer, error) {
	if _, err := c.start(ctx, c.CodeStart()); err != nil {
		return nil, err
	}
	return ok(codeSentBody{Sent: true})
}

// confirmReauthCode takes the code.
func (a *API) confirmReauthCode(ctx context.Context, c *call) (*answer, error) {
	if !c.CodeWaits() {
		return nil, wire.Conflict()
	}
	ans, err := c.submit(ctx, contract.ReauthByCodeStage)
	if err != nil {
		return nil, err
	}
	return c.answerTurn(ans)
}

// resendReauthCode sends another code in place of the one that waits.
func (a *API) resendReauthCode(ctx context.Context, c *call) (*answer, error) {
	if !c.CodeWaits() {
		return nil, wire.Conflict()
	}
	if _, err := c.act(ctx, contract.ReauthByCodeStage, "resend"); err != nil {
		return nil, err
	}
	return ok(codeSentBody{Sent: true})
}

// reauthFlow is a flow by which a client can prove again whose session it is, nil where that
// way is switched off.
func (a *API) reauthFlow(f *engine.Flow) *engine.Flow {
	way := contract.ByFactor
	switch f.Graph.Flow {
	case contract.ReauthenticateFlow:
		way = contract.ByPassword
	case contract.ReauthByCodeStage:
		way = contract.ByCode
	}
	if !a.Reauthentication.Has(way) {
		return nil
	}
	return f
}
