package headless

import (
	"context"
	"net/http"

	"stagedoor/transport/internal/contract"
)

// requestCode sends a code to sign in with. A signed-in client is sent one too, and stays
// signed in.
func (a *API) requestCode(ctx context.Context, c *call) (*answer, error) {
	return c.start(ctx, contract.Start{Flow: contract.CodeStage})
}

// confirmCode takes the code of a pending sign-in.
func (a *API) confirmCode(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, contract.CodeStage, conflict)
}

// resendCode sends the code of a pending sign-in again.
func (a *API) resendCode(ctx context.Context, c *call) (*answer, error) {
	return c.resend(ctx, contract.CodeStage)
}

// resend has a pending stage send its message again.
func (c *call) resend(ctx context.Context, wireID string) (*answer, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	if _, err := c.act(ctx, wireID, "resend", c.EmptyTurn()); err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK}, nil
}

// trust answers whether the browser is to be trusted, and signs in.
func (a *API) trust(ctx context.Context, c *call) (*answer, error) {
	return c.submit(ctx, contract.TrustStage, unauthorized)
}
