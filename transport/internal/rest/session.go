package rest

import (
	"context"
	"errors"

	"stagedoor/transport/internal/contract"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// sessionBody describes the session; times are in seconds since 1970.
type sessionBody struct {
	User      userData          `json:"user"`
	CreatedAt float64           `json:"created_at"`
	ExpiresAt float64           `json:"expires_at"`
	Methods   []contract.Method `json:"methods"`
	Bound     bool              `json:"bound"`
}

// endedBody says that the session is over.
type endedBody struct {
	Ended bool `json:"logged_out"`
	// LogoutURL is where a browser goes to sign out at the provider, too.
	LogoutURL string `json:"logout_url,omitempty"`
}

func (a *API) config(context.Context, *call) (*answer, error) { return a.offers, nil }

// user answers whose session it is.
func (a *API) user(_ context.Context, c *call) (*answer, error) {
	return ok(userBody{userOf(c.Visit.Account)})
}

// getSession describes the session besides.
func (a *API) getSession(_ context.Context, c *call) (*answer, error) {
	body := sessionBody{
		User: userOf(c.Visit.Account), Methods: c.Visit.ShownMethods(),
		CreatedAt: wire.Seconds(c.Visit.Ticket.CreatedAt), ExpiresAt: wire.Seconds(c.Visit.Ticket.ExpiresAt),
		Bound: c.Visit.Ticket.Binding.Bound(),
	}
	return ok(body)
}

// logout ends the session.
func (a *API) logout(ctx context.Context, c *call) (*answer, error) {
	to, err := c.SignOut(ctx)
	if err != nil {
		return nil, err
	}
	return ok(endedBody{Ended: true, LogoutURL: to})
}

// refreshBody answers an exchange of a refresh token.
type refreshBody struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int    `json:"expires_in"`
	Refresh   string `json:"refresh_token,omitempty"`
}

// refresh exchanges a refresh token. One that is good for nothing is a 400 that does not
// say why.
func (a *API) refresh(ctx context.Context, c *call) (*answer, error) {
	if err := c.Input.Err(); err != nil {
		return nil, err
	}
	pair, err := c.ExchangeRefresh(ctx, token.Rest, c.Input.Text("refresh_token"))
	switch {
	case errors.Is(err, token.ErrRefused):
		return nil, invalid("refresh_token", wire.CodeInvalid)
	case err != nil:
		return nil, err
	}
	return ok(refreshBody{Access: pair.Access, Type: tokenType(pair.Bound), ExpiresIn: pair.ExpiresIn, Refresh: pair.Refresh})
}

// providerData is a third party to sign in with.
type providerData struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	ClientID string   `json:"client_id"`
	Flows    []string `json:"flows"`
}

// providersBody lists the providers to sign in with.
type providersBody struct {
	Providers []providerData `json:"providers"`
}

func (a *API) listProviders(context.Context, *call) (*answer, error) {
	body := providersBody{Providers: []providerData{}}
	for _, p := range a.Providers {
		body.Providers = append(body.Providers, providerData{ID: p.ID, Name: p.Name, ClientID: p.ClientID, Flows: p.Flows})
	}
	return ok(body)
}
