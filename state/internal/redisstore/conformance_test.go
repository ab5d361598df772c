package redisstore_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

var _ statetest.Keeper = (*redisstore.Store)(nil)

func TestEmbedded(t *testing.T) {
	t.Parallel()
	statetest.Records(t, func(t *testing.T) engine.Store { return embedded(t) })
}

func TestRedis(t *testing.T) {
	t.Parallel()
	url := statetest.StartRedis(t)
	statetest.Records(t, func(t *testing.T) engine.Store { return open(t, redisstore.Config{URL: url}) })
}

// In a Cluster of three every key may lie on another server, and each server refuses a
// script that touches a key that was not declared.
func TestCluster(t *testing.T) {
	t.Parallel()
	url := statetest.StartRedisCluster(t)
	statetest.Records(t, func(t *testing.T) engine.Store {
		return open(t, redisstore.Config{URL: url, Timeout: 5 * time.Second})
	})
}

// open connects to a server and closes the store with the test.
func open(t testing.TB, c redisstore.Config) *redisstore.Store {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second // of a busy machine
	}
	c.Hooks = append(c.Hooks, oneKey{t})
	s, err := redisstore.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// embedded opens an embedded store and closes it with the test.
func embedded(t testing.TB, hooks ...redis.Hook) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Embedded(t.Context(), redisstore.Config{Hooks: append(hooks, oneKey{t}), Timeout: 5 * time.Second})
	if err != nil {
		t.Fatalf("open embedded: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
