package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// What every connection is opened with. busy_timeout (ms) waits for another process
// that writes. synchronous=FULL syncs the log at each commit: with NORMAL a commit that
// was acknowledged survives kill -9 but not a power cut, and a TOTP step or a recovery
// code that comes back unspent is a second sign-in with the same code. _txlock=immediate
// takes the write lock at BEGIN, where waiting for it is safe; taken later, it could
// fail with a snapshot that is too old.
const sqliteOptions = "?vfs=" + privateFiles + "&_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=journal_mode(wal)&_pragma=synchronous(full)"

// connectSQLite opens the file, making it if it is missing.
func (s *Store) connectSQLite(ctx context.Context, path string) error {
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.ContainsRune(path, 0) {
		return fmt.Errorf("open database: %q is no path of a file", path)
	}
	if err := makeFile(path); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := usePrivateFiles(); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	s.dialect = sqliteDialect()
	name := "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + sqliteOptions
	writer, err := driver.Open(name)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	reader, err := driver.Open(name + "&_pragma=query_only(1)")
	if err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), writer.Close())
	}
	// One writer is what SQLite has; to queue for it here is fair and costs no sleep.
	writer.SetMaxOpenConns(1)
	readers := max(2, runtime.GOMAXPROCS(0))
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	s.write, s.read = s.newHandle(writer, true), s.newHandle(reader, true)
	if err := pingSQLite(ctx, writer); err != nil {
		return errors.Join(fmt.Errorf("open database %s: %w", path, err), s.Close())
	}
	return nil
}

// pingSQLite makes the first connection. To switch to WAL, or to begin a log that another
// process has just put away, takes the whole file for a moment, and that does not wait by
// itself.
func pingSQLite(ctx context.Context, db *sql.DB) error {
	const pause, most = 20 * time.Millisecond, 500
	for try := 1; ; try++ {
		err := db.PingContext(ctx)
		if err == nil || try == most || !sqliteTransient(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func sqliteDialect() *dialect {
	return &dialect{
		isolation: sql.LevelDefault,
		// The single writer is lock enough.
		lockNames: func(context.Context, *tx, []string) error { return nil },
		lockAccount: func(_ context.Context, _ *tx, _ []string, args []any) (string, []any, error) {
			return sqlLockAccount, args, nil
		},
		unique:     sqliteUnique,
		transient:  sqliteTransient,
		migrate:    migrateSQLite,
		migrations: sqliteMigrations,
	}
}

// sqliteUnique returns the columns of a unique violation, as "table.column, ...".
func sqliteUnique(err error) string {
	if !errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) {
		return ""
	}
	_, named, _ := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	return named
}

// sqliteTransient says that another process held the lock for too long.
func sqliteTransient(err error) bool {
	return errors.Is(err, sqlite3.BUSY) || errors.Is(err, sqlite3.LOCKED)
}
