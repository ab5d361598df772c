package hijack

import (
	"context"
	"errors"
	"slices"

	"stagedoor/state"
	"stagedoor/transport/server"
)

// unprotected are stores that do not ask who put a credential there: whoever proves a
// contact stands behind all that the account carries, and a contact names an account that
// has another one proved.
func unprotected(s server.Stores) server.Stores {
	f := &forgetful{Accounts: s.Accounts, Ledger: s.Ledger}
	s.Accounts, s.Ledger = f, f
	return s
}

type forgetful struct {
	state.Accounts
	state.Ledger
	made []state.AccountID
}

// Commit stores a batch, and gives back what ended because a contact was proved.
func (f *forgetful) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	b.Writes = slices.Clone(b.Writes)
	proves := false
	for i, w := range b.Writes {
		switch w := w.(type) {
		case state.CreateAccount:
			f.made = append(f.made, b.Account)
		case state.ProveContact:
			w.Own, w.Recovers, proves = true, false, true
			b.Writes[i] = w
		}
	}
	var before *state.Account
	if proves {
		before, _ = f.Account(ctx, b.Account)
	}
	receipt, err := f.Ledger.Commit(ctx, b)
	if err != nil || before == nil {
		return receipt, err
	}
	ended := state.Batch{Run: b.Run + " again", Account: b.Account, Now: b.Now, Writes: lost(before, receipt.Account)}
	again, err := f.Ledger.Commit(ctx, ended)
	receipt.Account = again.Account
	return receipt, err
}

// lost are writes that give an account back what it had.
func lost(before, after *state.Account) (writes []state.Write) {
	for _, x := range before.Authenticators {
		if !slices.ContainsFunc(after.Authenticators, func(y state.Authenticator) bool { return y.ID == x.ID }) {
			writes = append(writes, state.AddAuthenticator{Authenticator: x})
		}
	}
	for _, p := range before.Providers {
		if !slices.ContainsFunc(after.Providers, func(q state.ProviderAccount) bool { return q.Provider == p.Provider && q.UID == p.UID }) {
			writes = append(writes, state.ConnectProvider{Account: p})
		}
	}
	for _, e := range before.Emails {
		if after.Email(e.Address) == nil {
			writes = append(writes, state.AddEmail{Address: e.Address})
		}
	}
	return writes
}

// Find looks for an account, verified there or not.
func (f *forgetful) Find(ctx context.Context, key state.Key) (*state.Account, error) {
	a, err := f.Accounts.Find(ctx, key)
	if !errors.Is(err, state.ErrNotFound) || key.Kind != "email" && key.Kind != "phone" {
		return a, err
	}
	for _, id := range f.made {
		if a, err := f.Account(ctx, id); err == nil && (a.Email(key.Value) != nil || a.Phone == key.Value) {
			return a, nil
		}
	}
	return nil, err
}

// Named looks for whom a name is of.
func (f *forgetful) Named(ctx context.Context, key state.Key) (state.Named, error) {
	named, err := f.Accounts.Named(ctx, key)
	if err != nil || named.Account != nil {
		return named, err
	}
	if a, err := f.Find(ctx, key); err == nil {
		named.Account = a
	}
	return named, nil
}
