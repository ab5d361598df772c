package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stagedoor/state/statetest"
)

// connectTo connects past the store, to do what an operator does.
func connectTo(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// do runs statements.
func do(t testing.TB, conn *pgx.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// as is the URL of a database for a role whose password is its name.
func as(t testing.TB, database, role string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, role)
	return u.String()
}

// TestNoMigrate: a server that may not change tables says what they lack, and starts once
// somebody has applied it. On both databases it is told before and after what there is.
func TestNoMigrate(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return memory(t) + "/x.db" },
		"postgres": func(t *testing.T) string { return statetest.StartPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			c := Config{URL: at(t), Seal: newSealer(t), NoMigrate: true}
			_, err := Open(t.Context(), c)
			var behind *BehindError
			if !errors.As(err, &behind) || behind.Missing[0].Name != "00001_start" || !strings.Contains(err.Error(), fmt.Sprintf("lacks %d migrations, from 00001_start on", len(behind.Missing))) {
				t.Fatalf("open: %v", err)
			}
			list, err := Migrations(t.Context(), c)
			if err != nil || len(pending(list)) != len(list) || len(list) < 6 {
				t.Errorf("before: %+v, %v", list, err)
			}
			done, err := Migrate(t.Context(), c)
			if err != nil || len(done) != len(list) {
				t.Errorf("migrate: %+v, %v", done, err)
			}
			if done, err := Migrate(t.Context(), c); err != nil || len(done) != 0 {
				t.Errorf("migrate again: %+v, %v", done, err)
			}
			list, err = Migrations(t.Context(), c)
			if err != nil || len(pending(list)) != 0 || time.Since(list[0].At).Abs() > 14*time.Hour {
				t.Errorf("after: %+v, %v", list, err)
			}
			s, err := Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMigrateAsAnotherRole: a server whose role may change no tables has them changed as one
// that may, or says what is amiss.
func TestMigrateAsAnotherRole(t *testing.T) {
	t.Parallel()
	database := statetest.StartPostgres(t)
	conn := connectTo(t, database)
	role := fmt.Sprintf("app_%d", time.Now().UnixNano())
	do(t, conn, `CREATE ROLE `+role+` LOGIN PASSWORD '`+role+`'`,
		`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO `+role)
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), `DROP OWNED BY `+role)
		_, _ = conn.Exec(context.Background(), `DROP ROLE `+role)
	})
	c := Config{URL: as(t, database, role), Seal: newSealer(t)}
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "the role may not change the tables") {
		t.Errorf("without another role: %v", err)
	}
	c.MigrateURL = database
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	signUp(t, s, "1", "x@example.org")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	c.MigrateURL = ""
	again := openURL(t, c.URL)
	if a, err := again.Account(t.Context(), "1"); err != nil || a.ID != "1" {
		t.Errorf("%v", err)
	}
}

// TestMigrateWaits for whom, says so, and gives up.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	database := statetest.StartPostgres(t)
	conn := connectTo(t, database+"&application_name=elsewhere")
	do(t, conn, `BEGIN`, migrateLock)
	c := Config{URL: database, MigrateWait: 300 * time.Millisecond}
	begun := time.Now()
	_, err := Migrate(t.Context(), c)
	if want := fmt.Sprintf("backend %d of the server, %q", conn.PgConn().PID(), "elsewhere"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want something of %s", err, want)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it waited for %v", took)
	}
	ended := make(chan error, 1)
	c.MigrateWait = 20 * time.Second
	s, err := Open(t.Context(), Config{URL: database, Seal: newSealer(t), NoMigrate: true})
	if err == nil {
		_ = s.Close()
		t.Fatal("the tables are there")
	}
	go func() {
		_, err := Migrate(t.Context(), c)
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond)
	// Who held the lock is killed: nothing of it is left.
	do(t, connectTo(t, database), fmt.Sprintf(`SELECT pg_terminate_backend(%d)`, conn.PgConn().PID()))
	if err := <-ended; err != nil {
		t.Errorf("once it had ended: %v", err)
	}
}

// TestMigrationsAreWhole: all of a file is run forwards, in one transaction.
func TestMigrationsAreWhole(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"sqlite", "postgres"} {
		_, texts, err := files(folder)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range texts {
			for _, not := range []string{"+goose Down", "NO TRANSACTION", "StatementBegin", "CONCURRENTLY"} {
				if strings.Contains(text, not) {
					t.Errorf("%s %d: %s", folder, i+1, not)
				}
			}
		}
	}
}
