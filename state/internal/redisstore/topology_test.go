package redisstore_test

import (
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// TestMasterOfAClusterIsKilled: as soon as a replica has taken over, the records of its slots are
// there again, within seconds, and can be written.
func TestMasterOfAClusterIsKilled(t *testing.T) {
	t.Parallel()
	cluster := statetest.NewRedisCluster(t, true)
	s := open(t, redisstore.Config{URL: cluster.URL})
	keys := make([]engine.Key, 60) // a third of which the master has
	for i := range keys {
		keys[i] = newKey()
		if _, won, err := s.Swap(t.Context(), engine.Swap{Key: keys[i], Record: engine.Record{Version: 1}, TTL: time.Minute, Now: time.Now()}); err != nil || !won {
			t.Fatalf("swap: won %v, %v", won, err)
		}
	}
	cluster.Replicated()
	cluster.Kill(cluster.Masters[0])
	began := time.Now()
	failed := len(readable(t, s, keys, 1))
	if failed == 0 || failed == len(keys) {
		t.Errorf("%d of %d records cannot be read at once", failed, len(keys))
	}
	cluster.TakenOver(0)
	over := time.Now()
	lost := keys
	for len(lost) > 0 && time.Since(over) < 5*time.Second {
		lost = readable(t, s, lost, 1)
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("taken over after %v, all records readable %v later", over.Sub(began).Round(time.Millisecond), time.Since(over).Round(time.Millisecond))
	if len(lost) > 0 {
		t.Fatalf("%d records cannot be read 5 s after the replica has taken over", len(lost))
	}
	for _, key := range keys {
		if _, won, err := s.Swap(t.Context(), engine.Swap{Key: key, From: 1, Record: engine.Record{Version: 2}, TTL: time.Minute, Now: time.Now()}); err != nil || !won {
			t.Errorf("swap: won %v, %v", won, err)
		}
	}
}

// readable returns those of the records that cannot be read, or are not there.
func readable(t *testing.T, s *redisstore.Store, keys []engine.Key, version uint64) (lost []engine.Key) {
	t.Helper()
	for _, key := range keys {
		if e, _, err := s.Load(t.Context(), key, nil, time.Now()); err != nil || !e.Found || e.Record.Version != version {
			lost = append(lost, key)
		}
	}
	return lost
}
