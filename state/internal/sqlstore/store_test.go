package sqlstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	statetest.Run(t, func(t *testing.T) statetest.Stores { return statetest.All(openSQLite(t)) })
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	url := statetest.StartPostgres(t)
	statetest.Run(t, func(t *testing.T) statetest.Stores {
		s := openURL(t, url)
		empty(t, s) // which is ten times faster than a new database
		return statetest.All(s)
	})
}

// empty deletes every row but the version of the tables.
func empty(t *testing.T, s *Store) {
	t.Helper()
	for _, table := range []string{
		"spent_codes", "authenticators", "emails", "providers", "attributes", "sessions", "provider_sessions", "provider_logouts",
		"ended_runs", "runs", "outbox", "changes", "audit", "accounts",
	} {
		if _, err := s.write.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, run func(t *testing.T, s *Store)) {
	t.Run("sqlite", func(t *testing.T) { run(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, openPostgres(t)) })
}

func openSQLite(t testing.TB) *Store {
	t.Helper()
	return openURL(t, filepath.Join(memory(t), "stagedoor.db"))
}

// memory is a folder whose files are in memory, where the system has one: nobody cuts the
// power, and most of the time would go into writing to disk.
func memory(t testing.TB) string {
	t.Helper()
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(shm, "stagedoor-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func openPostgres(t testing.TB) *Store {
	t.Helper()
	return openURL(t, statetest.StartPostgres(t))
}

func openURL(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: url, Seal: newSealer(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// sealer is AES-GCM under a key that is gone when the test ends.
type sealer struct{ aead cipher.AEAD }

func newSealer(t testing.TB) *sealer {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return &sealer{aead}
}

func (s *sealer) Seal(plain, context []byte) ([]byte, error) {
	return s.aead.Seal(nil, nil, plain, context), nil
}

func (s *sealer) Open(sealed, context []byte) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, context)
}

// noon is when these tests take place.
func noon() time.Time { return time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC) }

// numbered is the id of an account as the server draws them.
func numbered(id int64) state.AccountID { return state.AccountID(strconv.FormatInt(id, 10)) }

// signUp stores an account with one address.
func signUp(t testing.TB, s *Store, id state.AccountID, address string) {
	t.Helper()
	mustCommit(t, s, state.Batch{Account: id, Writes: []state.Write{state.CreateAccount{Account: state.Account{
		ID: id, Active: true, PasswordHash: "hash", CreatedAt: noon(),
		Emails: []state.Email{{Address: address, Verified: true, Primary: true}},
	}}}})
}

// mustCommit commits a batch at noon.
func mustCommit(t testing.TB, s *Store, b state.Batch) state.Receipt {
	t.Helper()
	if b.Now.IsZero() {
		b.Now = noon()
	}
	r, err := s.Commit(t.Context(), b)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return r
}

// session returns a session of the account for a day from noon.
func session(account state.AccountID, id int64, run string) *state.Session {
	return &state.Session{
		ID: id, Account: account, Run: run, TokenHash: []byte("hash of " + run), Client: "app",
		CreatedAt: noon(), LastSeen: noon(), ExpiresAt: noon().Add(24 * time.Hour),
	}
}
