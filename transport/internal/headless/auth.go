package headless

import (
	"context"
	"net/http"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// config answers what the server offers, whoever asks.
func (a *API) config(ctx context.Context, c *call) (*answer, error) {
	if c.tok != "" && c.kind.String() == "app" {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
	}
	return ok(a.Public), nil
}

// getSession answers who is signed in.
func (a *API) getSession(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	return c.session(), nil
}

// deleteSession signs out, or cancels what is pending. The answer is that of a client
// that is not signed in.
func (a *API) deleteSession(ctx context.Context, c *call) (*answer, error) {
	if _, _, err := c.input(nil); err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if err := c.leave(ctx); err != nil {
		return nil, err
	}
	return c.anonymous(http.StatusUnauthorized, ref(false)), nil
}

// leave ends the client's session, if it has one, and drops its record.
func (c *call) leave(ctx context.Context) error {
	if err := c.Visits.EndSession(ctx, c.Ledger, &c.visit, c.now); err != nil {
		return err
	}
	c.dropped = c.tok != ""
	return nil
}

// login signs in with a password.
func (a *API) login(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, opening{flow: "login", limit: "login", entered: "too_many_login_attempts"})
}

// loginInput judges a login sent with a method the route does not have.
func (a *API) loginInput(ctx context.Context, c *call) (*answer, error) {
	if c.r.Method == http.MethodGet {
		return nil, nil
	}
	f := a.Engine.Flows.Flow("login")
	values, invalid, malformed := c.input(wire.FieldsOf(f.Graph.Nodes[f.Graph.Start].Stage.Fields))
	guards, limits := a.Engine.StartLimits("login", c.turn(values, invalid))
	refusal, err := c.openTaking(ctx, append(a.Rates.Takes("login", engine.Counted{IP: c.limitIP}), guards...))
	switch {
	case err != nil:
		return nil, err
	case malformed != nil:
		return nil, malformed
	case refusal != nil && guarding(guards, refusal):
		return nil, wrong(limits)
	case refusal != nil:
		return nil, wire.Limited(refusal)
	}
	errs, err := a.Engine.Probe(ctx, "login", c.turn(values, invalid))
	if err == nil && len(errs) > 0 {
		err = wrong(errs)
	}
	return nil, err
}

// signup makes an account.
func (a *API) signup(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, opening{flow: "signup", limit: "signup", closed: !a.SignupOpen})
}

// mfaAuthenticate takes the second factor of a pending sign-in.
func (a *API) mfaAuthenticate(ctx context.Context, c *call) (*answer, error) {
	absent := func() (*answer, error) { return c.unauthorized(), nil }
	if c.r.Method != http.MethodPost {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
		if _, pending := c.pendingAt("mfa_authenticate"); pending {
			return nil, nil
		}
		return absent()
	}
	return c.submitFields(ctx, "mfa_authenticate", []wire.Field{{Name: "code", Type: wire.Secret, Required: true, Lookup: true}}, absent)
}

// reauth proves with the password whose session it is.
func (a *API) reauth(ctx context.Context, c *call) (*answer, error) {
	return c.again(ctx, opening{flow: "reauthenticate", limit: "reauthenticate"})
}

// mfaReauth proves with a second factor whose session it is.
func (a *API) mfaReauth(ctx context.Context, c *call) (*answer, error) {
	return c.again(ctx, opening{flow: "mfa_reauthenticate"})
}

// again starts a flow that only a signed-in client has.
func (c *call) again(ctx context.Context, o opening) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if !c.visit.SignedIn {
		return c.session(), nil
	}
	return c.start(ctx, o)
}

// reauthInput answers 401 to who is not signed in, before the method is looked at.
func (a *API) reauthInput(ctx context.Context, c *call) (*answer, error) {
	return a.signedInFirst(ctx, c)
}

// signedInFirst answers 401 to who is not signed in, before the method is looked at.
func (a *API) signedInFirst(ctx context.Context, c *call) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if c.visit.SignedIn {
		return nil, nil
	}
	return c.session(), nil
}
