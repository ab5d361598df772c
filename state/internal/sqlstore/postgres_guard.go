package sqlstore

import (
	"context"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"

	"github.com/jackc/pgx/v5/stdlib"

	"stagedoor/state"
)

// guardedConn is a connection on which a panic of the driver is an error. database/sql ends
// transactions, rows and connections in goroutines of its own, where nobody else could stop one:
// it would end the process.
type guardedConn struct {
	inner *stdlib.Conn
	pool  *connector
	// plain says that it was made for statements that are not prepared.
	plain bool
	// broken is set once the driver has panicked: nothing is known of its state then.
	broken atomic.Bool
}

var (
	_ driver.ConnBeginTx        = (*guardedConn)(nil)
	_ driver.ConnPrepareContext = (*guardedConn)(nil)
	_ driver.ExecerContext      = (*guardedConn)(nil)
	_ driver.QueryerContext     = (*guardedConn)(nil)
	_ driver.Pinger             = (*guardedConn)(nil)
	_ driver.SessionResetter    = (*guardedConn)(nil)
	_ driver.Validator          = (*guardedConn)(nil)
	_ driver.NamedValueChecker  = (*guardedConn)(nil)
)

// guard makes an error of a panic. It is deferred.
func (c *guardedConn) guard(err *error) {
	if p := recover(); p != nil {
		c.broken.Store(true)
		*err = panicked(c.pool.log, p)
	}
}

// panicked logs a panic of the driver and returns it as an error.
func panicked(log *slog.Logger, p any) error {
	log.Error("the database driver panicked; the connection is given up",
		slog.String("panic", state.Fault(p)), slog.String("stack", string(debug.Stack())))
	return fmt.Errorf("the database driver panicked: %s", state.Fault(p))
}

// Prepare is what the interface asks for; PrepareContext is used.
func (c *guardedConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext prepares a statement, which only tests do.
func (c *guardedConn) PrepareContext(ctx context.Context, query string) (_ driver.Stmt, err error) {
	defer c.guard(&err)
	return c.inner.PrepareContext(ctx, query)
}

// Close ends the connection.
func (c *guardedConn) Close() (err error) {
	defer c.guard(&err)
	defer c.pool.live.Add(-1)
	return c.inner.Close()
}

// Begin is what the interface asks for; BeginTx is used.
func (c *guardedConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins a transaction.
func (c *guardedConn) BeginTx(ctx context.Context, o driver.TxOptions) (_ driver.Tx, err error) {
	defer c.guard(&err)
	tx, err := c.inner.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return guardedTx{tx, c}, nil
}

// ExecContext runs a statement.
func (c *guardedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer c.guard(&err)
	return c.inner.ExecContext(ctx, query, args)
}

// QueryContext runs a query.
func (c *guardedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Rows, err error) {
	defer c.guard(&err)
	rows, err := c.inner.QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return guardedRows{rows, c}, nil
}

// Ping asks the server for a sign of life.
func (c *guardedConn) Ping(ctx context.Context) (err error) {
	defer c.guard(&err)
	return c.inner.Ping(ctx)
}

// ResetSession says whether the connection is good for another use. It is not where it still
// prepares statements, and has been found to be one that must not.
func (c *guardedConn) ResetSession(ctx context.Context) (err error) {
	defer c.guard(&err)
	if c.broken.Load() || c.pool.outdated(c) {
		return driver.ErrBadConn
	}
	return c.inner.ResetSession(ctx)
}

// IsValid says whether the connection may go back into the pool.
func (c *guardedConn) IsValid() bool { return !c.broken.Load() && !c.pool.outdated(c) }

// CheckNamedValue lets the driver take what it can.
func (c *guardedConn) CheckNamedValue(v *driver.NamedValue) error { return c.inner.CheckNamedValue(v) }

// guardedTx ends a transaction under guard.
type guardedTx struct {
	inner driver.Tx
	conn  *guardedConn
}

// Commit ends it with its writes.
func (t guardedTx) Commit() (err error) {
	defer t.conn.guard(&err)
	return t.inner.Commit()
}

// Rollback ends it without.
func (t guardedTx) Rollback() (err error) {
	defer t.conn.guard(&err)
	return t.inner.Rollback()
}

// guardedRows reads rows under guard.
type guardedRows struct {
	inner driver.Rows
	conn  *guardedConn
}

// Columns are the names of the columns.
func (r guardedRows) Columns() []string { return r.inner.Columns() }

// Close ends the reading.
func (r guardedRows) Close() (err error) {
	defer r.conn.guard(&err)
	return r.inner.Close()
}

// Next reads a row.
func (r guardedRows) Next(row []driver.Value) (err error) {
	defer r.conn.guard(&err)
	return r.inner.Next(row)
}
