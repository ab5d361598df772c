package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
)

// migrateSQLite tries again where another process was faster: its tables exist by then,
// a migration is one transaction, and the next try sees that it is done.
func migrateSQLite(ctx context.Context, db *sql.DB, _ migrating) error {
	p, err := migrations(goose.DialectSQLite3, db, "sqlite")
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if _, err = p.Up(ctx); err == nil || try == tries || ctx.Err() != nil {
			return err
		}
	}
}

// sqliteMigrations reads which migrations a file has; an empty one has none.
func sqliteMigrations(ctx context.Context, db *sql.DB) ([]Migration, error) {
	list, _, err := files("sqlite")
	if err != nil {
		return nil, err
	}
	var kept bool
	if err := db.QueryRowContext(ctx, fileHasVersions).Scan(&kept); err != nil || !kept {
		return list, err
	}
	rows, err := db.QueryContext(ctx, versionsRead)
	if err != nil {
		return nil, err
	}
	return list, readVersions(rows, list)
}

// readVersions marks the migrations that the database has.
func readVersions(rows *sql.Rows, list []Migration) error {
	defer rows.Close()
	for rows.Next() {
		var version int64
		var at sql.NullTime
		if err := rows.Scan(&version, &at); err != nil {
			return fmt.Errorf("read versions: %w", err)
		}
		for i := range list {
			if list[i].Version == version {
				list[i].Applied, list[i].At = true, at.Time
			}
		}
	}
	return rows.Err()
}

const (
	fileHasVersions = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`
	versionsRead    = `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied ORDER BY id`
)
