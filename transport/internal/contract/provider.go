package contract

import (
	"context"
	"encoding/base64"

	"stagedoor/engine"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Redirect is a sign-in on a provider's page.
type Redirect struct {
	Provider string
	// State is what names it on its way through the provider and back.
	State string
	// URI is where the provider sends the browser back to.
	URI string
	// Process is what it is for.
	Process string
}

// BeginRedirect asks the flow for the provider's page. It is an error where it has none, a
// [wire.Problem] with the cause where the provider was to be asked.
func (c *Call) BeginRedirect(ctx context.Context, r Redirect) (string, error) {
	values := c.redirectValues(r)
	values["state"], values["process"] = r.State, r.Process
	ans, err := c.Engine.Ask(ctx, RedirectFlow, "begin", c.TurnWith(values, nil))
	if err == nil {
		err = Unaccepted(ans)
	}
	to, _ := ans.Reply.(string)
	if to == "" && err == nil {
		err = wire.Conflict()
	}
	return to, err
}

// ReturnValues are the input of the flow once the provider has sent the browser back with a
// query.
func (c *Call) ReturnValues(r Redirect, process, query string) engine.MapValues {
	values := c.redirectValues(r)
	values["process"], values["query"] = process, query
	return values
}

// redirectValues are what the flow takes both times. The PKCE code verifier, of 43
// characters (RFC 7636, section 4.1), and the nonce of the id_token are derived from the
// state.
func (c *Call) redirectValues(r Redirect) engine.MapValues {
	return engine.MapValues{
		"provider": r.Provider, "redirect_uri": r.URI,
		"verifier": base64.RawURLEncoding.EncodeToString(c.derive("oauth verifier", r.State)),
		"nonce":    base64.RawURLEncoding.EncodeToString(c.derive("oauth nonce", r.State)[:16]),
	}
}

func (c *Call) derive(purpose, state string) []byte {
	if c.Kind == token.Rest {
		purpose = "rest " + purpose
	}
	return c.Keys.MAC(purpose, []byte(state))
}
