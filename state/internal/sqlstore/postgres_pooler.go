package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// What may stand between the store and PostgreSQL: see [Config.Pooler].
const (
	// PoolerAuto finds out.
	PoolerAuto = "auto"
	// PoolerSession is none, or one that gives each of its clients a connection.
	PoolerSession = "session"
	// PoolerTransaction gives out a connection for one transaction.
	PoolerTransaction = "transaction"
)

// SQLSTATE codes of a statement that is not where it was prepared.
const (
	duplicateStatement = "42P05"
	unknownStatement   = "26000"
)

// poolerTimeout is for the whole of finding out.
const poolerTimeout = 2 * time.Second

// meet decides whether statements are prepared. A pooler that gives out connections by
// transaction loses them, or finds those of others; some do not, and nobody can tell.
func (c *connector) meet(ctx context.Context, kind string) error {
	switch kind {
	case PoolerSession:
		return nil
	case PoolerTransaction:
		c.plain.Store(true)
		return nil
	case "", PoolerAuto:
	default:
		return fmt.Errorf("unknown pooler %q: give auto, session or transaction", kind)
	}
	if c.most < 2 {
		return nil
	}
	shared, err := c.shares(ctx)
	if err != nil && !shared {
		c.log.DebugContext(ctx, "whether a pooler gives out connections by transaction could not be found out", slog.String("error", err.Error()))
		return nil
	}
	if shared {
		c.plain.Store(true)
		c.log.InfoContext(ctx, "a pooler gives out connections by transaction: statements are not prepared")
	}
	return nil
}

// shares reports whether two connections of this pool are the same one of the server's, by
// turns. Where others use the pooler meanwhile, that may not be seen at first.
func (c *connector) shares(ctx context.Context) (shared bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, poolerTimeout)
	defer cancel()
	one, err := c.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer one.Close()
	if direct, err := isDirect(ctx, one); err != nil || direct {
		return false, err
	}
	other, err := c.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer other.Close()
	for range 4 {
		if shared, err = swapped(ctx, one, other); shared || err != nil {
			break
		}
	}
	return shared, err
}

// isDirect reports whether a connection is the server's own: then the server calls it what it was
// called as it began. A pooler has names of its own for those of its clients.
func isDirect(ctx context.Context, conn *sql.Conn) (bool, error) {
	var began int64
	err := conn.Raw(func(c any) error {
		began = int64(c.(*guardedConn).inner.Conn().PgConn().PID())
		return nil
	})
	if err != nil {
		return false, err
	}
	now, err := backend(ctx, conn)
	return now == began, err
}

// swapped reports whether a connection has another one of the server's, or the other's, once
// that is in a transaction.
func swapped(ctx context.Context, one, other *sql.Conn) (bool, error) {
	before, err := backend(ctx, one)
	if err != nil {
		return false, err
	}
	tx, err := other.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	held, err := backend(ctx, tx)
	if err != nil {
		return false, err
	}
	if held == before {
		return true, nil
	}
	after, err := backend(ctx, one)
	// Nothing but a pooler that has no other connection lets one wait for the other.
	return after != before || errors.Is(err, context.DeadlineExceeded), err
}

// rower is what a single row can be asked of.
type rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// backend names the server's connection that answers.
func backend(ctx context.Context, from rower) (pid int64, err error) {
	err = from.QueryRowContext(ctx, backendRead, unprepared).Scan(&pid)
	return pid, err
}

const backendRead = `SELECT pg_backend_pid()`

// misplaced says whether an error is of a prepared statement that a pooler has lost, and sees
// to it that none is prepared from now on.
func (c *connector) misplaced(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != duplicateStatement && e.Code != unknownStatement {
		return false
	}
	if !c.plain.Swap(true) {
		c.log.Warn("a pooler gives out connections by transaction: statements are not prepared from now on",
			slog.String("hint", "set database.pooler to transaction, so that nothing is tried"), slog.String("error", err.Error()))
	}
	return true
}
