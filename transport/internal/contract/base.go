package contract

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
	"stagedoor/transport/internal/dpop"
	"stagedoor/transport/internal/token"
	"stagedoor/transport/internal/wire"
)

// Base is what every contract is made of, whatever its routes and shapes.
type Base struct {
	Engine   *engine.Engine
	Visits   *Visits
	Accounts *accounts.Service
	Ledger   state.Ledger
	Tokens   *token.Tokens
	Keys     *state.Keyring
	Rates    engine.Rates

	// JWT and Refresher, if not nil, give clients signed access tokens, with refresh tokens
	// besides.
	JWT       *token.JWT
	Refresher *token.Refresher

	// Proofs, if not nil, lets apps and clients of the plain contract show that they hold a key;
	// ProofRequired begins nothing with one that does not.
	Proofs        *dpop.Verifier
	ProofRequired bool

	// Public is the answer of GET config, Offers the same with what is switched on; Providers are the third parties that people can
	// sign in with, in the order they are offered.
	Public, Offers any
	Providers      []state.Provider
	// FactorTypes are the kinds of second factor there are, of totp, recovery_codes and webauthn.
	FactorTypes []string
	// Callbacks are the paths on which providers send browsers back, by the provider's id.
	Callbacks map[string]string
	// Origin is where clients find this server.
	Origin string
	// EmailByCode: addresses are verified by a code, not by a link.
	EmailByCode bool
	SignupOpen  bool
	// PasswordMinLength is in characters.
	PasswordMinLength int
	// Reauthentication is what asks a signed-in client to prove again whose session it is.
	Reauthentication Reauthentication
	// LogoutOnPasswordChange ends the session that changed the password.
	LogoutOnPasswordChange bool
	// DeviceBound is how browsers bind their sessions, nil where they do not.
	DeviceBound *DeviceBound
	// Idle is how long the record of a client without a session lives after its last write.
	Idle time.Duration

	// BodyLimit is in bytes. Network tells clients apart.
	BodyLimit int64
	Network   wire.Network
	Now       func() time.Time
	Rand      io.Reader
	Log       *slog.Logger
	// Committed is called after a request that may have queued messages or changes.
	Committed func()
	// Elsewhere, if not nil, says where who signs out is to sign out, too.
	Elsewhere Elsewhere
	// PassOn updates the records of an account's other sessions at once after a change.
	PassOn func(ctx context.Context, account state.AccountID) error
}

// Provider returns what everybody may know of a configured provider.
func (b *Base) Provider(id string) (state.Provider, bool) {
	i := slices.IndexFunc(b.Providers, func(p state.Provider) bool { return p.ID == id })
	if i < 0 {
		return state.Provider{}, false
	}
	return b.Providers[i], true
}

// CallbackURL is where a provider sends browsers back to, unless another address is configured.
func (b *Base) CallbackURL(provider string) string {
	if path := b.Callbacks[provider]; path != "" {
		return b.Origin + path
	}
	return b.PlainCallbackURL(provider)
}

// PlainCallbackURL is the address that is the same for every kind of provider: it answers even
// where another is used.
func (b *Base) PlainCallbackURL(provider string) string {
	return b.Origin + "/accounts/" + url.PathEscape(provider) + "/login/callback/"
}

// ProviderAt is the id of the provider that sends browsers back to a path; without one it is
// what the path calls it.
func (b *Base) ProviderAt(path, called string) string {
	for id, own := range b.Callbacks {
		if own == path {
			return id
		}
	}
	return called
}

// HasFlow reports whether this server has the flow.
func (b *Base) HasFlow(flow engine.FlowID) bool { return b.Engine.Flows.Flow(flow) != nil }

// Local reports whether accounts can be signed in to without a third party.
func (b *Base) Local() bool { return b.HasFlow(LoginFlow) }

// HasFactor reports whether accounts can have a kind of second factor.
func (b *Base) HasFactor(kind string) bool { return slices.Contains(b.FactorTypes, kind) }

// FirstFields are the fields of the first stage of a flow, nil where there is no such flow.
func (b *Base) FirstFields(flow engine.FlowID) []engine.Field {
	f := b.Engine.Flows.Flow(flow)
	if f == nil {
		return nil
	}
	return f.Graph.Nodes[f.Graph.Start].Stage.Fields
}

// ResetFlow is the flow that asks for a link or a code to reset a password with.
func (b *Base) ResetFlow() engine.FlowID {
	if b.HasFlow(ResetStage) {
		return ResetStage
	}
	return "password_reset_request"
}
