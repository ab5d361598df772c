package headless

import (
	"context"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

const codeWire = "login_by_code"

// requestCode sends a code to sign in with. A signed-in client is sent one too, and stays
// signed in.
func (a *API) requestCode(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, opening{flow: "login_by_code", whileSignedIn: true})
}

// confirmCode takes the code of a pending sign-in.
func (a *API) confirmCode(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, codeWire, conflict)
}

// resendCode sends the code of a pending sign-in again.
func (a *API) resendCode(ctx context.Context, c *call) (*answer, error) {
	if a.Engine.Flows.Flow("login_by_code") == nil {
		return nil, wire.NotFound()
	}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, err := c.act(ctx, codeWire, "resend", engine.MapValues{}, nil); err != nil {
		return nil, err
	}
	return &answer{Status: 200}, nil
}

// trust answers whether the browser is to be trusted, and signs in.
func (a *API) trust(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, "mfa_trust", func() (*answer, error) { return c.unauthorized(), nil })
}

// absentFirst answers where the stage with the wire id is not pending, before the method
// is looked at.
func absentFirst(wireID string, absent func(*call) (*answer, error)) endpoint {
	return func(ctx context.Context, c *call) (*answer, error) {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
		if _, pending := c.pendingAt(wireID); pending {
			return nil, nil
		}
		return absent(c)
	}
}

func unauthorized(c *call) (*answer, error) { return c.unauthorized(), nil }

func conflicting(*call) (*answer, error) { return nil, wire.Conflict() }
