package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// migrationLock is the advisory lock under which tables are changed: "stage", as a number.
const migrationLock = "495873779557"

const (
	// migratePause is how often the lock is tried, migrateSay how often a wait is told.
	migratePause = 100 * time.Millisecond
	migrateSay   = 10 * time.Second
)

// migratePostgres applies what is missing in one transaction, under a lock that ends with it: it
// holds behind a pooler that gives out connections by transaction, too, and nothing is left of
// a process that is killed half way.
func migratePostgres(ctx context.Context, db *sql.DB, m migrating) error {
	begun := time.Now()
	for told := begun; ; {
		locked, err := migrateOnce(ctx, db)
		if err != nil || locked {
			return explainMigration(err)
		}
		holder := lockHolder(ctx, db)
		if time.Since(begun) > m.wait {
			return fmt.Errorf("another process has been changing the tables for %s: %s", m.wait.Round(time.Second), holder)
		}
		if time.Since(told) > migrateSay || told.Equal(begun) {
			told = time.Now()
			m.log.InfoContext(ctx, "waiting for another process that changes the tables", slog.String("holder", holder), slog.Duration("most", m.wait))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("given up waiting for another process that changes the tables, %s: %w", holder, ctx.Err())
		case <-time.After(migratePause):
		}
	}
}

// migrateOnce applies what is missing, or reports that another process holds the lock.
func migrateOnce(ctx context.Context, db *sql.DB) (locked bool, err error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	if err := tx.QueryRowContext(ctx, migrateLock, unprepared).Scan(&locked); err != nil || !locked {
		return false, err
	}
	list, texts, err := postgresVersions(ctx, tx)
	if err != nil {
		return true, err
	}
	if _, err := tx.ExecContext(ctx, versionsTable); err != nil {
		return true, err
	}
	for i, m := range list {
		if m.Applied {
			continue
		}
		// Without arguments all statements of a text go in one message, unprepared.
		if _, err := tx.ExecContext(ctx, texts[i]); err != nil {
			return true, fmt.Errorf("migration %s: %w", m.Name, err)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(versionNote, m.Version)); err != nil {
			return true, fmt.Errorf("note migration %s: %w", m.Name, err)
		}
	}
	return true, tx.Commit()
}

// postgresMigrations reads which migrations a database has.
func postgresMigrations(ctx context.Context, db *sql.DB) ([]Migration, error) {
	list, _, err := postgresVersions(ctx, db)
	return list, err
}

// unprepared goes before the arguments of a query that must work before it is known what
// stands between here and the server.
const unprepared = pgx.QueryExecModeExec

// postgresReader is a database or a transaction of it.
type postgresReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func postgresVersions(ctx context.Context, from postgresReader) ([]Migration, []string, error) {
	list, texts, err := files("postgres")
	if err != nil {
		return nil, nil, err
	}
	var kept bool
	if err := from.QueryRowContext(ctx, hasVersions, unprepared).Scan(&kept); err != nil || !kept {
		return list, texts, err
	}
	rows, err := from.QueryContext(ctx, versionsRead, unprepared)
	if err != nil {
		return nil, nil, err
	}
	return list, texts, readVersions(rows, list)
}

// lockHolder says who changes the tables.
func lockHolder(ctx context.Context, db *sql.DB) string {
	var pid int64
	var name, since sql.NullString
	err := db.QueryRowContext(ctx, lockedBy, unprepared).Scan(&pid, &name, &since)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "it has just ended"
	case err != nil:
		return "who it is could not be found out"
	}
	return strings.TrimSpace(fmt.Sprintf("backend %d of the server, %q, since %s", pid, name.String, since.String))
}

// explainMigration says what helps where a role may not change tables.
func explainMigration(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && (e.Code == insufficientPrivilege || e.Code == invalidSchemaName) {
		return fmt.Errorf("the role may not change the tables: %w", err)
	}
	return err
}

// The table of versions is the one that goose keeps.
const (
	migrateLock = `SELECT pg_try_advisory_xact_lock(` + migrationLock + `)`

	lockedBy = `SELECT l.pid, a.application_name, a.xact_start::text
	FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
	WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND (l.classid::bigint << 32) + l.objid::bigint = ` + migrationLock + ` LIMIT 1`

	hasVersions   = `SELECT to_regclass('goose_db_version') IS NOT NULL`
	versionsTable = `CREATE TABLE IF NOT EXISTS goose_db_version (
	id INTEGER PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id BIGINT NOT NULL,
	is_applied BOOLEAN NOT NULL, tstamp TIMESTAMP NOT NULL DEFAULT now())`
	versionNote = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, TRUE)`
)
