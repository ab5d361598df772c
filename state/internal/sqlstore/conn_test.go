package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"stagedoor/state"
)

// login is the batch of a plain sign-in.
func login(account state.AccountID, id int64) state.Batch {
	run := fmt.Sprint("login-", id)
	return state.Batch{Run: run, Account: account, Now: noon(), Session: session(account, id, run), Writes: []state.Write{state.NoteLogin{At: noon()}}}
}

// TestStatementsPreparedOnce: from the second time on, no query of a sign-in is parsed.
func TestStatementsPreparedOnce(t *testing.T) {
	s := openSQLite(t)
	signUp(t, s, "1", "x@example.org")
	mustCommit(t, s, login("1", 10))
	mustCommit(t, s, login("1", 11))
	for _, query := range []string{sqlLockAccount, sqlAccountByID, sqlGrant} {
		if s.write.prepared(query) == nil {
			t.Errorf("not prepared after two sign-ins: %s", query)
		}
	}
	if len(s.write.met) != 0 {
		t.Errorf("%d queries ran as text in the second sign-in", len(s.write.met))
	}
	if _, err := s.Account(t.Context(), "1"); err != nil || s.read.prepared(sqlAccountByID) == nil {
		t.Errorf("a read is not prepared: %v", err)
	}
}

// TestBusy has another process hold the write lock for a while.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := openURL(t, path)
	signUp(t, s, "1", "x@example.org")
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	freed := make(chan error, 1)
	time.AfterFunc(200*time.Millisecond, func() { freed <- held.Rollback() })
	begun := time.Now()
	mustCommit(t, s, login("1", 10))
	if waited := time.Since(begun); waited < 100*time.Millisecond {
		t.Errorf("committed after %v beside another writer", waited)
	}
	if err := <-freed; err != nil {
		t.Fatal(err)
	}
}

// TestBusyForLong gives up with the caller, not before.
func TestBusyForLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	s := openURL(t, path)
	signUp(t, s, "1", "x@example.org")
	other, err := sql.Open("sqlite3", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Commit(ctx, login("1", 10)); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, state.ErrUnavailable) {
		t.Errorf("commit: %v, want the deadline, and that the database is unavailable", err)
	}
	if _, err := s.Account(t.Context(), "1"); err != nil {
		t.Errorf("a read beside a writer: %v", err)
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if a, err := s.Account(t.Context(), "1"); err != nil || !a.LastLogin.IsZero() {
		t.Errorf("%+v, %v: what was given up is stored", a, err)
	}
	mustCommit(t, s, login("1", 10))
}

// TestAgain: a transaction the database gave up is tried a bounded number of times,
// another error once.
func TestAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		tries int
	}{
		{"deadlock", &pgconn.PgError{Code: deadlockDetected}, tries},
		{"serialization failure", fmt.Errorf("commit: %w", &pgconn.PgError{Code: serializationFailure}), tries},
		{"syntax error", &pgconn.PgError{Code: "42601"}, 1},
		{"no row", state.ErrSpent, 1},
	} {
		s := &Store{dialect: postgresDialect(), random: zeros{}}
		n := 0
		err := s.again(t.Context(), func() error { n++; return c.err })
		if !errors.Is(err, c.err) || n != c.tries {
			t.Errorf("%s: %d tries, %v, want %d", c.name, n, err, c.tries)
		}
		n = 0
		err = s.again(t.Context(), func() error {
			if n++; n == 3 {
				return nil
			}
			return c.err
		})
		if c.tries > 1 && (err != nil || n != 3) {
			t.Errorf("%s that ends: %d tries, %v", c.name, n, err)
		}
	}
}

func TestAgainStops(t *testing.T) {
	deadlock := &pgconn.PgError{Code: deadlockDetected}
	ctx, cancel := context.WithCancel(t.Context())
	s := &Store{dialect: postgresDialect(), random: zeros{}}
	err := s.again(ctx, func() error { cancel(); return deadlock })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s.random = failing{}
	if err := s.again(t.Context(), func() error { return deadlock }); err == nil || errors.Is(err, deadlock) {
		t.Errorf("without randomness: %v", err)
	}
}

// zeros is a source of no randomness at all, failing of errors.
type (
	zeros   struct{}
	failing struct{}
)

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func (failing) Read([]byte) (int, error) { return 0, errors.New("no randomness") }

func TestConflictFields(t *testing.T) {
	for named, want := range map[string]string{
		"accounts_username": "username", "accounts.username_key": "username",
		"accounts_verified_phone": "phone", "accounts.phone": "phone",
		"emails_verified_address": "email", "emails.address": "email",
		"providers_uid": "provider", "providers.provider, providers.uid": "provider",
		"sessions_pkey": "", "sessions.token_hash": "", "": "",
	} {
		if got := conflictField(named); got != want {
			t.Errorf("%q: %q, want %q", named, got, want)
		}
	}
	for _, err := range []error{nil, errors.New("x"), sql.ErrNoRows, &pgconn.PgError{Code: "23503", ConstraintName: "accounts_username"}} {
		if got := postgresUnique(err); got != "" {
			t.Errorf("postgres: %v names %q", err, got)
		}
		if got := sqliteUnique(err); got != "" {
			t.Errorf("sqlite: %v names %q", err, got)
		}
	}
}

func TestValues(t *testing.T) {
	for _, want := range []time.Time{{}, noon(), noon().Add(time.Microsecond), time.UnixMicro(1).UTC(), time.UnixMicro(-1).UTC()} {
		if got := fromMicros(micros(want)); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%v comes back as %v", want, got)
		}
	}
	berlin := time.FixedZone("CEST", 7200)
	if got := fromMicros(micros(noon().In(berlin))); got != noon() {
		t.Errorf("a time of another zone comes back as %v", got)
	}
	for text, want := range map[string]string{
		"": "", "plain": "plain", "Zoë 🔑": "Zoë 🔑", "a\x00b": "a\ufffdb", "a\xffb": "a\ufffdb", "\ufffd": "\ufffd",
	} {
		if got := clean(text); got != want || !storable(got) {
			t.Errorf("clean(%q) is %q, want %q", text, got, want)
		}
		if storable(text) != (text == want) {
			t.Errorf("storable(%q) is %t", text, storable(text))
		}
	}
	if usernameKey("") != nil || usernameKey("Zoë") != "zoë" || usernameKey("ZOË") != "zoë" {
		t.Error("usernames are not compared without regard to case")
	}
}

// TestLateErrors: what a driver finds wrong only at the first row is said like what it
// finds wrong at once.
func TestLateErrors(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		rows, err := s.read.query(t.Context(), `SELECT CASE WHEN id < 0 THEN 0 ELSE abs(-9223372036854775807 - id) END FROM (SELECT 1 AS id) AS one`)
		if err == nil {
			defer rows.Close()
			if rows.Next() {
				t.Fatal("a number that is too great has a row")
			}
			err = rows.Err()
		}
		if !errors.Is(err, state.ErrUnavailable) {
			t.Errorf("%v, want it to be %v", err, state.ErrUnavailable)
		}
	})
}
