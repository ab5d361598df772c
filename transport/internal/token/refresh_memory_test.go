package token_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

// memory is a store of accounts, sessions and refresh tokens for tests. It does what is
// done to sessions, and leaves out whatever the tokens do not touch.
type memory struct {
	state.Accounts
	state.Sessions

	mu       sync.Mutex
	accounts map[state.AccountID]*state.Account
	sessions map[int64]*state.Session
	chains   map[int64]state.RefreshChain
	events   []string
	// What RefreshFamily, ExchangeRefresh and Commit say, where that is not nil.
	failFamily, failExchange, failCommit error
}

func newMemory() *memory {
	return &memory{
		accounts: map[state.AccountID]*state.Account{}, sessions: map[int64]*state.Session{}, chains: map[int64]state.RefreshChain{},
	}
}

// grant stores a session of an account that is made if need be.
func (m *memory) grant(s *state.Session) *state.Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.accounts[s.Account] == nil {
		m.accounts[s.Account] = &state.Account{ID: s.Account, Active: true}
	}
	m.sessions[s.ID] = s
	return s
}

func (m *memory) Account(_ context.Context, id state.AccountID) (*state.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a := m.accounts[id]; a != nil {
		return a.Clone(), nil
	}
	return nil, state.ErrNotFound
}

// Commit applies the writes and ends the sessions they end.
func (m *memory) Commit(ctx context.Context, b state.Batch) (state.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return state.Receipt{}, err
	}
	if m.failCommit != nil {
		return state.Receipt{}, m.failCommit
	}
	if m.accounts[b.Account] == nil {
		m.accounts[b.Account] = &state.Account{}
	}
	a := m.accounts[b.Account]
	for _, w := range b.Writes {
		w.Apply(a)
		switch w := w.(type) {
		case state.Audit:
			m.events = append(m.events, w.Event+string(w.Data))
		case state.EndSessions:
			m.end(b.Account, func(s *state.Session) bool { return slices.Contains(w.IDs, s.ID) })
		case state.SetPassword, state.RaiseEpoch:
			m.end(b.Account, func(*state.Session) bool { return true })
		case state.SetActive:
			m.end(b.Account, func(*state.Session) bool { return !w.Active })
		}
	}
	r := state.Receipt{Account: a.Clone()}
	if b.Session != nil {
		r.Session = b.Session
		for _, s := range m.sessions {
			if s.Run == b.Session.Run {
				r.Session = s
			}
		}
		m.sessions[r.Session.ID] = r.Session
	}
	return r, nil
}

func (m *memory) end(account state.AccountID, which func(*state.Session) bool) {
	for id, s := range m.sessions {
		if s.Account == account && which(s) {
			delete(m.sessions, id)
			delete(m.chains, id)
		}
	}
}

func (m *memory) Release(context.Context, string, uint64, time.Time) error { return nil }
func (m *memory) Abandon(context.Context, string, uint64) error            { return nil }

func (m *memory) SessionsOf(_ context.Context, account state.AccountID, now time.Time) ([]state.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []state.Session
	for _, s := range m.sessions {
		if s.Account == account && m.goesOn(s, now) {
			out = append(out, *s)
		}
	}
	return out, nil
}

func (m *memory) goesOn(s *state.Session, now time.Time) bool {
	return s != nil && s.ExpiresAt.After(now) && m.accounts[s.Account].Active
}

func (m *memory) RefreshFamily(_ context.Context, tokenHash []byte, now time.Time) (state.RefreshFamily, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failFamily != nil {
		return state.RefreshFamily{}, m.failFamily
	}
	for _, s := range m.sessions {
		if bytes.Equal(s.TokenHash, tokenHash) && m.goesOn(s, now) {
			return state.RefreshFamily{Session: s.ID, Account: s.Account, Client: s.Client, ExpiresAt: s.ExpiresAt, Chain: m.chains[s.ID]}, nil
		}
	}
	return state.RefreshFamily{}, state.ErrNotFound
}

func (m *memory) ExchangeRefresh(_ context.Context, session int64, from []byte, next state.RefreshChain, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored := m.chains[session].Current
	switch {
	case m.failExchange != nil:
		return m.failExchange
	case len(next.Current) == 0:
		return errors.New("no successor")
	case !m.goesOn(m.sessions[session], now), (from == nil) != (stored == nil), !bytes.Equal(stored, from):
		return state.ErrSpent
	}
	m.chains[session] = next
	return nil
}

// The store that the other tests lean on keeps the contract itself.
func TestMemory(t *testing.T) {
	statetest.RunRefreshes(t, func(t *testing.T) (statetest.Stores, state.Refreshes) {
		m := newMemory()
		return statetest.Stores{Accounts: m, Ledger: m, Sessions: m}, m
	})
}
