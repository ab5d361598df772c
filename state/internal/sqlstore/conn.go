package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"stagedoor/state"
)

// tries is how often a transaction is begun before a busy database is an error.
const tries = 6

// handle is a pool of connections with the statements that were prepared on it.
type handle struct {
	*sql.DB
	// own is false where the driver keeps prepared statements by itself.
	own bool
	// ran, if not nil, is called before each statement.
	ran func(ctx context.Context, query string)
	// again, if not nil, says whether what failed may fare better at once, the connection
	// being another one.
	again func(error) bool

	mu    sync.RWMutex
	ready map[string]*sql.Stmt
	// met are queries that a transaction ran as text. They cannot be prepared while a
	// transaction holds the only connection, so the next one prepares them first.
	met []string
}

func (s *Store) newHandle(db *sql.DB, own bool) *handle {
	return &handle{DB: db, own: own, ran: s.ran, ready: make(map[string]*sql.Stmt)}
}

// report says that a statement is about to run.
func (h *handle) report(ctx context.Context, query string) {
	if h.ran != nil {
		h.ran(ctx, query)
	}
}

// prepared returns the statement of a query if there is one already.
func (h *handle) prepared(query string) *sql.Stmt {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.ready[query]
}

// prepare returns the statement of a query, preparing it first if need be. It must not
// be called while a transaction is open on this handle by the same goroutine.
func (h *handle) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := h.prepared(query); stmt != nil {
		return stmt, nil
	}
	stmt, err := h.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.ready[query]; other != nil {
		return other, stmt.Close()
	}
	h.ready[query] = stmt
	return stmt, nil
}

// meet notes a query that ran as text.
func (h *handle) meet(query string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.met = append(h.met, query)
}

// prepareMet prepares what earlier transactions ran as text.
func (h *handle) prepareMet(ctx context.Context) error {
	h.mu.Lock()
	met := h.met
	h.met = nil
	h.mu.Unlock()
	for _, query := range met {
		if _, err := h.prepare(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// rowSet is what a query found.
type rowSet struct{ *sql.Rows }

// Err is what went wrong on the way to the last row, the first included: a driver may
// run the query no sooner than its first row is asked for.
func (r *rowSet) Err() error { return unavailable(r.Rows.Err()) }

// query runs a query outside of a transaction.
func (h *handle) query(ctx context.Context, query string, args ...any) (*rowSet, error) {
	h.report(ctx, query)
	if !h.own {
		rows, err := h.QueryContext(ctx, query, args...)
		if err != nil && h.again != nil && h.again(err) {
			rows, err = h.QueryContext(ctx, query, args...)
		}
		return found(rows, err)
	}
	stmt, err := h.prepare(ctx, query)
	if err != nil {
		return nil, unavailable(err)
	}
	return found(stmt.QueryContext(ctx, args...))
}

func found(r *sql.Rows, err error) (*rowSet, error) {
	if err != nil {
		return nil, unavailable(err)
	}
	return &rowSet{r}, nil
}

// unavailable marks what the driver says as [state.ErrUnavailable]; what a contract
// says stays as it is.
func unavailable(err error) error {
	var conflict *state.ConflictError
	switch {
	case err == nil,
		errors.Is(err, state.ErrUnavailable), errors.Is(err, state.ErrNotFound),
		errors.Is(err, state.ErrSpent), errors.Is(err, state.ErrEnded), errors.Is(err, ErrOtherSecret), errors.As(err, &conflict):
		return err
	}
	return fmt.Errorf("%w: %w", state.ErrUnavailable, err)
}

// exec runs a statement outside of a transaction and returns how many rows it changed.
func (h *handle) exec(ctx context.Context, query string, args ...any) (int64, error) {
	h.report(ctx, query)
	var result sql.Result
	if !h.own {
		var err error
		if result, err = h.ExecContext(ctx, query, args...); err != nil {
			return 0, err
		}
		return result.RowsAffected()
	}
	stmt, err := h.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	if result, err = stmt.ExecContext(ctx, args...); err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (h *handle) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for query, stmt := range h.ready {
		_ = stmt.Close() // the handle is closed next, and tells
		delete(h.ready, query)
	}
	return h.DB.Close()
}

// tx is an open transaction.
type tx struct {
	*sql.Tx
	handle *handle
}

// stmt returns the prepared statement bound to the transaction, or nil.
func (t *tx) stmt(ctx context.Context, query string) *sql.Stmt {
	if !t.handle.own {
		return nil
	}
	stmt := t.handle.prepared(query)
	if stmt == nil {
		t.handle.meet(query)
		return nil
	}
	return t.StmtContext(ctx, stmt)
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.handle.report(ctx, query)
	var result sql.Result
	var err error
	if stmt := t.stmt(ctx, query); stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = t.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query runs a query.
func (t *tx) query(ctx context.Context, query string, args ...any) (*rowSet, error) {
	t.handle.report(ctx, query)
	if stmt := t.stmt(ctx, query); stmt != nil {
		return found(stmt.QueryContext(ctx, args...))
	}
	return found(t.QueryContext(ctx, query, args...))
}

// one runs a query of at most one row and scans it; false says that there is none.
func (t *tx) one(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	rows, err := t.query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	return rows.one(into...)
}

// one is the same outside of a transaction.
func (h *handle) one(ctx context.Context, query string, args []any, into ...any) (bool, error) {
	rows, err := h.query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	return rows.one(into...)
}

// one scans the only row, if there is any, and closes the set.
func (r *rowSet) one(into ...any) (bool, error) {
	defer r.Close()
	if !r.Next() {
		return false, r.Err()
	}
	if err := r.Scan(into...); err != nil {
		return false, err
	}
	for r.Next() { // an error of the statement may come after its row
	}
	return true, r.Err()
}

// inTx runs f in a transaction and commits it, trying again where the database gave the
// transaction up. f must be able to run more than once.
func (s *Store) inTx(ctx context.Context, f func(*tx) error) error {
	return s.again(ctx, func() error { return s.once(ctx, f) })
}

// again runs f until the database does not give it up, a bounded number of times.
func (s *Store) again(ctx context.Context, f func() error) error {
	for try := 1; ; try++ {
		err := f()
		if err == nil {
			return nil
		}
		if field := conflictField(s.dialect.unique(err)); field != "" {
			return &state.ConflictError{Field: field}
		}
		lost := s.pool != nil && s.pool.misplaced(err)
		if try == tries || !lost && !s.dialect.transient(err) {
			return unavailable(err)
		}
		if err := s.pause(ctx, try); err != nil {
			return unavailable(err)
		}
	}
}

func (s *Store) once(ctx context.Context, f func(*tx) error) error {
	if err := s.write.prepareMet(ctx); err != nil {
		return err
	}
	begun, err := s.write.BeginTx(ctx, &sql.TxOptions{Isolation: s.dialect.isolation})
	if err != nil {
		return err
	}
	if err := f(&tx{Tx: begun, handle: s.write}); err != nil {
		_ = begun.Rollback() // the first error tells more, and the database forgets anyway
		return err
	}
	return begun.Commit()
}

// exec runs one statement, which is a transaction by itself, and returns how many rows
// it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	var n int64
	err := s.again(ctx, func() error {
		var err error
		n, err = s.write.exec(ctx, query, args...)
		return err
	})
	return n, err
}

// pause waits a little longer after each try, by a random part, so that two
// transactions that fell over each other do not do it again.
func (s *Store) pause(ctx context.Context, try int) error {
	var b [1]byte
	s.mu.Lock()
	_, err := s.random.Read(b[:])
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	step := 4 * time.Millisecond << try
	timer := time.NewTimer(step/2 + step*time.Duration(b[0])/512)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
