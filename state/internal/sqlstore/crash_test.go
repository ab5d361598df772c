package sqlstore

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
)

// crashFile is the variable that makes the test binary the victim of TestKill.
const crashFile = "STAGEDOOR_TEST_CRASH_FILE"

// TestKill kills a process that commits, five times, with a signal it cannot catch.
// Every account it has said is stored must be there, and no account half.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	acknowledged := map[int64]bool{}
	for round := range 5 {
		for _, id := range runVictim(t, path, round) {
			acknowledged[id] = true
		}
	}
	if len(acknowledged) < 50 {
		t.Fatalf("only %d accounts were acknowledged: the victim did not get far enough", len(acknowledged))
	}
	s := openURL(t, path)
	var check string
	if err := s.write.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity check: %s, %v", check, err)
	}
	var ids []int64
	rows, err := s.read.query(t.Context(), `SELECT id FROM accounts`)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		wholeVictim(t, s, id)
		delete(acknowledged, id)
	}
	if len(acknowledged) != 0 {
		t.Errorf("acknowledged and lost: %v", acknowledged)
	}
	t.Logf("%d accounts", len(ids))
}

// wholeVictim holds an account against what the victim stores in one batch.
func wholeVictim(t *testing.T, s *Store, id int64) {
	t.Helper()
	a, err := s.Account(t.Context(), numbered(id))
	if err != nil {
		t.Errorf("account %d: %v", id, err)
		return
	}
	sessions, err := s.SessionsOf(t.Context(), numbered(id), noon())
	if err != nil || len(a.Emails) != 3 || len(a.Authenticators) != 2 || len(a.Attributes) != 1 || len(sessions) != 1 {
		t.Errorf("account %d is half made: %+v, sessions %v, %v", id, a, sessions, err)
	}
	var queued int
	err = s.read.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM outbox WHERE run = $1`, victimRun(id)).Scan(&queued)
	if err != nil || queued != 1 {
		t.Errorf("account %d: %d messages, %v", id, queued, err)
	}
}

// runVictim runs the victim for a moment, kills it, and returns what it acknowledged.
func runVictim(t *testing.T, path string, round int) []int64 {
	t.Helper()
	victim := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), crashFile+"="+path, "STAGEDOOR_TEST_CRASH_ROUND="+strconv.Itoa(round))
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	lines := bufio.NewScanner(out)
	deadline := time.AfterFunc(30*time.Second, func() { _ = victim.Process.Kill() })
	defer deadline.Stop()
	for lines.Scan() {
		if id, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
			ids = append(ids, id)
		}
		if len(ids) == 20 { // from here on, at any moment
			time.AfterFunc(rand.N(30*time.Millisecond), func() { _ = victim.Process.Kill() })
		}
	}
	_ = victim.Wait() // it was killed
	return ids
}

func victimRun(id int64) string { return fmt.Sprint("run-", id) }

// TestVictim commits without end and prints the id of each account that is stored.
func TestVictim(t *testing.T) {
	path := os.Getenv(crashFile)
	if path == "" {
		t.Skip("this is what TestKill kills")
	}
	round, err := strconv.ParseInt(os.Getenv("STAGEDOOR_TEST_CRASH_ROUND"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	s := openURL(t, path)
	var wg sync.WaitGroup
	for worker := range int64(4) {
		wg.Go(func() {
			for n := range int64(1e6) {
				id := (round*10+worker)*1e6 + n + 1
				if _, err := s.Commit(context.Background(), victimBatch(id)); err != nil {
					t.Errorf("commit: %v", err)
					return
				}
				fmt.Println(id)
			}
		})
	}
	wg.Wait()
}

func victimBatch(id int64) state.Batch {
	address := func(n int) state.Email {
		return state.Email{Address: fmt.Sprintf("%d-%d@example.org", id, n), Verified: n > 0}
	}
	factor := func(n int64, kind state.AuthenticatorType) state.Write {
		return state.AddAuthenticator{Authenticator: state.Authenticator{ID: id*10 + n, Type: kind, CreatedAt: noon()}}
	}
	return state.Batch{
		Run: victimRun(id), Account: numbered(id), Now: noon(), Session: session(numbered(id), id, victimRun(id)),
		Writes: []state.Write{
			state.CreateAccount{Account: state.Account{
				ID: numbered(id), Active: true, CreatedAt: noon(), Emails: []state.Email{address(0), address(1), address(2)},
				Attributes: map[string]string{"t.a": "b"},
			}},
			factor(1, state.TOTP), factor(2, state.RecoveryCodes),
			state.Queue{Message: state.Message{Template: "welcome"}},
		},
	}
}
