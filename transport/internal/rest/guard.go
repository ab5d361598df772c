package rest

import (
	"net/http"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/wire"
)

// Guard opens the session of the bearer token that a request to a route of a program's own
// shows, and has it judged. It returns the call, or nil where something stands in the way, and has
// answered that as the contract does at its own routes.
func (a *API) Guard(w http.ResponseWriter, r *http.Request, judge func(*contract.Call) error) *contract.Call {
	c := a.newCall(r, nil)
	c.TellNonce(w.Header())
	err := c.openSession(r.Context())
	if err == nil {
		err = judge(&c.Call)
	}
	if err == nil {
		return &c.Call
	}
	wire.SetAPIHeaders(w.Header())
	c.refuse(w, err, r.Pattern)
	return nil
}
