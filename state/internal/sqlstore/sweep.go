package sqlstore

import (
	"context"
	"fmt"
	"time"
)

const (
	// sweepAtOnce bounds the rows of one transaction, so that sign-ins get their turn.
	sweepAtOnce = 500
	// endedRunsKeep is longer than any run lives.
	endedRunsKeep = 24 * time.Hour
	// changesKeep is how long a change waits for somebody to pass it on. Records check
	// themselves against the database every minute, so an older one tells nothing new.
	changesKeep = 24 * time.Hour
	// messagesKeep is when a message that cannot be delivered, or opened, is given up.
	messagesKeep = 7 * 24 * time.Hour
)

// Sweep deletes what is of no use after now: expired sessions, old events and trails, messages
// that were dropped or never delivered, changes nobody passed on. It returns how many
// rows it deleted. It may be called at any time, from several servers at once.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, old := range []struct {
		what, query string
		age         time.Duration
	}{
		{"sessions", sqlSweepSessions, 0},
		{"ended runs", sqlSweepEndedRuns, endedRunsKeep},
		{"unreleased messages", sqlSweepUnreleased, releaseWithin},
		{"messages", sqlSweepMessages, messagesKeep},
		{"changes", sqlSweepChanges, changesKeep},
		{"events", sqlSweepAudit, s.auditKeep},
		{"trails", sqlSweepTrails, s.trailsKeep},
	} {
		for {
			n, err := s.exec(ctx, old.query, micros(now.Add(-old.age)), sweepAtOnce)
			if err != nil {
				return total, fmt.Errorf("sweep %s: %w", old.what, err)
			}
			total += n
			if n < sweepAtOnce {
				break
			}
		}
	}
	return total, nil
}

const (
	sqlSweepSessions   = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2)`
	sqlSweepEndedRuns  = `DELETE FROM ended_runs WHERE run IN (SELECT run FROM ended_runs WHERE ended_at <= $1 LIMIT $2)`
	sqlSweepUnreleased = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE NOT released AND queued_at < $1 LIMIT $2)`
	sqlSweepMessages   = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE queued_at < $1 LIMIT $2)`
	sqlSweepChanges    = `DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE queued_at < $1 LIMIT $2)`
	sqlSweepAudit      = `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2)`
	sqlSweepTrails     = `DELETE FROM runs WHERE run IN (SELECT run FROM runs WHERE updated_at < $1 LIMIT $2)`
)
