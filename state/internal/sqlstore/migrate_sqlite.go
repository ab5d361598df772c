package sqlstore

import (
	"context"
	"database/sql"
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
	return versions(ctx, from, "sqlite", fileHasVersions)
}

// The table of versions is the one that goose keeps.
const (
	fileVersionsTable = `CREATE TABLE IF NOT EXISTS goose_db_version (
	id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
	is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`
	fileHasVersions = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`
)
