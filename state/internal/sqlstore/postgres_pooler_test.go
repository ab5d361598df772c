package sqlstore

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

// openLogged opens a store that writes its log into the buffer.
func openLogged(t testing.TB, c Config) (*Store, *logged) {
	t.Helper()
	var log logged
	c.Seal, c.Logger = newSealer(t), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s, &log
}

// logged is a log that several goroutines write to and a test reads.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// signUpAtOnce has many goroutines sign up and read at once, so that connections change hands.
func signUpAtOnce(t *testing.T, s *Store, from int) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 5 {
				id := numbered(int64(from + i*5 + n))
				_, err := s.Commit(t.Context(), state.Batch{Account: id, Run: string(id), Now: noon(), Writes: []state.Write{
					state.CreateAccount{Account: state.Account{
						ID: id, Active: true, PasswordHash: "hash", CreatedAt: noon(),
						Emails: []state.Email{{Address: fmt.Sprintf("%s@example.org", id), Verified: true, Primary: true}},
					}},
					state.Queue{Message: state.Message{Channel: state.ByMail, Template: "email_code", To: "x@example.org"}},
				}})
				if err != nil {
					t.Errorf("commit: %v", err)
				}
				if a, err := s.Account(t.Context(), id); err != nil || a.ID != id {
					t.Errorf("account: %v", err)
				}
				if err := s.Release(t.Context(), string(id), 0, noon()); err != nil {
					t.Errorf("release: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

// TestBehindPgBouncer: one that gives out connections by transaction is found out, by session
// it is not taken for one, and the store works with either.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	url := statetest.StartPostgres(t)
	for i, c := range []struct {
		name, mode, pooler string
		plain              bool
		lines              []string
	}{
		{"by transaction", "transaction", "", true, nil},
		{"by transaction, one connection", "transaction", "auto", true, []string{"default_pool_size = 1"}},
		{"by transaction, in turns", "transaction", "auto", true, []string{"server_round_robin = 1", "min_pool_size = 5"}},
		{"by transaction, said", "transaction", "transaction", true, nil},
		{"by session", "session", "auto", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, log := openLogged(t, Config{URL: statetest.StartPgBouncer(t, url, c.mode, c.lines...), Pooler: c.pooler})
			signUpAtOnce(t, s, i*1000)
			if got := s.pool.plain.Load(); got != c.plain {
				t.Errorf("statements unprepared: %v, want %v\n%s", got, c.plain, log)
			}
			if strings.Contains(log.String(), "level=WARN") {
				t.Errorf("log:\n%s", log)
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		if s := openURL(t, url); s.pool.plain.Load() {
			t.Error("a server without a pooler is taken for one")
		}
	})
}

// TestPoolerFoundLate: a store that was told that there is none, or could not find out, finds it
// out by the first statement that is lost, and nobody notices.
func TestPoolerFoundLate(t *testing.T) {
	t.Parallel()
	url := statetest.StartPgBouncer(t, statetest.StartPostgres(t), "transaction")
	first := openURL(t, url) // whose statements are those of the second, by name
	first.pool.plain.Store(false)
	s, log := openLogged(t, Config{URL: url, Pooler: PoolerSession})
	var both sync.WaitGroup
	both.Go(func() { signUpAtOnce(t, first, 1000) })
	both.Go(func() { signUpAtOnce(t, s, 2000) })
	both.Wait()
	if !s.pool.plain.Load() && !first.pool.plain.Load() {
		t.Error("no statement was lost")
	}
	if s.pool.plain.Load() && !strings.Contains(log.String(), "set database.pooler to transaction") {
		t.Errorf("log:\n%s", log)
	}
}

// TestConformsUnprepared runs the whole suite without prepared statements: types of values
// are told by Go's then, and not by the server.
func TestConformsUnprepared(t *testing.T) {
	t.Parallel()
	url := statetest.StartPgBouncer(t, statetest.StartPostgres(t), "transaction")
	statetest.Run(t, func(t *testing.T) statetest.Stores {
		s := openURL(t, url)
		empty(t, s)
		return statetest.All(s)
	})
}

// TestModeInTwoMessages: the mode whose statements go in two messages, which a pooler gives to
// different connections, is not used behind one.
func TestModeInTwoMessages(t *testing.T) {
	t.Parallel()
	url := statetest.StartPgBouncer(t, statetest.StartPostgres(t), "transaction")
	s := openURL(t, url+"&default_query_exec_mode=describe_exec")
	if !s.pool.plain.Load() {
		t.Error("a pooler is not met with the mode describe_exec")
	}
}

// TestModeOfTheURL: what an operator says in the URL is left alone.
func TestModeOfTheURL(t *testing.T) {
	t.Parallel()
	s := openURL(t, statetest.StartPostgres(t)+"&default_query_exec_mode=simple_protocol")
	conn, err := s.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		if mode := c.(*guardedConn).inner.Conn().Config().DefaultQueryExecMode; mode != pgx.QueryExecModeSimpleProtocol {
			t.Errorf("mode %v", mode)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	signUpAtOnce(t, s, 0)
}

// TestUnknownPooler is refused.
func TestUnknownPooler(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Config{URL: statetest.StartPostgres(t), Pooler: "pgcat", Seal: newSealer(t)})
	if err == nil || !strings.Contains(err.Error(), `unknown pooler "pgcat"`) {
		t.Errorf("%v", err)
	}
}

// TestThreeMigrateThroughPgBouncer: three servers that start at once through a pooler all start,
// on one set of tables.
func TestThreeMigrateThroughPgBouncer(t *testing.T) {
	t.Parallel()
	database := statetest.StartPostgres(t)
	url := statetest.StartPgBouncer(t, database, "transaction")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s, err := Open(t.Context(), Config{URL: url, Seal: newSealer(t)})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var locks, versions int
	if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())), (SELECT count(*) FROM goose_db_version)`).Scan(&locks, &versions); err != nil {
		t.Fatal(err)
	}
	all, _, err := files("postgres")
	if err != nil {
		t.Fatal(err)
	}
	if locks != 0 || versions != len(all) {
		t.Errorf("%d locks are left, and %d versions noted of %d", locks, versions, len(all))
	}
}

// TestDirectIsFoundAtOnce: where nothing stands between, one question tells, on one connection.
func TestDirectIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	s := openURL(t, statetest.StartPostgres(t))
	if n := s.pool.db.Stats().OpenConnections; n != 1 {
		t.Errorf("%d connections to find out that there is no pooler", n)
	}
	conn, err := s.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if direct, err := isDirect(t.Context(), conn); err != nil || !direct {
		t.Errorf("direct %v, %v", direct, err)
	}
}
