package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrOtherSecret says that servers have used the database with another secret key.
var ErrOtherSecret = errors.New("the database was used with another secret key")

// Ready finds out whether the database takes writes, by one. A standby does not, nor does a
// server whose disk is full.
func (s *Store) Ready(ctx context.Context, now time.Time) error {
	if _, err := s.exec(ctx, sqlReady, micros(now)); err != nil {
		return fmt.Errorf("write to the database: %w", err)
	}
	return nil
}

// Time is what the clock of the database's server says. It is false for SQLite, whose clock
// is this machine's.
func (s *Store) Time(ctx context.Context) (time.Time, bool, error) {
	if s.pool == nil {
		return time.Time{}, false, nil
	}
	rows, err := s.read.query(ctx, clockRead)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("ask the database for the time: %w", err)
	}
	defer rows.Close()
	var now time.Time
	if rows.Next() {
		err = rows.Scan(&now)
	}
	return now, err == nil, errors.Join(err, rows.Err())
}

// SetAhead says by how much the database's clock is ahead of the one that callers go by. What
// one process writes down for others to compare, when a message or a change is due and for how
// long somebody has it, is kept by the database's from then on.
func (s *Store) SetAhead(by time.Duration) { s.ahead.Store(int64(by)) }

// shared is a time of the callers' clock by the database's, in microseconds.
func (s *Store) shared(at time.Time) int64 { return micros(at.Add(time.Duration(s.ahead.Load()))) }

// own is a time that was kept by the database's clock by the callers'.
func (s *Store) own(at int64) time.Time { return fromMicros(at).Add(-time.Duration(s.ahead.Load())) }

// KnowSecret says by fingerprints which secret key this server has, and which others it accepts
// besides. Servers with one database must know each other's: it is refused with [ErrOtherSecret]
// where the newest that any server has had is none of these. One that nobody had before
// becomes the newest.
func (s *Store) KnowSecret(ctx context.Context, present string, others []string, now time.Time) error {
	known, err := s.secrets(ctx)
	if err != nil {
		return err
	}
	if len(known) > 0 && slices.Contains(known, present) {
		return knows(known, present, others)
	}
	// Of servers that start at the same moment one comes first, and the others look again.
	err = s.inTx(ctx, func(tx *tx) error {
		if err := s.dialect.lockNames(ctx, tx, []string{"server keys"}); err != nil {
			return err
		}
		if known, err = secretsOf(tx.query(ctx, sqlServerKeys)); err != nil {
			return err
		}
		if err := knows(known, present, others); err != nil || slices.Contains(known, present) {
			return err
		}
		_, err := tx.exec(ctx, sqlAddServerKey, present, micros(now))
		return err
	})
	if err != nil && !errors.Is(err, ErrOtherSecret) {
		return fmt.Errorf("note which secret key there is: %w", err)
	}
	return err
}

// AcceptSecret makes a secret key the only one that servers of this database may have.
func (s *Store) AcceptSecret(ctx context.Context, present string, now time.Time) error {
	err := s.inTx(ctx, func(tx *tx) error {
		if err := s.dialect.lockNames(ctx, tx, []string{"server keys"}); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, sqlForgetServerKeys); err != nil {
			return err
		}
		_, err := tx.exec(ctx, sqlAddServerKey, present, micros(now))
		return err
	})
	if err != nil {
		return fmt.Errorf("accept a secret key: %w", err)
	}
	return nil
}

// knows says whether a server that has these keys knows the newest of those that there were.
func knows(known []string, present string, others []string) error {
	if len(known) == 0 {
		return nil
	}
	newest := known[len(known)-1]
	if newest == present || slices.Contains(others, newest) {
		return nil
	}
	return fmt.Errorf("%w: its fingerprint is %s, and this one's %s", ErrOtherSecret, newest, present)
}

// secrets are the fingerprints of all secret keys that servers have had, the newest last.
func (s *Store) secrets(ctx context.Context) ([]string, error) {
	list, err := secretsOf(s.read.query(ctx, sqlServerKeys))
	if err != nil {
		return nil, fmt.Errorf("read which secret keys there were: %w", err)
	}
	return list, nil
}

func secretsOf(rows *rowSet, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

const (
	sqlReady            = `INSERT INTO readiness (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at`
	sqlServerKeys       = `SELECT fingerprint FROM server_keys ORDER BY seq`
	sqlAddServerKey     = `INSERT INTO server_keys (fingerprint, added_at) VALUES ($1, $2)`
	sqlForgetServerKeys = `DELETE FROM server_keys`

	clockRead = `SELECT clock_timestamp()`
)
