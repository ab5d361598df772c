package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"stagedoor/state"
)

var _ state.Trails = (*Store)(nil)

// KeepTrails stores trails, sorted by run, so that two servers that store those of the
// same runs wait for each other instead of falling over each other.
func (s *Store) KeepTrails(ctx context.Context, list []state.Trail) error {
	if len(list) == 0 {
		return nil
	}
	for _, t := range list {
		if t.Run == "" {
			return fmt.Errorf("keep trails: a trail of flow %q names no run", t.Flow)
		}
		if err := requireStorable("the trail", t.Run, t.Flow, t.Node, t.As, t.Marks, t.Why); err != nil {
			return fmt.Errorf("keep trails: %w", err)
		}
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b state.Trail) int { return cmp.Compare(a.Run, b.Run) })
	err := s.inTx(ctx, func(tx *tx) error {
		for _, t := range sorted {
			if err := keepTrail(ctx, tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep trails: %w", err)
	}
	return nil
}

func keepTrail(ctx context.Context, tx *tx, t state.Trail) error {
	if _, err := tx.exec(ctx, sqlKeepTrail, t.Run, t.Account, t.Flow, t.Print, t.Client, t.Node, t.As, string(t.Over), t.Marks,
		micros(t.Started), micros(t.Updated), micros(t.Deadline), t.Why); err != nil {
		return err
	}
	for node, wrong := range t.Wrong {
		if _, err := tx.exec(ctx, sqlKeepTries, t.Run, node, wrong); err != nil {
			return err
		}
	}
	return nil
}

// Trail returns what is kept of a run, in one query.
func (s *Store) Trail(ctx context.Context, run string) (state.Trail, error) {
	if !storable(run) {
		return state.Trail{}, state.ErrNotFound
	}
	list, err := s.trails(ctx, sqlTrail, run)
	if err == nil && len(list) == 0 {
		err = state.ErrNotFound
	}
	if err != nil {
		return state.Trail{}, err
	}
	return list[0], nil
}

// TrailsOf returns trails of an account, in one query.
func (s *Store) TrailsOf(ctx context.Context, account state.AccountID, limit int) ([]state.Trail, error) {
	if account == "" {
		return s.trails(ctx, sqlTrails, limit)
	}
	return s.trails(ctx, sqlTrailsOf, account, limit)
}

// trails reads rows of sqlTrailColumns: one for each stage with wrong tries, or one for
// a run without.
func (s *Store) trails(ctx context.Context, query string, args ...any) ([]state.Trail, error) {
	rows, err := s.read.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read trails: %w", err)
	}
	defer rows.Close()
	var out []state.Trail
	for rows.Next() {
		var t state.Trail
		var started, updated, deadline int64
		var node sql.NullString
		var wrong sql.NullInt64
		if err := rows.Scan(&t.Run, &t.Account, &t.Flow, &t.Print, &t.Client, &t.Node, &t.As, &t.Over, &t.Marks,
			&started, &updated, &deadline, &t.Why, &node, &wrong); err != nil {
			return nil, fmt.Errorf("read trails: %w", err)
		}
		if len(out) == 0 || out[len(out)-1].Run != t.Run {
			t.Started, t.Updated, t.Deadline = fromMicros(started), fromMicros(updated), fromMicros(deadline)
			t.Wrong = make(map[string]int)
			out = append(out, t)
		}
		if node.Valid {
			out[len(out)-1].Wrong[node.String] = int(wrong.Int64)
		}
	}
	return out, rows.Err()
}

const (
	sqlKeepTrail = `INSERT INTO runs (run, account_id, flow, print, client, node, shown_as, over, marks, started_at, updated_at, deadline, why)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	ON CONFLICT (run) DO UPDATE SET account_id = excluded.account_id, flow = excluded.flow, print = excluded.print,
		client = excluded.client, node = excluded.node, shown_as = excluded.shown_as, over = excluded.over, marks = excluded.marks,
		started_at = excluded.started_at, updated_at = excluded.updated_at, deadline = excluded.deadline, why = excluded.why
	WHERE runs.updated_at <= excluded.updated_at`
	sqlKeepTries = `INSERT INTO run_tries (run, node, wrong) VALUES ($1, $2, $3)
	ON CONFLICT (run, node) DO UPDATE SET wrong = run_tries.wrong + excluded.wrong`

	sqlTrailColumns = `SELECT picked.run, account_id, flow, print, client, picked.node, shown_as, over, marks,
	started_at, updated_at, deadline, why, t.node, t.wrong FROM `
	sqlTrailTries = ` picked LEFT JOIN run_tries t ON t.run = picked.run ORDER BY updated_at DESC, picked.run, t.node`
	sqlTrail      = sqlTrailColumns + `(SELECT * FROM runs WHERE run = $1)` + sqlTrailTries
	sqlTrailsOf   = sqlTrailColumns + `(SELECT * FROM runs WHERE account_id = $1 ORDER BY updated_at DESC, run LIMIT $2)` + sqlTrailTries
	sqlTrails     = sqlTrailColumns + `(SELECT * FROM runs ORDER BY updated_at DESC, run LIMIT $1)` + sqlTrailTries
)
