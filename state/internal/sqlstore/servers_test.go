package sqlstore

import (
	"errors"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
)

func TestKnowSecret(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for i, step := range []struct {
			present string
			others  []string
			refused bool
		}{
			{"a", nil, false},                  // the first server of all
			{"a", nil, false},                  // one more
			{"b", nil, true},                   // somebody else's
			{"a", []string{"b"}, false},        // prepares a rotation
			{"b", []string{"a"}, false},        // rotates
			{"a", []string{"b"}, false},        // was prepared, and is not restarted yet
			{"a", nil, true},                   // has missed it
			{"b", nil, false},                  // forgets the old one
			{"c", []string{"a"}, true},         // knows an old one alone
			{"c", []string{"a", "b"}, false},   // rotates again
			{"b", []string{"c", "zzz"}, false}, // was prepared
			{"b", []string{"a"}, true},
		} {
			err := s.KnowSecret(t.Context(), step.present, step.others, noon())
			if errors.Is(err, ErrOtherSecret) != step.refused || err != nil && !step.refused {
				t.Errorf("%d: %s with %v: %v, want refused %v", i, step.present, step.others, err, step.refused)
			}
		}
		if err := s.AcceptSecret(t.Context(), "b", noon()); err != nil {
			t.Fatal(err)
		}
		if err := s.KnowSecret(t.Context(), "b", nil, noon()); err != nil {
			t.Error(err)
		}
		if err := s.KnowSecret(t.Context(), "c", nil, noon()); !errors.Is(err, ErrOtherSecret) {
			t.Errorf("what was given up: %v", err)
		}
	})
}

// TestSecretsAtOnce: of two servers with different keys that are the first, one starts.
func TestSecretsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		started := map[string]int{}
		for _, key := range []string{"a", "b", "a", "b"} {
			wg.Go(func() {
				err := s.KnowSecret(t.Context(), key, nil, noon())
				if err != nil && !errors.Is(err, ErrOtherSecret) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					started[key]++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(started) != 1 || started["a"]+started["b"] != 2 {
			t.Errorf("started: %v", started)
		}
	})
}

func TestReady(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for range 2 {
			if err := s.Ready(t.Context(), noon()); err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM readiness`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
		now, ok, err := s.Time(t.Context())
		if err != nil || ok != (s.pool != nil) || ok && time.Since(now).Abs() > 10*time.Second {
			t.Errorf("the database's clock: %v, %v, %v", now, ok, err)
		}
	})
	t.Run("a standby", func(t *testing.T) {
		s := openPostgres(t)
		if _, err := s.write.ExecContext(t.Context(),
			`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`); err != nil {
			t.Fatal(err)
		}
		s.pool.db.SetMaxIdleConns(0) // new connections have it
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Ready(t.Context(), noon()); !errors.Is(err, state.ErrUnavailable) {
			t.Errorf("what takes no writes is ready: %v", err)
		}
		s.pool.db.SetMaxIdleConns(2)
	})
}

// TestClocksOfServers: what a server with a clock that is wrong writes down for others is due when
// it is, and is theirs for as long as the lease, once it knows by how much.
func TestClocksOfServers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, right *Store) {
		for _, off := range []time.Duration{-90 * time.Second, 90 * time.Second} {
			wrong := &Store{
				read: right.read, write: right.write, dialect: right.dialect, seal: right.seal, log: right.log, random: right.random,
				auditKeep: right.auditKeep, trailsKeep: right.trailsKeep, pool: right.pool,
			}
			wrong.SetAhead(-off)
			there := func(at time.Time) time.Time { return at.Add(off) }
			message := state.Message{Channel: state.ByMail, Template: "login_code", To: "x@example.org"}
			run := off.String()
			if _, err := wrong.Commit(t.Context(), state.Batch{Run: run, Version: 1, Now: there(noon()), Writes: []state.Write{state.Queue{Message: message}}}); err != nil {
				t.Fatal(err)
			}
			// The other one looks first, and drops nothing.
			if got, err := right.ClaimMessages(t.Context(), noon(), 10*time.Second, 1); err != nil || len(got) != 0 {
				t.Errorf("%v: claimed %v, %v", off, got, err)
			}
			if err := wrong.Release(t.Context(), run, 1, there(noon())); err != nil {
				t.Fatal(err)
			}
			got, err := right.ClaimMessages(t.Context(), noon(), 10*time.Second, 1)
			if err != nil || len(got) != 1 || !got[0].QueuedAt.Equal(noon()) {
				t.Fatalf("%v: claimed %+v, %v", off, got, err)
			}
			if got, err := wrong.ClaimMessages(t.Context(), there(noon().Add(9*time.Second)), 10*time.Second, 1); err != nil || len(got) != 0 {
				t.Errorf("%v: taken away: %v, %v", off, got, err)
			}
			got, err = wrong.ClaimMessages(t.Context(), there(noon().Add(11*time.Second)), 10*time.Second, 1)
			if err != nil || len(got) != 1 || !got[0].QueuedAt.Equal(there(noon())) {
				t.Errorf("%v: after the lease: %+v, %v", off, got, err)
			}
			if err := wrong.MessageDone(t.Context(), got[0].ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}
