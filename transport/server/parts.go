package server

import (
	"context"
	"errors"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

// Parts are what stages of a program may be made of. The stores answer once the server
// has started: a stage asks them while it judges, not while it is made.
type Parts struct {
	// Accounts and Sessions read what the database holds.
	Accounts state.Accounts
	Sessions state.Sessions
	// Keys authenticate and seal, each purpose for itself, and hide what limits count.
	Keys *state.Keyring
	// Codes makes and judges the codes of stages that send one, in the format of user_code_format.
	Codes stages.Codes
	// Settings are those of the shipped stages, for a way in that shares their tail (see
	// [stagedoor/flows.SignIn]). They must not be changed.
	Settings stages.Settings
	// Rates are the limits of the shipped stages; see [engine.Rates.Takes].
	Rates engine.Rates
}

// errNotOpen says that a store was asked before there was one.
var errNotOpen = errors.New("the database is not open yet; ask it while a stage judges, not while it is made")

func (s *Server) parts(env *stages.Env) Parts {
	return Parts{
		Accounts: later{s}, Sessions: later{s}, Keys: env.Keys,
		Codes: stages.Codes{Keys: env.Keys, Format: env.CodeFormats.Other}, Settings: env.Settings, Rates: env.Rates,
	}
}

// later are the stores of a server that opens them after its flows have been proved.
type later struct{ *Server }

func (l later) opened() error {
	if l.database.Accounts == nil {
		return errNotOpen
	}
	return nil
}

// Account implements [state.Accounts].
func (l later) Account(ctx context.Context, id state.AccountID) (*state.Account, error) {
	if err := l.opened(); err != nil {
		return nil, err
	}
	return l.database.Account(ctx, id)
}

// Find implements [state.Accounts].
func (l later) Find(ctx context.Context, key state.Key) (*state.Account, error) {
	if err := l.opened(); err != nil {
		return nil, err
	}
	return l.database.Find(ctx, key)
}

// Named implements [state.Accounts].
func (l later) Named(ctx context.Context, key state.Key) (state.Named, error) {
	if err := l.opened(); err != nil {
		return state.Named{}, err
	}
	return l.database.Named(ctx, key)
}

// Session implements [state.Sessions].
func (l later) Session(ctx context.Context, tokenHash []byte, now time.Time) (*state.Session, *state.Account, error) {
	if err := l.opened(); err != nil {
		return nil, nil, err
	}
	return l.database.Session(ctx, tokenHash, now)
}

// Touch implements [state.Sessions].
func (l later) Touch(ctx context.Context, id int64, seen state.Seen) (state.Binding, error) {
	if err := l.opened(); err != nil {
		return state.Binding{}, err
	}
	return l.database.Touch(ctx, id, seen)
}

// SessionsOf implements [state.Sessions].
func (l later) SessionsOf(ctx context.Context, account state.AccountID, now time.Time) ([]state.Session, error) {
	if err := l.opened(); err != nil {
		return nil, err
	}
	return l.database.SessionsOf(ctx, account, now)
}
