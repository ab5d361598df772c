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
)

// defaultConns is how many connections there are at most where nobody says.
const defaultConns = 16

// SQLSTATE codes, PostgreSQL manual, appendix A.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"

	tooManyConnections    = "53300"
	insufficientPrivilege = "42501"
	invalidSchemaName     = "3F000"
)

// connectPostgres opens a bounded pool.
func (s *Store) connectPostgres(ctx context.Context, c Config) error {
	config, err := pgx.ParseConfig(c.URL)
	if err != nil {
		return fmt.Errorf("open database: %w", err) // it does not repeat the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "stagedoor"
	}
	most := c.MaxConns
	if most <= 0 {
		most = defaultConns
	}
	s.pool = openPool(*config, most, s.log)
	s.dialect = postgresDialect()
	s.write = s.newHandle(s.pool.db, false)
	s.write.again = s.pool.misplaced
	s.read = s.write
	err = s.pool.db.PingContext(ctx)
	// A mode that the URL names is the operator's choice, but for one that is a statement in two
	// messages: behind a pooler its halves are of different clients.
	if mode := config.DefaultQueryExecMode; err == nil && (mode == pgx.QueryExecModeCacheStatement || mode == pgx.QueryExecModeDescribeExec) {
		err = s.pool.meet(ctx, c.Pooler)
	}
	if err != nil {
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
		migrations:  postgresMigrations,
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
