package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"stagedoor/state"
)

// ClaimChanges takes changes, those first that are due longest. While none is due it only
// reads.
func (s *Store) ClaimChanges(ctx context.Context, account state.AccountID, now time.Time, lease time.Duration, limit int) ([]state.Change, error) {
	due, err := s.changesDue(ctx, account, now)
	if err != nil {
		return nil, fmt.Errorf("claim changes: %w", err)
	}
	if !due || limit <= 0 {
		return nil, nil
	}
	var claimed []state.Change
	err = s.inTx(ctx, func(tx *tx) error {
		claimed, err = s.claimChanges(ctx, tx, account, now, lease, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim changes: %w", err)
	}
	return claimed, nil
}

func (s *Store) changesDue(ctx context.Context, account state.AccountID, now time.Time) (bool, error) {
	rows, err := s.read.query(ctx, sqlChangesDue, s.shared(now), account)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var due bool
	if rows.Next() {
		err = rows.Scan(&due)
	}
	if err == nil {
		err = rows.Err()
	}
	return due, err
}

func (s *Store) claimChanges(ctx context.Context, tx *tx, account state.AccountID, now time.Time, lease time.Duration, limit int) ([]state.Change, error) {
	rows, err := tx.query(ctx, s.dialect.text(sqlClaimChanges), s.shared(now), account, limit, s.shared(now.Add(lease)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var claimed []state.Change
	for rows.Next() {
		var c state.Change
		var text string
		if err := rows.Scan(&c.ID, &c.Account, &c.TokenHash, &c.Kind, &text); err != nil {
			return nil, err
		}
		if text != "" {
			if err := json.Unmarshal([]byte(text), &c.Snapshot); err != nil {
				return nil, fmt.Errorf("read snapshot of change %d: %w", c.ID, err)
			}
		}
		claimed = append(claimed, c)
	}
	return byID(claimed, func(c state.Change) int64 { return c.ID }), rows.Err()
}

// ChangesDone forgets changes; unknown ids are no error.
func (s *Store) ChangesDone(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.inTx(ctx, func(tx *tx) error {
		for _, id := range ids {
			if _, err := tx.exec(ctx, sqlChangeDone, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget changes: %w", err)
	}
	return nil
}

const (
	sqlChangesDue = `SELECT EXISTS (SELECT 1 FROM changes WHERE due_at <= $1 AND (account_id = $2 OR CAST($2 AS TEXT) = ''))`

	sqlClaimChanges = `WITH picked AS MATERIALIZED (
		SELECT id FROM changes WHERE due_at <= $1 AND (account_id = $2 OR CAST($2 AS TEXT) = '') ORDER BY due_at, id LIMIT $3 ` + skipLockedMark + `)
	UPDATE changes SET due_at = $4 WHERE id IN (SELECT id FROM picked)
	RETURNING id, account_id, token_hash, kind, snapshot`

	sqlChangeDone = `DELETE FROM changes WHERE id = $1`
)

// byID sorts rows that RETURNING gave in no order.
func byID[T any](rows []T, id func(T) int64) []T {
	slices.SortFunc(rows, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
	return rows
}
