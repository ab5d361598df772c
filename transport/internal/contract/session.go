package contract

import (
	"context"
	"errors"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/internal/token"
)

// Changed takes over the account after a change, so that answers to this session show it at
// once; other sessions learn of it from the queue of changes.
func (v *Visits) Changed(ctx context.Context, visit *Visit, account *state.Account) error {
	visit.Account = account.Snapshot()
	return v.Refresh.Refresh(ctx, visit.Key, visit.Account.Encode(), account.Revision)
}

// EndSession ends the visit's session, or drops its pending runs. The visit is an anonymous
// one afterwards.
func (v *Visits) EndSession(ctx context.Context, ledger state.Ledger, visit *Visit, now time.Time) error {
	if visit.SignedIn {
		_, err := ledger.Commit(ctx, state.Batch{
			Account: visit.Ticket.Account, Now: now,
			Writes: []state.Write{state.EndSessions{IDs: []int64{visit.Ticket.Session}}},
		})
		if err != nil && !isNotFound(err) {
			return err
		}
	}
	if err := v.dropRecord(ctx, visit); err != nil {
		return err
	}
	*visit = Visit{}
	return nil
}

func (v *Visits) dropRecord(ctx context.Context, visit *Visit) error {
	if visit.Key == "" {
		return nil
	}
	return v.Records.End(ctx, visit.Key, engine.Tombstone{})
}

// ExchangeRefresh returns new tokens for a refresh token of a client's kind. A token that
// is not valid gives [token.ErrRefused], whatever the reason; one that was used before has
// ended its session, and the records are updated first. It counts as a use of the session. One
// that is bound to a key is good for nothing without a proof by it, and is not looked at further.
func (c *Call) ExchangeRefresh(ctx context.Context, kind token.Kind, refresh string) (token.Pair, error) {
	err := c.spend(ctx, func() error {
		_, err := c.Refresher.Tokens.VerifyRefresh(kind, refresh)
		return err
	})
	if err != nil {
		return token.Pair{}, err
	}
	pair, claims, err := c.Refresher.Refresh(ctx, kind, refresh, c.Shown)
	var copied *token.UnheldError
	if errors.As(err, &copied) {
		// Looking for its session tells whoever is to learn that somebody came without the key.
		if _, _, err := c.Visits.OpenHash(ctx, copied.TokenHash, c, nil); err != nil {
			return token.Pair{}, err
		}
		return token.Pair{}, unheld()
	}
	if err == nil {
		c.Visits.used(claims.Session, c)
	}
	var reused *token.ReusedError
	if errors.As(err, &reused) {
		// The session has ended in the database; its record must not outlive it.
		if err := c.PassOn(ctx, reused.Account); err != nil {
			return token.Pair{}, err
		}
	}
	return pair, err
}

func isNotFound(err error) bool { return errors.Is(err, state.ErrNotFound) }
