package headless

import (
	"context"
	"net/http"
	"strings"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// operationParam is the query parameter that names an operation of the document.
const operationParam = "for"

// forecastData says whether an operation would ask for a proof, and by which flows to give
// it.
type forecastData struct {
	contract.Forecast
	Flows []map[string]any `json:"flows,omitzero"`
}

// foresee answers whether an operation would ask to prove again whose session it is, without
// trying it. It is this server's own: where no operation is named there is no such method.
func (a *API) foresee(ctx context.Context, c *call) (*answer, error) {
	if err := c.openSession(ctx); err != nil {
		return nil, err
	}
	query := c.Request.URL.Query()
	if !query.Has(operationParam) {
		return nil, wire.MethodNotAllowed(http.MethodPost)
	}
	name := query.Get(operationParam)
	area, known := a.areaOf(name, c.Kind.String())
	if !known {
		return nil, wire.Invalid(wire.FieldError{Param: operationParam, Code: wire.CodeUnknownOperation})
	}
	forecast, err := c.Foresee(name, area)
	data := forecastData{Forecast: forecast}
	if err != nil {
		data.Flows = c.reauthFlows(err)
	}
	return ok(data), nil
}

// proofForm reads the password of a proof. Who asks about an operation sends none.
func (a *API) proofForm(ctx context.Context, c *call) error {
	if c.Request.URL.Query().Has(operationParam) {
		return nil
	}
	return a.firstForm(contract.ReauthenticateFlow)(ctx, c)
}

// areaOf is what an operation of the document changes, by its id with or without the kind of
// client before it.
func (a *API) areaOf(id, client string) (contract.Area, bool) {
	for _, op := range a.operationsFor(client) {
		if id == op.id || strings.EqualFold(id, client+op.id) {
			return areas()[op.method+" "+op.path], true
		}
	}
	return contract.NoArea, false
}

// areas are what the operations change that may ask for a proof. Providers are connected by
// a sign-in with process=connect.
func areas() map[string]contract.Area {
	return map[string]contract.Area{
		"POST /account/email":                         contract.AccountArea,
		"PATCH /account/email":                        contract.AccountArea,
		"DELETE /account/email":                       contract.AccountArea,
		"POST /account/phone":                         contract.AccountArea,
		"POST /account/password/change":               contract.FirstPasswordArea,
		"POST /auth/provider/redirect":                contract.ProviderArea,
		"POST /auth/provider/token":                   contract.ProviderArea,
		"DELETE /account/providers":                   contract.ProviderArea,
		"GET /account/authenticators/webauthn":        contract.AuthenticatorArea,
		"POST /account/authenticators/webauthn":       contract.AuthenticatorArea,
		"PUT /account/authenticators/webauthn":        contract.AuthenticatorArea,
		"DELETE /account/authenticators/webauthn":     contract.AuthenticatorArea,
		"POST /account/authenticators/totp":           contract.AuthenticatorArea,
		"DELETE /account/authenticators/totp":         contract.AuthenticatorArea,
		"GET /account/authenticators/recovery-codes":  contract.AuthenticatorArea,
		"POST /account/authenticators/recovery-codes": contract.AuthenticatorArea,
	}
}
