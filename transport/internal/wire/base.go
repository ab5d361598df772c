package wire

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	tokens "stagedoor/transport/internal/token"
)

// Base is what every contract is made of, whatever its routes and shapes.
type Base struct {
	Engine   *engine.Engine
	Visits   *Visits
	Accounts *accounts.Service
	Ledger   state.Ledger
	Tokens   *tokens.Tokens
	Keys     *state.Keyring
	Rates    engine.Rates

	// JWT and Refresher, if not nil, give clients signed access tokens, with refresh tokens
	// besides.
	JWT       *tokens.JWT
	Refresher *tokens.Refresher

	// Public is the answer of GET config; Providers are the third parties that people can
	// sign in with, in the order they are offered.
	Public    any
	Providers []state.Provider
	// Origin is where clients find this server.
	Origin string
	// EmailByCode: addresses are verified by a code, not by a link.
	EmailByCode bool
	SignupOpen  bool
	// ReauthenticationTimeout is how recent an authentication must be for changes that
	// matter for security. ReauthenticationRequired asks for one before changes of addresses,
	// numbers and connections, and before a first password, too.
	ReauthenticationTimeout  time.Duration
	ReauthenticationRequired bool
	// LogoutOnPasswordChange ends the session that changed the password.
	LogoutOnPasswordChange bool
	// Idle is how long the record of a client without a session lives after its last write.
	Idle time.Duration

	// BodyLimit is in bytes; TrustedProxies is how many proxies stand in front.
	BodyLimit      int64
	TrustedProxies int
	Now            func() time.Time
	Rand           io.Reader
	Log            *slog.Logger
	// Passwordless reports whether a WebAuthn credential is a passkey, nil where that is
	// not known.
	Passwordless func(*state.Authenticator) *bool
	// Committed is called after a request that may have queued messages or changes.
	Committed func()
	// PassOn updates the records of an account's other sessions at once after a change.
	PassOn func(ctx context.Context, account int64) error
}

// Begins returns the limits that a start of the flow uses up where it may leave a record
// behind: an anonymous client gets one for the asking, and it lives for an hour. A visit
// that has a record already makes no new one.
func (b *Base) Begins(flow engine.FlowID, v *Visit, ip string) []engine.Take {
	f := b.Engine.Flows.Flow(flow)
	if f == nil || f.Graph.OfSession || f.Graph.Slot == "" || v.Entry.Found {
		return nil
	}
	return b.Rates.Takes("anonymous", engine.Counted{IP: ip})
}

// ExchangeRefresh returns new tokens for a refresh token of a client's kind. A token that
// is not valid gives [tokens.ErrRefused], whatever the reason; one that was used before has
// ended its session, and the records are updated first.
func (b *Base) ExchangeRefresh(ctx context.Context, kind tokens.Kind, refresh string) (tokens.Pair, error) {
	pair, _, err := b.Refresher.Refresh(ctx, kind, refresh)
	var reused *tokens.ReusedError
	if errors.As(err, &reused) {
		// The session has ended in the database; its record must not outlive it.
		if err := b.PassOn(ctx, reused.Account); err != nil {
			return tokens.Pair{}, err
		}
	}
	return pair, err
}
