package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stagedoor/state"
)

var _ state.Refreshes = (*Store)(nil)

// RefreshFamily reads the chain of refresh tokens of the session with the token, in one
// query.
func (s *Store) RefreshFamily(ctx context.Context, tokenHash []byte, now time.Time) (state.RefreshFamily, error) {
	f, err := s.refreshFamily(ctx, tokenHash, now)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return f, fmt.Errorf("read refresh tokens: %w", err)
	}
	return f, err
}

func (s *Store) refreshFamily(ctx context.Context, tokenHash []byte, now time.Time) (f state.RefreshFamily, err error) {
	if len(tokenHash) == 0 {
		return f, state.ErrNotFound
	}
	rows, err := s.read.query(ctx, sqlRefreshFamily, tokenHash, micros(now))
	if err != nil {
		return f, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return f, err
		}
		return f, state.ErrNotFound
	}
	var expires int64
	var used string
	if err := rows.Scan(&f.Session, &f.Account, &f.Client, &expires, &f.Chain.Current, &used); err != nil {
		return f, err
	}
	f.ExpiresAt = fromMicros(expires)
	if used != "" {
		if err := json.Unmarshal([]byte(used), &f.Chain.Used); err != nil {
			return f, err
		}
	}
	return f, rows.Err()
}

// ExchangeRefresh replaces the chain in one statement that names its condition.
func (s *Store) ExchangeRefresh(ctx context.Context, session int64, from []byte, next state.RefreshChain, now time.Time) error {
	if len(next.Current) == 0 {
		return errors.New("exchange refresh token: there is none to take its place")
	}
	used, err := json.Marshal(next.Used)
	if err != nil {
		return fmt.Errorf("exchange refresh token: %w", err)
	}
	n, err := s.exec(ctx, sqlExchangeRefresh, next.Current, string(used), session, orNull(from), micros(now))
	switch {
	case err != nil:
		return fmt.Errorf("exchange refresh token: %w", err)
	case n == 0:
		return state.ErrSpent
	}
	return nil
}

const (
	sqlRefreshFamily = `SELECT s.id, s.account_id, s.client, s.expires_at, s.refresh_token, s.refresh_used
	FROM sessions s JOIN accounts a ON a.id = s.account_id
	WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.active`
	sqlExchangeRefresh = `UPDATE sessions SET refresh_token = $1, refresh_used = $2
	WHERE id = $3 AND refresh_token IS NOT DISTINCT FROM $4 AND expires_at > $5
	AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = sessions.account_id AND a.active)`
)
