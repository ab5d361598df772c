package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"stagedoor/state"
)

var _ state.ProviderSessions = (*Store)(nil)

// signedOutThere is the event of an account whose provider has said that its person signed out.
const signedOutThere = "provider_signed_out"

// noteProviderSession notes by what session at a provider the run signs in, or a session was
// proved again: one that has ended meanwhile notes nothing.
func (t *turn) noteProviderSession(ctx context.Context, w state.NoteProviderSession) error {
	args := []any{t.b.Run, w.Provider, t.b.Account, w.Issuer, w.Subject, w.SID, orNull(w.Hint), t.now(), micros(w.Until)}
	if w.Session == 0 {
		return t.exec(ctx, sqlNoteOfRun, args...)
	}
	return t.exec(ctx, sqlNoteOfSession, append(args[1:], w.Session)...)
}

const (
	sqlNoteOfRun = `INSERT INTO provider_sessions (run, provider, account_id, issuer, subject, sid, hint, noted_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)` + sqlNoteAnew
	sqlNoteOfSession = `INSERT INTO provider_sessions (provider, account_id, issuer, subject, sid, hint, noted_at, expires_at, run)
	SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT), run
	FROM sessions WHERE id = $9 AND account_id = $2` + sqlNoteAnew
	sqlNoteAnew = ` ON CONFLICT (run, provider) DO UPDATE SET account_id = excluded.account_id, issuer = excluded.issuer,
	subject = excluded.subject, sid = excluded.sid, hint = excluded.hint, noted_at = excluded.noted_at, expires_at = excluded.expires_at`
)

// ProviderSession returns what was noted last of a session, in one query.
func (s *Store) ProviderSession(ctx context.Context, account state.AccountID, session int64) (state.ProviderSession, error) {
	var p state.ProviderSession
	rows, err := s.read.query(ctx, sqlProviderSession, session, account)
	if err != nil {
		return p, fmt.Errorf("read the session at a provider: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&p.Provider, &p.Issuer, &p.Subject, &p.SID, &p.Hint); err != nil {
			return state.ProviderSession{}, fmt.Errorf("read the session at a provider: %w", err)
		}
		return p, nil
	}
	if err := rows.Err(); err != nil {
		return p, fmt.Errorf("read the session at a provider: %w", err)
	}
	return p, state.ErrNotFound
}

const sqlProviderSession = `SELECT p.provider, p.issuer, p.subject, p.sid, p.hint
	FROM sessions s JOIN provider_sessions p ON p.run = s.run
	WHERE s.id = $1 AND s.account_id = $2 ORDER BY p.noted_at DESC LIMIT 1`

// EndProviderSessions remembers the word and ends what it means, in one transaction.
func (s *Store) EndProviderSessions(ctx context.Context, l state.ProviderLogout) ([]state.AccountID, error) {
	if err := checkLogout(&l); err != nil {
		return nil, fmt.Errorf("end sessions of a provider: %w", err)
	}
	var ended []state.AccountID
	err := s.inTx(ctx, func(tx *tx) error {
		ended = nil
		n, err := tx.exec(ctx, sqlOnceLogout, l.Token, micros(l.Until))
		switch {
		case err != nil:
			return err
		case n == 0:
			return state.ErrSpent
		}
		meant, err := meantBy(ctx, tx, &l)
		if err != nil || len(meant) == 0 {
			return err
		}
		ended = slices.Sorted(maps.Keys(meant))
		return s.endMeant(ctx, tx, &l, ended)
	})
	if err != nil {
		return nil, fmt.Errorf("end sessions of a provider: %w", err)
	}
	return ended, nil
}

// checkLogout refuses a word that names nobody, or could not be remembered.
func checkLogout(l *state.ProviderLogout) error {
	switch {
	case l.Provider == "" || l.Subject == "" && l.SID == "":
		return errors.New("it says neither who nor which session")
	case len(l.Token) == 0 || l.Until.IsZero() || l.Before.IsZero() || l.Now.IsZero():
		return errors.New("it has no name, or no time")
	}
	return requireStorable("session at a provider", l.Provider, l.Issuer, l.Subject, l.SID)
}

// endMeant locks the accounts, so that no run of theirs is being granted a session, and ends
// what is meant.
func (s *Store) endMeant(ctx context.Context, tx *tx, l *state.ProviderLogout, accounts []state.AccountID) error {
	turns := make(map[state.AccountID]*turn, len(accounts))
	for _, account := range accounts {
		t := &turn{tx: tx, dialect: s.dialect, b: &state.Batch{Account: account, Now: l.Now}, due: s.shared(l.Now)}
		if err := t.lockAccount(ctx, nil); err != nil {
			return err
		}
		turns[account] = t
	}
	meant, err := meantBy(ctx, tx, l)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		t := turns[account]
		for _, run := range meant[account] {
			if err := t.endRun(ctx, run); err != nil {
				return err
			}
		}
		if err := t.audit(ctx, state.Audit{Event: signedOutThere}); err != nil {
			return err
		}
	}
	return nil
}

// endRun ends the session of a run, or has it never be granted one.
func (t *turn) endRun(ctx context.Context, run string) error {
	if err := t.exec(ctx, sqlTellRun, ended, t.due, run, t.b.Account); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlMarkRun, run, t.now()); err != nil {
		return err
	}
	if err := t.exec(ctx, sqlEndRun, run, t.b.Account); err != nil {
		return err
	}
	return t.exec(ctx, sqlForgetRun, run)
}

// meantBy returns the runs that a word means, by account. A session whose name there is not
// known is meant by every word about its person.
func meantBy(ctx context.Context, tx *tx, l *state.ProviderLogout) (map[state.AccountID][]string, error) {
	query, args := sqlMeantBySID, []any{l.SID, l.Provider, l.Issuer, micros(l.Before)}
	if l.Subject != "" {
		query, args = sqlMeantBySubject, []any{l.Subject, l.Provider, l.Issuer, micros(l.Before), l.SID}
	}
	rows, err := tx.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[state.AccountID][]string{}
	for rows.Next() {
		var account state.AccountID
		var run string
		if err := rows.Scan(&account, &run); err != nil {
			return nil, err
		}
		out[account] = append(out[account], run)
	}
	return out, rows.Err()
}

const (
	sqlOnceLogout = `INSERT INTO provider_logouts (token, until) VALUES ($1, $2) ON CONFLICT (token) DO NOTHING`
	sqlMeantBySID = `SELECT account_id, run FROM provider_sessions
	WHERE sid = $1 AND sid <> '' AND provider = $2 AND issuer = $3 AND noted_at <= $4`
	sqlMeantBySubject = `SELECT account_id, run FROM provider_sessions
	WHERE subject = $1 AND provider = $2 AND issuer = $3 AND noted_at <= $4 AND (CAST($5 AS TEXT) = '' OR sid = '' OR sid = $5)`
	sqlTellRun = `INSERT INTO changes (account_id, token_hash, kind, snapshot, queued_at, due_at)
	SELECT account_id, token_hash, CAST($1 AS TEXT), '', CAST($2 AS BIGINT), CAST($2 AS BIGINT)
	FROM sessions WHERE run = $3 AND account_id = $4`
	sqlMarkRun   = `INSERT INTO ended_runs (run, ended_at) VALUES ($1, $2) ON CONFLICT (run) DO NOTHING`
	sqlEndRun    = `DELETE FROM sessions WHERE run = $1 AND account_id = $2`
	sqlForgetRun = `DELETE FROM provider_sessions WHERE run = $1`
)
