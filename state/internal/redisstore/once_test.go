package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
)

// TestOnce lets one of many have a name, until its time is over, and stores no name.
func TestOnce(t *testing.T) {
	mini := miniredis.RunT(t)
	s := open(t, redisstore.Config{URL: "redis://" + mini.Addr(), Prefix: "x:"})
	now := time.Now()
	var first atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			got, err := s.Once(t.Context(), "iss jti", now.Add(time.Minute), now)
			if err != nil {
				t.Error(err)
			}
			if got {
				first.Add(1)
			}
		})
	}
	all.Wait()
	if first.Load() != 1 {
		t.Errorf("%d were the first", first.Load())
	}
	if got, err := s.Once(t.Context(), "iss other", now.Add(time.Minute), now); !got || err != nil {
		t.Errorf("another name: %v, %v", got, err)
	}
	for _, key := range mini.Keys() {
		if strings.Contains(key, "jti") || !strings.HasPrefix(key, "x:once:") {
			t.Errorf("key %q", key)
		}
	}
	mini.FastForward(time.Hour)
	if got, err := s.Once(t.Context(), "iss jti", now.Add(2*time.Hour), now.Add(time.Hour)); !got || err != nil {
		t.Errorf("after its time: %v, %v", got, err)
	}
	mini.SetError("down")
	if got, err := s.Once(t.Context(), "iss third", now.Add(time.Hour), now); got || !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("while Redis is down: %v, %v", got, err)
	}
}

// TestSetLog has the client's lines where the program wants them.
func TestSetLog(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	redisstore.SetLog(func(_ context.Context, text string) {
		mu.Lock()
		lines = append(lines, text)
		mu.Unlock()
	})
	defer redisstore.SetLog(func(context.Context, string) {})
	mini := miniredis.RunT(t)
	s := open(t, redisstore.Config{URL: "redis://" + mini.Addr(), Timeout: 200 * time.Millisecond})
	mini.Close()
	for range 30 {
		_ = s.Ping(t.Context())
	}
	mu.Lock()
	defer mu.Unlock()
	if len(lines) == 0 {
		t.Error("the client says nothing of a server that is gone")
	}
}
