package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"stagedoor/state"
)

// Event is one line of the audit log, as a [state.Audit] write noted it.
type Event struct {
	// ID grows with each event.
	ID int64
	// Account is whom it is about, "" for nobody.
	Account state.AccountID
	// At is the time of the turn, in UTC.
	At time.Time
	// Name says what happened.
	Name string
	// Data is JSON, or empty.
	Data json.RawMessage
}

// Events returns at most limit events about an account, newest first; with account ""
// those about everybody.
func (s *Store) Events(ctx context.Context, account state.AccountID, limit int) ([]Event, error) {
	query, args := sqlEventsOf, []any{account, limit}
	if account == "" {
		query, args = sqlEvents, []any{limit}
	}
	rows, err := s.read.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var at int64
		var data string
		if err := rows.Scan(&e.ID, &e.Account, &at, &e.Name, &data); err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		e.At = fromMicros(at)
		if data != "" {
			e.Data = json.RawMessage(data)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

const (
	sqlEvents   = `SELECT id, account_id, at, event, data FROM audit ORDER BY id DESC LIMIT $1`
	sqlEventsOf = `SELECT id, account_id, at, event, data FROM audit WHERE account_id = $1 ORDER BY id DESC LIMIT $2`
)
