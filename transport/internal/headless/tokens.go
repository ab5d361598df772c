package headless

import (
	"context"
	"errors"
	"net/http"

	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// refreshTokens exchanges a refresh token. One that is good for nothing is a 400 that
// does not say why.
func (a *API) refreshTokens(ctx context.Context, c *call) (*answer, error) {
	if c.tok != "" {
		if err := c.open(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.Read(refreshForm()); err != nil {
		return nil, err
	}
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	if a.Refresher == nil {
		return &answer{Status: http.StatusBadRequest}, nil
	}
	pair, err := c.ExchangeRefresh(ctx, token.App, c.Input.Text("refresh_token"))
	switch {
	case errors.Is(err, token.ErrRefused):
		return &answer{Status: http.StatusBadRequest}, nil
	case err != nil:
		return nil, err
	}
	return ok(pair), nil
}

func refreshForm() []wire.Field {
	return []wire.Field{{Name: "refresh_token", Type: wire.Secret, Required: true}}
}
