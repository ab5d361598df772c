package server

import (
	"context"

	"stagedoor/state/stores"
	"stagedoor/transport/config"
)

// Migration is a step that brings the tables of a database up to date. There is no way down: an
// older version starts from a backup.
type Migration = stores.Migration

// Migrate brings the tables of the database that a configuration names up to date, at
// database.migrate_url where it has one, and returns what it applied. Several processes may do so
// at once: one of them does the work, the others wait for it, two minutes at most. Of the
// options Log counts.
func Migrate(ctx context.Context, c config.Config, o Options) ([]Migration, error) {
	o.setDefaults()
	return stores.MigrateSQL(ctx, sqlConfig(c, nil, o.Log))
}

// Migrations returns all migrations there are, and says of each whether the database that a
// configuration names has it. It changes nothing, but for making an SQLite file that there is
// not.
func Migrations(ctx context.Context, c config.Config, o Options) ([]Migration, error) {
	o.setDefaults()
	return stores.SQLMigrations(ctx, sqlConfig(c, nil, o.Log))
}
