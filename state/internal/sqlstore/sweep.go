package sqlstore

import (
	"context"
	"fmt"
	"time"
)

const (
	// sweepAtOnce bounds the rows of one transaction, so that sign-ins get their turn.
	sweepAtOnce = 500
	// sweepPause is the least time between two of them.
	sweepPause = 50 * time.Millisecond
	// endedRunsKeep is longer than any run lives.
	endedRunsKeep = 24 * time.Hour
	// nobodysKeep is how long the trail of a run without an account is kept at most.
	nobodysKeep = 24 * time.Hour
	// changesKeep is how long a change waits for somebody to pass it on. Records check
	// themselves against the database every minute, so an older one tells nothing new.
	changesKeep = 24 * time.Hour
	// messagesKeep is when a message that cannot be delivered, or opened, is given up.
	messagesKeep = 7 * 24 * time.Hour
)

// Sweep deletes what is of no use after now: expired sessions, old events and trails, messages
// that were dropped or never delivered, changes nobody passed on. It returns how many
// rows it deleted. It may be called at any time, from several servers at once: it deletes at
// most ten thousand rows a second, few at once, and is busy a fifth of the time.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int64, error) {
	var total int64
	for _, old := range []struct {
		what, query string
		before      int64
	}{
		{"sessions", sqlSweepSessions, micros(now)},
		{"sessions at providers", sqlSweepProviderSessions, micros(now)},
		{"sessions at providers of ended runs", sqlSweepProviderRuns, micros(now.Add(-endedRunsKeep))},
		{"words of providers", sqlSweepLogouts, micros(now)},
		{"ended runs", sqlSweepEndedRuns, micros(now.Add(-endedRunsKeep))},
		{"unreleased messages", sqlSweepUnreleased, s.shared(now.Add(-releaseWithin))},
		{"messages", sqlSweepMessages, s.shared(now.Add(-messagesKeep))},
		{"changes", sqlSweepChanges, s.shared(now.Add(-changesKeep))},
		{"events", sqlSweepAudit, micros(now.Add(-s.auditKeep))},
		{"trails of nobody", sqlSweepNobodys, micros(now.Add(-min(nobodysKeep, s.trailsKeep)))},
		{"trails", sqlSweepTrails, micros(now.Add(-s.trailsKeep))},
	} {
		n, err := s.sweep(ctx, old.query, old.before)
		total += n
		if err != nil {
			return total, fmt.Errorf("sweep %s: %w", old.what, err)
		}
	}
	return total, nil
}

// sweep deletes what a query finds, a few rows at once, and lets others have their turn.
func (s *Store) sweep(ctx context.Context, query string, before int64) (total int64, err error) {
	for {
		begun := time.Now()
		n, err := s.exec(ctx, query, before, sweepAtOnce)
		total += n
		if err != nil || n < sweepAtOnce {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(max(sweepPause, 4*time.Since(begun))):
		}
	}
}

const (
	sqlSweepSessions         = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT $2)`
	sqlSweepProviderSessions = `DELETE FROM provider_sessions WHERE run IN (SELECT run FROM provider_sessions WHERE expires_at <= $1 LIMIT $2) AND expires_at <= $1`
	sqlSweepProviderRuns     = `DELETE FROM provider_sessions WHERE run IN (SELECT p.run FROM ended_runs e JOIN provider_sessions p ON p.run = e.run WHERE e.ended_at <= $1 LIMIT $2)`
	sqlSweepLogouts          = `DELETE FROM provider_logouts WHERE token IN (SELECT token FROM provider_logouts WHERE until <= $1 LIMIT $2)`
	sqlSweepEndedRuns        = `DELETE FROM ended_runs WHERE run IN (SELECT run FROM ended_runs WHERE ended_at <= $1 LIMIT $2)`
	sqlSweepUnreleased       = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE NOT released AND NOT notice AND queued_at < $1 LIMIT $2)`
	sqlSweepMessages         = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE queued_at < $1 LIMIT $2)`
	sqlSweepChanges          = `DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE queued_at < $1 LIMIT $2)`
	sqlSweepAudit            = `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2)`
	sqlSweepNobodys          = `DELETE FROM runs WHERE run IN (SELECT run FROM runs WHERE account_id = '' AND updated_at < $1 LIMIT $2)`
	sqlSweepTrails           = `DELETE FROM runs WHERE run IN (SELECT run FROM runs WHERE updated_at < $1 LIMIT $2)`
)
