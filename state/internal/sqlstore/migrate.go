package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations
var migrationFiles embed.FS

// migrateWait is how long a server waits for another one that changes the tables.
const migrateWait = 2 * time.Minute

// Migration is one step that brings the tables of a database up to date. There is no way down:
// an older version starts from a backup.
type Migration struct {
	// Version counts from 1, Name is that of its file.
	Version int64
	Name    string
	// Applied says that the database has it, At since when, as far as is known.
	Applied bool
	At      time.Time
}

// BehindError says that a database lacks migrations, and that this process may not apply them.
type BehindError struct{ Missing []Migration }

// Error names the first that is missing.
func (e *BehindError) Error() string {
	return fmt.Sprintf("the database lacks %d migrations, from %s on", len(e.Missing), e.Missing[0].Name)
}

// Migrate brings the tables of a database up to date and returns what it applied. Of the
// configuration count URL, MigrateURL, MigrateWait and Logger.
func Migrate(ctx context.Context, c Config) ([]Migration, error) {
	s, err := bare(ctx, c)
	if err != nil {
		return nil, err
	}
	before, err := s.dialect.migrations(ctx, s.write.DB)
	if err == nil {
		err = s.dialect.migrate(ctx, s.write.DB, s.upkeep(c))
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("migrate database: %w", err)
	}
	return pending(before), nil
}

// Migrations returns all migrations there are, and says of each whether the database has it.
// It changes nothing.
func Migrations(ctx context.Context, c Config) ([]Migration, error) {
	s, err := bare(ctx, c)
	if err != nil {
		return nil, err
	}
	list, err := s.dialect.migrations(ctx, s.write.DB)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return list, nil
}

// bare connects to where tables are changed, and looks at none.
func bare(ctx context.Context, c Config) (*Store, error) {
	if c.MigrateURL != "" {
		c.URL = c.MigrateURL
	}
	c.MaxConns = 1
	s := &Store{log: c.Logger}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, s.connect(ctx, c)
}

// upkeep says how tables are changed.
func (s *Store) upkeep(c Config) migrating {
	m := migrating{wait: c.MigrateWait, log: s.log}
	if m.wait <= 0 {
		m.wait = migrateWait
	}
	return m
}

// migrating is how tables are changed: how long to wait for another process that does, and
// where to say so.
type migrating struct {
	wait time.Duration
	log  *slog.Logger
}

// bringUp brings the tables up to date, or refuses what is behind.
func (s *Store) bringUp(ctx context.Context, c Config) error {
	list, err := s.dialect.migrations(ctx, s.write.DB)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	missing := pending(list)
	switch {
	case len(missing) == 0:
		return nil
	case c.NoMigrate:
		return &BehindError{missing}
	case c.MigrateURL != "":
		_, err := Migrate(ctx, c)
		return err
	}
	return s.dialect.migrate(ctx, s.write.DB, s.upkeep(c))
}

// pending are the migrations that are not applied.
func pending(list []Migration) (out []Migration) {
	for _, m := range list {
		if !m.Applied {
			out = append(out, m)
		}
	}
	return out
}

// files are the migrations in a folder, in their order, with the statements of each.
func files(folder string) ([]Migration, []string, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations/"+folder)
	if err != nil {
		return nil, nil, err
	}
	var list []Migration
	var texts []string
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("migration %s has no number", e.Name())
		}
		text, err := fs.ReadFile(migrationFiles, path.Join("migrations", folder, e.Name()))
		if err != nil {
			return nil, nil, err
		}
		list = append(list, Migration{Version: version, Name: strings.TrimSuffix(e.Name(), ".sql")})
		texts = append(texts, string(text))
	}
	return list, texts, nil
}

// migrationReader is a database or a transaction of it.
type migrationReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// versions are the migrations of a folder with their statements, those marked that a database has;
// has asks whether it has a table of them, and how goes before the arguments of each query.
func versions(ctx context.Context, from migrationReader, folder, has string, how ...any) ([]Migration, []string, error) {
	list, texts, err := files(folder)
	if err != nil {
		return nil, nil, err
	}
	var kept bool
	if err := from.QueryRowContext(ctx, has, how...).Scan(&kept); err != nil || !kept {
		return list, texts, err
	}
	rows, err := from.QueryContext(ctx, versionsRead, how...)
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

// applyMissing applies the migrations that a database lacks, and notes each.
func applyMissing(ctx context.Context, tx *sql.Tx, list []Migration, texts []string) error {
	for i, m := range list {
		if m.Applied {
			continue
		}
		// Without arguments all statements of a text go in one message, unprepared.
		if _, err := tx.ExecContext(ctx, texts[i]); err != nil {
			return fmt.Errorf("migration %s: %w", m.Name, err)
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(versionNote, m.Version)); err != nil {
			return fmt.Errorf("note migration %s: %w", m.Name, err)
		}
	}
	return nil
}

const (
	versionsRead = `SELECT version_id, tstamp FROM goose_db_version WHERE is_applied ORDER BY id`
	versionNote  = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, TRUE)`
)
