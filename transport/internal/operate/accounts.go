package operate

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stagedoor/state"
)

// Database is what an [Operator] works on.
type Database interface {
	state.Accounts
	state.Ledger
	// SessionsOf lists the sessions of an account, see [state.Sessions].
	SessionsOf(ctx context.Context, account state.AccountID, now time.Time) ([]state.Session, error)
}

// Operator changes accounts past every flow, in the database that servers work with.
type Operator struct {
	database Database
	now      func() time.Time
}

// NewOperator makes an operator of a database.
func NewOperator(d Database, now func() time.Time) *Operator { return &Operator{d, now} }

// SetActive enables an account, or disables it: then it cannot sign in, its sessions end
// and so do sign-ins under way. Like all methods it takes whatever names an account (its
// id, an address, a number (+ and digits) or its username), fails with [ErrNobody] where
// there is none, and returns what to call it.
func (p *Operator) SetActive(ctx context.Context, who string, active bool) (string, error) {
	event := "account_disabled"
	if active {
		event = "account_enabled"
	}
	return p.commit(ctx, who, event, func(*state.Account) ([]state.Write, error) {
		return []state.Write{state.SetActive{Active: active}}, nil
	})
}

// SignOut ends every session of an account, and sign-ins under way.
func (p *Operator) SignOut(ctx context.Context, who string) (string, error) {
	return p.commit(ctx, who, "sessions_ended", func(*state.Account) ([]state.Write, error) { return []state.Write{state.RaiseEpoch{}}, nil })
}

// RemoveFactors takes all authenticators from an account, and ends its sessions and
// sign-ins under way: whoever holds a lost phone may have used it. The person signs in
// with what is left, and sets up a new second factor. It fails with [ErrNoFactors] where
// there are none.
func (p *Operator) RemoveFactors(ctx context.Context, who string) (string, error) {
	return p.commit(ctx, who, "authenticators_removed", func(a *state.Account) ([]state.Write, error) {
		var ids []int64
		for _, x := range a.Authenticators {
			ids = append(ids, x.ID)
		}
		if len(ids) == 0 {
			return nil, fmt.Errorf("%s: %w", called(a), ErrNoFactors)
		}
		return []state.Write{state.RemoveAuthenticators{IDs: ids}, state.RaiseEpoch{}}, nil
	})
}

// ErrNoFactors says that an account has nothing that could be removed.
var ErrNoFactors = errors.New("it has no authenticators")

// called is how an account is called: its id and a name.
func called(a *state.Account) string { return fmt.Sprintf("%s (%s)", a.ID, a.Snapshot().Display()) }

// commit stores what is to be written about an account.
func (p *Operator) commit(ctx context.Context, who, event string, writes func(*state.Account) ([]state.Write, error)) (string, error) {
	a, err := find(ctx, p.database, who)
	if err != nil {
		return "", err
	}
	list, err := writes(a)
	if err != nil {
		return "", err
	}
	var run [16]byte
	if _, err := rand.Read(run[:]); err != nil {
		return "", err
	}
	_, err = p.database.Commit(ctx, state.Batch{
		Run: base64.RawURLEncoding.EncodeToString(run[:]), Account: a.ID, Now: p.now(),
		Writes: append(list, state.Audit{Event: event, Data: json.RawMessage(`{"by":"operator"}`)}),
	})
	return called(a), err
}
