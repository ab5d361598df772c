package stores_test

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/statetest"
	"stagedoor/state/stores"
)

// keys seals messages, which hold codes.
func keys(t testing.TB) *state.Keyring {
	t.Helper()
	k, err := state.NewKeyring(rand.Reader, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestOpenSQL opens only; the suite runs beside the store.
func TestOpenSQL(t *testing.T) {
	s, err := stores.OpenSQL(t.Context(), stores.SQLConfig{URL: filepath.Join(t.TempDir(), "x.db"), Seal: keys(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := statetest.All(s).Accounts.Account(t.Context(), "1"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("an account of an empty database: %v", err)
	}
	if _, err := stores.OpenSQL(t.Context(), stores.SQLConfig{URL: "mysql://localhost", Seal: keys(t)}); err == nil {
		t.Error("a database of another kind opens")
	}
}

func TestOpenRedis(t *testing.T) {
	var trips stores.RoundTrips
	c := stores.RedisConfig{}
	c.Hooks = append(c.Hooks, &trips)
	s, err := stores.EmbedRedis(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	trips.Reset()
	var records engine.Store = s
	if e, _, err := records.Load(t.Context(), "aa", nil, time.Now()); err != nil || e.Found || trips.Count() != 1 {
		t.Errorf("nobody's record: %+v, %v, in %d round trips", e, err, trips.Count())
	}
	if _, err := stores.OpenRedis(t.Context(), stores.RedisConfig{URL: "mysql://localhost"}); err == nil {
		t.Error("what is no Redis opens")
	}
}
