package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"stagedoor/state"
)

// The kinds of a [state.Change].
const (
	snapshot  = "snapshot"
	ended     = "ended"
	signedOut = "signed_out"
)

// grant inserts the session, unless the run has one: then that one is the answer. A run
// whose session was ended gets none; a late twin of a sign-in must not undo a logout.
func (t *turn) grant(ctx context.Context, a *state.Account) error {
	if t.b.Session == nil {
		return nil
	}
	if !a.Active {
		return state.ErrEnded
	}
	s := *t.b.Session
	s.Epoch = a.Epoch
	s.IP, s.UserAgent = clean(s.IP), clean(s.UserAgent)
	n, err := t.tx.exec(ctx, sqlGrant, s.ID, s.Account, s.Run, s.TokenHash, s.Client, s.Epoch,
		micros(s.CreatedAt), micros(s.LastSeen), micros(s.ExpiresAt), s.IP, s.UserAgent, orNull(s.Methods), orNull(s.Binding.Encode()), micros(s.BindBy))
	if err != nil {
		return err
	}
	if n > 0 {
		s.CreatedAt = fromMicros(micros(s.CreatedAt))
		s.LastSeen = fromMicros(micros(s.LastSeen))
		s.ExpiresAt = fromMicros(micros(s.ExpiresAt))
		s.Binding.At, s.BindBy = fromMicros(micros(s.Binding.At)), fromMicros(micros(s.BindBy))
		t.receipt.Session = &s
		return nil
	}
	rows, err := t.tx.query(ctx, sqlSessionByRun, s.Run, a.ID)
	if err != nil {
		return err
	}
	stored, err := scanSessions(rows)
	if err != nil {
		return err
	}
	if len(stored) == 0 {
		return state.ErrEnded
	}
	t.receipt.Session = &stored[0]
	return nil
}

// renewSession gives a session of the account another token.
func (t *turn) renewSession(ctx context.Context, w state.RenewSession) error {
	n, err := t.tx.exec(ctx, sqlRenewSession, w.TokenHash, w.Session, t.b.Account)
	if err == nil && n == 0 {
		return state.ErrEnded
	}
	return err
}

// bindSession binds a session of the account to a key, once.
func (t *turn) bindSession(ctx context.Context, w state.BindSession) error {
	n, err := t.tx.exec(ctx, sqlBindSession, w.Binding.Encode(), w.Session, t.b.Account)
	if err != nil || n > 0 {
		return err
	}
	var stored []byte
	found, err := t.tx.one(ctx, sqlBindingOf, []any{w.Session, t.b.Account}, &stored)
	switch {
	case err != nil:
		return err
	case !found:
		return state.ErrEnded
	}
	binding, err := state.DecodeBinding(stored)
	if err == nil && !binding.Same(w.Binding) {
		return state.ErrSpent
	}
	return err
}

// checkBinding refuses what is no binding.
func checkBinding(b state.Binding) error {
	if !b.Bound() || b.Thumbprint == "" {
		return errors.New("a session is bound to no key")
	}
	return requireStorable("binding", b.Kind, b.Thumbprint)
}

const (
	sqlBindSession  = `UPDATE sessions SET binding = $1 WHERE id = $2 AND account_id = $3 AND binding IS NULL`
	sqlBindingOf    = `SELECT binding FROM sessions WHERE id = $1 AND account_id = $2`
	sqlRenewSession = `UPDATE sessions SET token_hash = $1 WHERE id = $2 AND account_id = $3`
	sqlGrant        = `INSERT INTO sessions (id, account_id, run, token_hash, client, epoch,
		created_at, last_seen, expires_at, ip, user_agent, methods, binding, bind_by)
	SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
	WHERE NOT EXISTS (SELECT 1 FROM ended_runs WHERE run = $3)
	ON CONFLICT (run) DO NOTHING`
	sqlSessionByRun = `SELECT` + sqlSessionColumns + `WHERE run = $1 AND account_id = $2`
)

// endOthers ends every session of the account but the one to keep, and but the one this
// same run was granted: a repeated turn must not end what the first one began.
func (t *turn) endOthers(ctx context.Context, kind string, keep int64) error {
	own := ""
	if t.b.Session != nil {
		own = t.b.Run
	}
	err := t.exec(ctx, sqlTellOthers, kind, t.due, t.b.Account, keep, own)
	if err != nil {
		return err
	}
	if err := t.exec(ctx, sqlMarkOthers, t.now(), t.b.Account, keep, own); err != nil {
		return err
	}
	return t.exec(ctx, sqlEndOthers, t.b.Account, keep, own)
}

const (
	sqlTellOthers = `INSERT INTO changes (account_id, token_hash, kind, snapshot, queued_at, due_at)
	SELECT account_id, token_hash, CAST($1 AS TEXT), '', CAST($2 AS BIGINT), CAST($2 AS BIGINT)
	FROM sessions WHERE account_id = $3 AND id <> $4 AND run <> $5`
	sqlMarkOthers = `INSERT INTO ended_runs (run, ended_at) SELECT run, CAST($1 AS BIGINT)
	FROM sessions WHERE account_id = $2 AND id <> $3 AND run <> $4 ON CONFLICT (run) DO NOTHING`
	sqlEndOthers = `DELETE FROM sessions WHERE account_id = $1 AND id <> $2 AND run <> $3`
)

// endSessions ends sessions of this account alone, whatever ids are given.
func (t *turn) endSessions(ctx context.Context, w state.EndSessions) error {
	for _, id := range w.IDs {
		if err := t.exec(ctx, sqlTellOne, ended, t.due, t.b.Account, id); err != nil {
			return err
		}
		if err := t.exec(ctx, sqlMarkOne, t.now(), t.b.Account, id); err != nil {
			return err
		}
		if err := t.exec(ctx, sqlEndOne, t.b.Account, id); err != nil {
			return err
		}
	}
	return nil
}

const (
	sqlTellOne = `INSERT INTO changes (account_id, token_hash, kind, snapshot, queued_at, due_at)
	SELECT account_id, token_hash, CAST($1 AS TEXT), '', CAST($2 AS BIGINT), CAST($2 AS BIGINT)
	FROM sessions WHERE account_id = $3 AND id = $4`
	sqlMarkOne = `INSERT INTO ended_runs (run, ended_at) SELECT run, CAST($1 AS BIGINT)
	FROM sessions WHERE account_id = $2 AND id = $3 ON CONFLICT (run) DO NOTHING`
	sqlEndOne = `DELETE FROM sessions WHERE account_id = $1 AND id = $2`
)

// tellSnapshot queues the new snapshot for the sessions that are left, where the batch
// can have changed it. A sign-in alone changes nothing that answers need.
func (t *turn) tellSnapshot(ctx context.Context, a *state.Account) error {
	if !t.shown {
		return nil
	}
	text, err := json.Marshal(a.Snapshot())
	if err != nil {
		return fmt.Errorf("encode snapshot: %w", err)
	}
	return t.exec(ctx, sqlTellSnapshot, snapshot, string(text), t.due, a.ID)
}

const sqlTellSnapshot = `INSERT INTO changes (account_id, token_hash, kind, snapshot, queued_at, due_at)
	SELECT account_id, token_hash, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($3 AS BIGINT)
	FROM sessions WHERE account_id = $4 AND expires_at > $3`

// logMethods comes after the grant: it may be about the session just granted.
func (t *turn) logMethods(ctx context.Context) error {
	for _, w := range t.b.Writes {
		l, ok := w.(state.LogMethods)
		if !ok {
			continue
		}
		if err := t.exec(ctx, sqlLogMethods, orNull(l.Methods), t.b.Account, l.Session); err != nil {
			return err
		}
		if s := t.receipt.Session; s != nil && s.ID == l.Session {
			s.Methods = l.Methods
		}
	}
	return nil
}

const sqlLogMethods = `UPDATE sessions SET methods = $1 WHERE account_id = $2 AND id = $3`
