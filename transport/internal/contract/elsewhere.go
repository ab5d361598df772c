package contract

import (
	"context"
	"log/slog"
	"time"

	"stagedoor/state"
)

// leaveWithin is how long an answer waits to say where a person signs out besides: the
// metadata of a provider may have to be asked for.
const leaveWithin = 2 * time.Second

// Elsewhere says where people who sign out here are to sign out, too.
type Elsewhere interface {
	// ProviderSession returns by what session at a provider one here was begun, or
	// [state.ErrNotFound].
	ProviderSession(ctx context.Context, account state.AccountID, session int64) (state.ProviderSession, error)
	// SignOutURL is where a browser goes to end it, "" for nowhere.
	SignOutURL(ctx context.Context, there state.ProviderSession) (string, error)
}

// BegunAt is by what session at a provider the client's was begun: nil where it was not, or where nobody
// signs out there. It is asked while the session goes on.
func (c *Call) BegunAt(ctx context.Context) (*state.ProviderSession, error) {
	if c.Elsewhere == nil || !c.Visit.SignedIn {
		return nil, nil
	}
	there, err := c.Elsewhere.ProviderSession(ctx, c.Visit.Ticket.Account, c.Visit.Ticket.Session)
	switch {
	case isNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &there, nil
}

// LeaveTo is where the client goes to end a session at a provider, "" for nowhere. One whose provider
// cannot be asked has signed out here all the same.
func (c *Call) LeaveTo(ctx context.Context, there *state.ProviderSession) string {
	if there == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, leaveWithin)
	defer cancel()
	to, err := c.Elsewhere.SignOutURL(ctx, *there)
	if err != nil {
		c.Log.WarnContext(ctx, "somebody signed out here and cannot be sent to the provider to sign out there",
			slog.String("provider", there.Provider), slog.String("error", err.Error()))
		return ""
	}
	return to
}

// SignOut ends the client's session, or drops what waits in its record. It returns where to go to sign
// out at the provider, too, "" for nowhere.
func (c *Call) SignOut(ctx context.Context) (string, error) {
	there, err := c.BegunAt(ctx)
	if err != nil {
		return "", err
	}
	if err := c.EndSession(ctx); err != nil {
		return "", err
	}
	return c.LeaveTo(ctx, there), nil
}
