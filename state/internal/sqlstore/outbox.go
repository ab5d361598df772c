package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"stagedoor/state"
)

// sealed is a message as it waits in the outbox.
type sealed struct {
	message []byte
	notice  bool
}

// sealMessages returns the messages of the batch sealed, in their order.
func (s *Store) sealMessages(b *state.Batch) ([]sealed, error) {
	var out []sealed
	for _, w := range b.Writes {
		q, ok := w.(state.Queue)
		if !ok {
			continue
		}
		plain, err := json.Marshal(q.Message)
		if err != nil {
			return nil, fmt.Errorf("encode message: %w", err)
		}
		message, err := s.seal.Seal(plain, messageContext(b.Run, int64(b.Version)))
		if err != nil {
			return nil, fmt.Errorf("seal message: %w", err)
		}
		out = append(out, sealed{message, q.Message.Template.IsNotice()})
	}
	return out, nil
}

// messageContext binds a sealed message to its turn: moved to another row, it does not
// open. The version comes first because it cannot hold the separator.
func messageContext(run string, version int64) []byte {
	return []byte("outbox message\x00" + strconv.FormatInt(version, 10) + "\x00" + run)
}

// queue puts the messages into the outbox in place of what the same turn queued before
// and nobody released: of a turn that is repeated, one set goes out.
func (t *turn) queue(ctx context.Context, messages []sealed) error {
	if len(messages) == 0 {
		return nil
	}
	if err := t.exec(ctx, sqlDropTurn, t.b.Run, int64(t.b.Version)); err != nil {
		return err
	}
	for _, m := range messages {
		if err := t.exec(ctx, sqlQueue, t.b.Run, int64(t.b.Version), t.due, m.message, m.notice); err != nil {
			return err
		}
	}
	t.receipt.Messages = true
	return nil
}

const sqlQueue = `INSERT INTO outbox (run, version, released, queued_at, due_at, attempts, message, notice)
	VALUES ($1, $2, FALSE, $3, $3, 0, $4, $5)`

// ClaimMessages takes released messages, those first that are due longest, and drops those that nobody
// released in time, but for notices of what was stored all the same. While there is nothing to
// do it only reads.
func (s *Store) ClaimMessages(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]state.Queued, error) {
	due, stale, err := s.outboxWork(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("claim messages: %w", err)
	}
	if stale {
		if err := s.dropStale(ctx, now); err != nil {
			return nil, fmt.Errorf("drop messages nobody released: %w", err)
		}
		due = true
	}
	if !due || limit <= 0 {
		return nil, nil
	}
	var claimed []state.Queued
	err = s.inTx(ctx, func(tx *tx) error {
		claimed, err = s.claimMessages(ctx, tx, now, lease, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim messages: %w", err)
	}
	return claimed, nil
}

// dropStale drops what nobody released in time. The notices of a run that has told of nothing
// yet go out now, those of its last turn: who stored what they tell of has not lived to release
// them.
func (s *Store) dropStale(ctx context.Context, now time.Time) error {
	stale := s.shared(now.Add(-releaseWithin))
	return s.inTx(ctx, func(tx *tx) error {
		if _, err := tx.exec(ctx, sqlReleaseNotices, s.shared(now), stale); err != nil {
			return err
		}
		_, err := tx.exec(ctx, sqlDropStale, stale)
		return err
	})
}

// outboxWork says whether any message is due, and whether any waited in vain.
func (s *Store) outboxWork(ctx context.Context, now time.Time) (due, stale bool, err error) {
	rows, err := s.read.query(ctx, sqlOutboxWork, s.shared(now), s.shared(now.Add(-releaseWithin)))
	if err != nil {
		return false, false, err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&due, &stale)
	}
	if err == nil {
		err = rows.Err()
	}
	return due, stale, err
}

func (s *Store) claimMessages(ctx context.Context, tx *tx, now time.Time, lease time.Duration, limit int) ([]state.Queued, error) {
	rows, err := tx.query(ctx, s.dialect.text(sqlClaimMessages), s.shared(now), limit, s.shared(now.Add(lease)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var claimed []state.Queued
	for rows.Next() {
		var q state.Queued
		var run string
		var version, queuedAt int64
		var sealed []byte
		if err := rows.Scan(&q.ID, &q.Attempts, &queuedAt, &run, &version, &sealed); err != nil {
			return nil, err
		}
		q.QueuedAt = s.own(queuedAt)
		plain, err := s.seal.Open(sealed, messageContext(run, version))
		if err == nil {
			err = json.Unmarshal(plain, &q.Message)
		}
		if err != nil {
			// It stays until the sweep, in case the key comes back; the others go on.
			s.log.ErrorContext(ctx, "a message in the outbox cannot be opened", "message", q.ID, "error", err)
			continue
		}
		claimed = append(claimed, q)
	}
	return byID(claimed, func(q state.Queued) int64 { return q.ID }), rows.Err()
}

// MessageDone forgets a message.
func (s *Store) MessageDone(ctx context.Context, id int64) error {
	if _, err := s.exec(ctx, sqlMessageDone, id); err != nil {
		return fmt.Errorf("forget message: %w", err)
	}
	return nil
}

// RetryMessage makes a message due again at the given time.
func (s *Store) RetryMessage(ctx context.Context, id int64, due time.Time) error {
	if _, err := s.exec(ctx, sqlRetryMessage, s.shared(due), id); err != nil {
		return fmt.Errorf("put message back: %w", err)
	}
	return nil
}

const (
	sqlOutboxWork = `SELECT EXISTS (SELECT 1 FROM outbox WHERE released AND due_at <= $1),
	EXISTS (SELECT 1 FROM outbox WHERE NOT released AND queued_at < $2)`
	sqlReleaseNotices = `UPDATE outbox SET released = TRUE, due_at = $1 WHERE NOT released AND notice AND queued_at < $2
	AND version = (SELECT o.version FROM outbox o WHERE o.run = outbox.run AND o.notice AND NOT o.released ORDER BY o.id DESC LIMIT 1)`
	sqlDropStale = `DELETE FROM outbox WHERE NOT released AND queued_at < $1`

	// MATERIALIZED: the rows are picked once, whatever the plan.
	sqlClaimMessages = `WITH picked AS MATERIALIZED (
		SELECT id FROM outbox WHERE released AND due_at <= $1 ORDER BY due_at, id LIMIT $2 ` + skipLockedMark + `)
	UPDATE outbox SET due_at = $3, attempts = attempts + 1 WHERE id IN (SELECT id FROM picked)
	RETURNING id, attempts, queued_at, run, version, message`

	sqlMessageDone  = `DELETE FROM outbox WHERE id = $1`
	sqlRetryMessage = `UPDATE outbox SET due_at = $1 WHERE id = $2`
)

// Busy reports whether any released message waits to be sent, or any change to be passed
// on, due or not.
func (s *Store) Busy(ctx context.Context) (bool, error) {
	rows, err := s.read.query(ctx, sqlBusy)
	if err != nil {
		return false, fmt.Errorf("look at what is left to do: %w", err)
	}
	defer rows.Close()
	var busy bool
	if rows.Next() {
		err = rows.Scan(&busy)
	}
	if err == nil {
		err = rows.Err()
	}
	return busy, err
}

const sqlBusy = `SELECT EXISTS (SELECT 1 FROM outbox WHERE released) OR EXISTS (SELECT 1 FROM changes)`
