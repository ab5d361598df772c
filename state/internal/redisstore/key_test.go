package redisstore_test

import (
	"crypto/rand"

	"stagedoor/engine"
)

// newKey returns a key that was never used.
func newKey() engine.Key { return engine.KeyOf([]byte(rand.Text())) }
