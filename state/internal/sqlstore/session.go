package sqlstore

import (
	"context"
	"fmt"
	"time"

	"stagedoor/state"
)

// Session returns the session and its account, in one query.
func (s *Store) Session(ctx context.Context, tokenHash []byte, now time.Time) (*state.Session, *state.Account, error) {
	if len(tokenHash) == 0 {
		return nil, nil, state.ErrNotFound
	}
	account, session, err := s.read.account(ctx, sqlAccountBySession, tokenHash, micros(now))
	switch {
	case err != nil:
		return nil, nil, err
	case session == nil || !account.Active:
		return nil, nil, state.ErrNotFound
	}
	return session, account, nil
}

// Touch notes when and from where the session was last seen, if it goes on. A time
// before the one that is noted, and what is empty, leaves that as it is.
func (s *Store) Touch(ctx context.Context, id int64, seen state.Seen) (state.Binding, error) {
	var stored []byte
	var found bool
	err := s.again(ctx, func() error {
		var err error
		found, err = s.write.one(ctx, sqlTouch, []any{micros(seen.At), clean(seen.IP), clean(seen.UserAgent), id}, &stored)
		return err
	})
	switch {
	case err != nil:
		return state.Binding{}, fmt.Errorf("touch session: %w", err)
	case !found:
		return state.Binding{}, state.ErrNotFound
	}
	return state.DecodeBinding(stored)
}

const sqlTouch = `UPDATE sessions SET last_seen = CASE WHEN last_seen < $1 THEN $1 ELSE last_seen END,
	ip = COALESCE(NULLIF($2, ''), ip), user_agent = COALESCE(NULLIF($3, ''), user_agent)
	WHERE id = $4 AND expires_at > $1
	AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = sessions.account_id AND a.active)
	RETURNING binding`

// SessionsOf lists the sessions of an account that go on at now, oldest first.
func (s *Store) SessionsOf(ctx context.Context, account state.AccountID, now time.Time) ([]state.Session, error) {
	rows, err := s.read.query(ctx, sqlSessionsOf, account, micros(now))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return scanSessions(rows)
}

const (
	sqlSessionColumns = ` id, account_id, run, token_hash, client, epoch, created_at, last_seen, expires_at, ip, user_agent, methods, binding, bind_by
	FROM sessions `
	sqlSessionsOf = `SELECT` + sqlSessionColumns + `WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at, id`
)

// scanSessions reads rows of sqlSessionColumns and closes them.
func scanSessions(rows *rowSet) ([]state.Session, error) {
	defer rows.Close()
	var out []state.Session
	for rows.Next() {
		var s state.Session
		var created, seen, expires, bindBy int64
		var methods, binding []byte
		err := rows.Scan(&s.ID, &s.Account, &s.Run, &s.TokenHash, &s.Client, &s.Epoch,
			&created, &seen, &expires, &s.IP, &s.UserAgent, &methods, &binding, &bindBy)
		if err != nil {
			return nil, fmt.Errorf("read session: %w", err)
		}
		s.CreatedAt, s.LastSeen, s.ExpiresAt = fromMicros(created), fromMicros(seen), fromMicros(expires)
		s.Methods, s.BindBy = methods, fromMicros(bindBy)
		if s.Binding, err = state.DecodeBinding(binding); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read session: %w", err)
	}
	return out, nil
}
