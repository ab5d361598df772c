package sqlstore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, want string }{
		{"", "the URL is empty"},
		{"mysql://root@localhost/x", `unknown kind "mysql"`},
		{"sqlite:", "no path of a file"},
		{":memory:", "no path of a file"},
		{"sqlite::memory:", "no path of a file"},
		{"sqlite:a\x00b", "no path of a file"},
		{"postgres://[", "open database"},
		{"postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=1", "open database"},
		{filepath.Join(dir, "none", "none", "x.db"), "the folder"},
		{dir, "directory"},
		{garbage, "not a database"},
	} {
		s, err := Open(t.Context(), Config{URL: c.url, Seal: newSealer(t)})
		if err == nil {
			t.Errorf("%q opens", c.url)
			_ = s.Close()
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want something of %q", c.url, err, c.want)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the password: %v", c.url, err)
		}
	}
	if _, err := Open(t.Context(), Config{URL: filepath.Join(dir, "x.db")}); err == nil || !strings.Contains(err.Error(), "no sealer") {
		t.Errorf("without a sealer: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused path left a folder: %v", err)
	}
	if b, err := os.ReadFile(garbage); err != nil || !strings.HasPrefix(string(b), "this is no database\n") {
		t.Errorf("a file that is no database was changed: %v", err)
	}
}

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ prefix, path string }{
		{"", "plain.db"}, {"sqlite:", "scheme.db"}, {"sqlite://", "slashes.db"},
		{"", "made/of one.db"}, {"sqlite:", "odd ?a=b#c%20d.db"},
	} {
		path := filepath.Join(dir, c.path)
		s := openURL(t, c.prefix+path)
		signUp(t, s, "1", "x@example.org")
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Errorf("%s%s: %v", c.prefix, c.path, err)
				continue
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, want it to be its owner's alone", name, info.Mode())
			}
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "made")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "odd*")); err != nil || len(files) < 1 || !strings.Contains(files[0], "?a=b#c%20d.db") {
		t.Errorf("odd path: %v, %v", files, err)
	}
}

func TestSQLiteSettings(t *testing.T) {
	s := openSQLite(t)
	for name, h := range map[string]*handle{"writer": s.write, "reader": s.read} {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
			var got string
			if err := h.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, %v, want %q", name, pragma, got, err, want)
			}
		}
	}
	if _, err := s.read.ExecContext(t.Context(), "DELETE FROM accounts"); err == nil {
		t.Error("a reader can write")
	}
}

// TestPostgresIsolation opens a database whose own default would fail commits that only
// need to wait.
func TestPostgresIsolation(t *testing.T) {
	url := statetest.StartPostgres(t)
	s := openURL(t, url)
	if _, err := s.write.ExecContext(t.Context(),
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$`); err != nil {
		t.Fatal(err)
	}
	s = openURL(t, url)
	var outside, inside string
	if err := s.read.QueryRowContext(t.Context(), "SHOW transaction_isolation").Scan(&outside); err != nil {
		t.Fatal(err)
	}
	err := s.inTx(t.Context(), func(tx *tx) error {
		_, err := tx.one(t.Context(), "SHOW transaction_isolation", nil, &inside)
		return err
	})
	if err != nil || inside != "read committed" || outside != "serializable" {
		t.Errorf("isolation %q in commits (%v), %q outside", inside, err, outside)
	}
}

func TestOpenTogether(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "x.db") },
		"postgres": func(t *testing.T) string { return statetest.StartPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			url := url(t)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					s, err := Open(t.Context(), Config{URL: url, Seal: newSealer(t), MaxConns: 2})
					if err != nil {
						t.Errorf("server %d: %v", i, err)
						return
					}
					b := state.Batch{Account: numbered(int64(i + 1)), Now: noon(), Writes: []state.Write{state.CreateAccount{Account: state.Account{ID: numbered(int64(i + 1))}}}}
					if _, err := s.Commit(t.Context(), b); err != nil {
						t.Errorf("server %d: commit: %v", i, err)
					}
					if err := s.Close(); err != nil {
						t.Errorf("server %d: close: %v", i, err)
					}
				})
			}
			wg.Wait()
			s := openURL(t, url)
			for i := range 8 {
				if _, err := s.Account(t.Context(), numbered(int64(i+1))); err != nil {
					t.Errorf("what server %d stored: %v", i, err)
				}
			}
			// One that makes a table anew loses what later ones have added to it, where it is applied
			// twice by servers that begin together.
			var twice int
			if err := s.read.QueryRowContext(t.Context(), `SELECT COUNT(*) - COUNT(DISTINCT version_id) FROM goose_db_version`).Scan(&twice); err != nil || twice != 0 {
				t.Errorf("%d migrations were applied twice, %v", twice, err)
			}
		})
	}
}

func TestPing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("ping: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("a closed store gives a sign of life")
		}
		if _, err := s.Account(t.Context(), "1"); err == nil || errors.Is(err, state.ErrNotFound) {
			t.Errorf("reading a closed store: %v, want an error that is not ErrNotFound", err)
		}
	})
}

// TestPostgresRestart cuts every connection, as a restart of the database does.
func TestPostgresRestart(t *testing.T) {
	s := openPostgres(t)
	signUp(t, s, "1", "x@example.org")
	if _, err := s.write.ExecContext(t.Context(),
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	_, _ = s.write.ExecContext(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`) // cuts itself off
	for i := range 3 {
		_, err := s.Commit(t.Context(), state.Batch{Account: "1", Now: noon(), Writes: []state.Write{state.NoteLogin{At: noon()}}})
		if err == nil {
			return
		}
		t.Logf("try %d: %v", i+1, err)
	}
	t.Error("the store does not come back")
}
