package headless

import (
	"context"
	"net/http"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Guard opens the session that a request to a route of a program's own shows, by the token of
// a kind of client, and has it judged. It returns the call, or nil where something stands in the way, and
// has answered that as the contract does at its own routes.
func (a *API) Guard(w http.ResponseWriter, r *http.Request, kind token.Kind, judge func(*contract.Call) error) *contract.Call {
	c := a.newCall(w, r, kind)
	c.Harmless = true
	c.TellNonce(w.Header())
	err := c.guard(r.Context(), judge)
	if err == nil {
		c.setBinding()
		return &c.Call
	}
	wire.SetAPIHeaders(w.Header())
	c.refuse(err, r.Pattern)
	return nil
}

// guard protects a browser's cookie from other sites; where there is none, there is nothing
// to protect. An app may show its session token as a bearer token, too.
func (c *call) guard(ctx context.Context, judge func(*contract.Call) error) error {
	switch {
	case c.Kind == token.Browser && c.tok != "":
		if err := c.CSRF.Check(c.Request); err != nil {
			c.CSRF.Tell(c.w, c.Request)
			return c.Refusals.CSRF(c.Request, err)
		}
	case c.Kind == token.App && c.tok == "" && c.bearer == nil:
		var scheme string
		if scheme, c.tok, _ = c.Credential(contract.BearerScheme); c.tok != "" {
			c.Carry(scheme, c.tok)
		}
	}
	if err := c.openSession(ctx); err != nil {
		return err
	}
	return judge(&c.Call)
}
