package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

// queueCode commits and releases a message that holds a code.
func queueCode(t *testing.T, s *Store, run, code string) {
	t.Helper()
	m := state.Message{Channel: state.ByMail, Template: "email_code", To: "x@example.org", Data: map[string]string{"code": code}}
	mustCommit(t, s, state.Batch{Run: run, Version: 1, Writes: []state.Write{state.Queue{Message: m}}})
	if err := s.Release(t.Context(), run, 1, noon()); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesAreSealed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		queueCode(t, s, "run-1", "CODE-4711")
		var stored []byte
		if err := s.read.QueryRowContext(t.Context(), `SELECT message FROM outbox`).Scan(&stored); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"CODE-4711", "x@example.org", "email_code"} {
			if bytes.Contains(stored, []byte(secret)) {
				t.Errorf("%q can be read in the database", secret)
			}
		}
		got, err := s.ClaimMessages(t.Context(), noon(), time.Minute, 10)
		if err != nil || len(got) != 1 || got[0].Data["code"] != "CODE-4711" {
			t.Errorf("claimed %+v, %v", got, err)
		}
	})
}

// TestMessagesOfAnotherTurn moves a sealed message into another row: it must not go out
// there, must not stop the others, and must be told.
func TestMessagesOfAnotherTurn(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "x.db") },
		"postgres": func(t *testing.T) string { return statetest.StartPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			s, err := Open(t.Context(), Config{URL: url(t), Seal: newSealer(t), Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			queueCode(t, s, "run-1", "CODE-1")
			queueCode(t, s, "run-2", "CODE-2")
			queueCode(t, s, "run-3", "CODE-3")
			if _, err := s.write.ExecContext(t.Context(),
				`UPDATE outbox SET message = (SELECT message FROM outbox WHERE run = 'run-1') WHERE run = 'run-2'`); err != nil {
				t.Fatal(err)
			}
			got, err := s.ClaimMessages(t.Context(), noon(), time.Minute, 10)
			if err != nil || len(got) != 2 || got[0].Data["code"] != "CODE-1" || got[1].Data["code"] != "CODE-3" {
				t.Errorf("claimed %+v, %v, want the first and the third", got, err)
			}
			if !strings.Contains(log.String(), "cannot be opened") || strings.Contains(log.String(), "CODE") {
				t.Errorf("log: %s", &log)
			}
		})
	}
}

// brokenSealer has no randomness left.
type brokenSealer struct{ Sealer }

func (brokenSealer) Seal([]byte, []byte) ([]byte, error) { return nil, errors.New("no randomness") }

func TestUnsealedStoresNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "x@example.org")
		s.seal = brokenSealer{s.seal}
		_, err := s.Commit(t.Context(), state.Batch{
			Run: "r", Account: "1", Now: noon(), Writes: []state.Write{state.SetPassword{Hash: "new"}, state.Queue{}},
		})
		if err == nil || !strings.Contains(err.Error(), "no randomness") {
			t.Errorf("commit: %v", err)
		}
		if a, err := s.Account(t.Context(), "1"); err != nil || a.PasswordHash != "hash" {
			t.Errorf("the account was changed: %+v, %v", a, err)
		}
	})
}

// TestIdleClaimsOnlyRead holds the write lock and claims: with nothing to do a worker
// must not wait for it.
func TestIdleClaimsOnlyRead(t *testing.T) {
	s := openSQLite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	err := s.inTx(t.Context(), func(*tx) error {
		if got, err := s.ClaimMessages(ctx, noon(), time.Minute, 10); err != nil || got != nil {
			t.Errorf("messages: %v, %v", got, err)
		}
		if got, err := s.ClaimChanges(ctx, "", noon(), time.Minute, 10); err != nil || got != nil {
			t.Errorf("changes: %v, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestClaimsDoNotWait claims while another worker's claim is not committed yet: what
// that one took is passed over, and nobody waits.
func TestClaimsDoNotWait(t *testing.T) {
	s := openPostgres(t)
	for i := range 4 {
		queueCode(t, s, fmt.Sprint("run-", i), fmt.Sprint(i))
	}
	signUp(t, s, "1", "x@example.org")
	mustCommit(t, s, login("1", 10))
	mustCommit(t, s, login("1", 11))
	mustCommit(t, s, state.Batch{Account: "1", Writes: []state.Write{state.SetPassword{Hash: "new"}}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	err := s.inTx(ctx, func(tx *tx) error {
		first, err := s.claimMessages(ctx, tx, noon(), time.Minute, 3)
		if err != nil || len(first) != 3 {
			t.Errorf("first worker: %d messages, %v", len(first), err)
		}
		second, err := s.ClaimMessages(ctx, noon(), time.Minute, 3)
		if err != nil || len(second) != 1 || second[0].Data["code"] != "3" {
			t.Errorf("second worker: %+v, %v, want the one message that is left", second, err)
		}
		changes, err := s.claimChanges(ctx, tx, "", noon(), time.Minute, 1)
		if err != nil || len(changes) != 1 {
			t.Errorf("first worker: %d changes, %v", len(changes), err)
		}
		others, err := s.ClaimChanges(ctx, "1", noon(), time.Minute, 3)
		if err != nil || len(others) != 1 || others[0].ID == changes[0].ID {
			t.Errorf("second worker: %+v, %v, want the one change that is left", others, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
