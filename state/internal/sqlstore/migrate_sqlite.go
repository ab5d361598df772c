package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// migrateSQLite applies what is missing in one transaction, which is the one writer from its begin
// on: what another process applies meanwhile is there when it begins, and is not applied again.
func migrateSQLite(ctx context.Context, db *sql.DB, m migrating) error {
	for begun := time.Now(); ; {
		err := migrateFile(ctx, db)
		if err == nil || ctx.Err() != nil || !sqliteTransient(err) || time.Since(begun) > m.wait {
			return err
		}
	}
}

// migrateFile is one try: it waits for another writer as long as the connection does.
func migrateFile(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	list, texts, err := fileVersions(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fileVersionsTable); err != nil {
		return err
	}
	if err := applyMissing(ctx, tx, list, texts); err != nil {
		return err
	}
	return tx.Commit()
}

// sqliteMigrations reads which migrations a file has; an empty one has none.
func sqliteMigrations(ctx context.Context, db *sql.DB) ([]Migration, error) {
	list, _, err := fileVersions(ctx, db)
	return list, err
}

func fileVersions(ctx context.Context, from migrationReader) ([]Migration, []string, error) {
	list, texts, err := files("sqlite")
	if err != nil {
		return nil, nil, err
	}
	var kept bool
	if err := from.QueryRowContext(ctx, fileHasVersions).Scan(&kept); err != nil || !kept {
		return list, texts, err
	}
	rows, err := from.QueryContext(ctx, versionsRead)
	if err != nil {
		return nil, nil, err
	}
	return list, texts, readVersions(rows, list)
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

// The table of versions is the one that goose keeps.
const (
	fileVersionsTable = `CREATE TABLE IF NOT EXISTS goose_db_version (
	id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
	is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`
	fileHasVersions = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`
	versionsRead    = `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied ORDER BY id`
)
