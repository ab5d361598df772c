package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stagedoor/state"
	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// Stores are where accounts, their sessions and what else must survive are kept, one
// contract each. A program that keeps accounts of its own implements them; the suite in
// state/statetest says whether it does. One value may be all of them: they share their
// transactions, since [state.Ledger] writes what the others read.
type Stores struct {
	state.Accounts
	state.Sessions
	state.Ledger
	state.Outbox
	state.Changes
	// Refreshes are needed where headless.token_strategy is jwt, Trails where
	// trails.keep_days is not 0.
	state.Refreshes
	state.Trails
	// ProviderSessions are needed where a provider of the configuration has sign_out or
	// backchannel_logout.
	state.ProviderSessions
	// Upkeep may be left out.
	Upkeep
}

// Upkeep is what a server does with its database beside the contracts. One that has a clock of its
// own may say so, with the methods Time(context.Context) (time.Time, bool, error), what it says now
// and whether it is another than this process's, and SetAhead(time.Duration), by how much it is
// ahead: what several servers compare should go by it.
type Upkeep interface {
	// Ping asks for a sign of life: /readyz answers 503 while it fails. What also has a method
	// Ready(context.Context, time.Time) error is asked that: whether it takes a write.
	Ping(ctx context.Context) error
	// Sweep deletes what is of no use after now and returns how many rows. It is called
	// once an hour.
	Sweep(ctx context.Context, now time.Time) (int64, error)
	// Busy reports whether any released message waits to be sent or any change to be passed
	// on; see [Server.WaitIdle].
	Busy(ctx context.Context) (bool, error)
	// Close ends it, after the last request.
	Close() error
}

// noUpkeep is the upkeep of stores that look after themselves.
type noUpkeep struct{}

// Ping finds nothing wrong.
func (noUpkeep) Ping(context.Context) error { return nil }

// Sweep deletes nothing.
func (noUpkeep) Sweep(context.Context, time.Time) (int64, error) { return 0, nil }

// Busy knows of nothing that waits.
func (noUpkeep) Busy(context.Context) (bool, error) { return false, nil }

// Close leaves the stores to the program that opened them.
func (noUpkeep) Close() error { return nil }

// storesOf are the stores that one database is.
func storesOf(db *stores.SQL) Stores {
	return Stores{Accounts: db, Sessions: db, Ledger: db, Outbox: db, Changes: db, Refreshes: db, Trails: db, ProviderSessions: db, Upkeep: db}
}

// openStores opens the program's stores, or the database the configuration names.
func (s *Server) openStores(ctx context.Context, keys *state.Keyring) error {
	if s.options.Stores == nil {
		db, err := openDatabase(ctx, s.config, keys, s.options.Log)
		if err != nil {
			return err
		}
		s.database = storesOf(db)
		return s.knowSecret(ctx, db, keys)
	}
	own, err := s.options.Stores(ctx, keys)
	if err != nil {
		return fmt.Errorf("open the program's stores: %w", err)
	}
	if own.Upkeep == nil {
		own.Upkeep = noUpkeep{}
	}
	s.database = own
	return own.missing(s.config)
}

// missing says which stores are missing, all together.
func (d Stores) missing(c config.Config) error {
	var faults []error
	for _, s := range []struct {
		name    string
		missing bool
		why     string
	}{
		{"Accounts", d.Accounts == nil, ""}, {"Sessions", d.Sessions == nil, ""}, {"Ledger", d.Ledger == nil, ""},
		{"Outbox", d.Outbox == nil, ""}, {"Changes", d.Changes == nil, ""},
		{"Refreshes", d.Refreshes == nil && c.Headless.TokenStrategy == "jwt", "; headless.token_strategy jwt needs it"},
		{"ProviderSessions", d.ProviderSessions == nil && c.FollowsSignOuts(), "; sign_out and backchannel_logout of a provider need it"},
		{"Trails", d.Trails == nil && c.Trails.KeepDays > 0, "; set trails.keep_days to 0 to do without"},
	} {
		if s.missing {
			faults = append(faults, fmt.Errorf("the program's stores have no %s%s", s.name, s.why))
		}
	}
	return errors.Join(faults...)
}

// ledger is where everything is committed that is no turn of a run: it makes events of what
// it stores.
func (s *Server) ledger() state.Ledger { return eventLedger{s.database.Ledger, s.events} }
