package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// migrationLock is the advisory lock under which tables are changed.
const migrationLock = 0x7374616765 // "stage"

// SQLSTATE codes, PostgreSQL manual, appendix A.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// connectPostgres opens a bounded pool.
func (s *Store) connectPostgres(ctx context.Context, url string, maxConns int) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("open database: %w", err) // it does not repeat the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "stagedoor"
	}
	if maxConns <= 0 {
		maxConns = 16
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	s.dialect = postgresDialect()
	s.write = s.newHandle(db, false)
	s.read = s.write
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	return nil
}

func postgresDialect() *dialect {
	return &dialect{
		skipLocked: "FOR UPDATE SKIP LOCKED",
		// A database may have another default; all queries are written for this one.
		isolation:   sql.LevelReadCommitted,
		lockNames:   lockNames,
		lockAccount: lockNamesAndAccount,
		unique:      postgresUnique,
		transient:   postgresTransient,
		migrate:     migratePostgres,
	}
}

// lockNames takes an advisory lock for each name until the transaction ends. Two names
// with one hash only wait for each other without need.
func lockNames(ctx context.Context, tx *tx, names []string) error {
	for _, name := range names {
		if _, err := tx.exec(ctx, sqlLockName, lockOf(name)); err != nil {
			return err
		}
	}
	return nil
}

// lockNamesAndAccount takes the last lock along with that of the account's row.
func lockNamesAndAccount(ctx context.Context, tx *tx, names []string, args []any) (string, []any, error) {
	if len(names) == 0 {
		return sqlLockAccount, args, nil
	}
	last := len(names) - 1
	if err := lockNames(ctx, tx, names[:last]); err != nil {
		return "", nil, err
	}
	return sqlLockNameAndAccount, append(args, lockOf(names[last])), nil
}

// lockOf is the advisory lock of a name.
func lockOf(name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return int64(h.Sum64())
}

const (
	sqlLockName = `SELECT pg_advisory_xact_lock($1)`

	// A condition is looked at before the row that meets it is locked; and a row that another
	// transaction has changed by then is read anew.
	sqlLockNameAndAccount = sqlLockRow + ` AND pg_advisory_xact_lock($4) IS NOT NULL` + sqlLockedRow
)

// postgresUnique returns the constraint of a unique violation.
func postgresUnique(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != uniqueViolation {
		return ""
	}
	return e.ConstraintName
}

func postgresTransient(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

func migratePostgres(ctx context.Context, db *sql.DB) error {
	p, err := migrations(goose.DialectPostgres, db, "postgres", goose.WithSessionLocker(advisoryLock{}))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// advisoryLock lets one server at a time change the tables; the others wait for it.
type advisoryLock struct{}

// SessionLock waits for the lock.
func (advisoryLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock))
	return err
}

// SessionUnlock gives the lock back.
func (advisoryLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(migrationLock))
	return err
}
