package redisstore

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
)

// What has expired leaves nothing behind, and what has not is there as before, limits and times
// to live included, also for who asks meanwhile.
func TestExpiredKeysLeaveNothing(t *testing.T) {
	clock := &handClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s := startEmbedded(t, Config{Now: clock.now, Timeout: 10 * time.Second})
	ctx := t.Context()
	swap := func(key engine.Key, record engine.Record, ttl time.Duration) {
		t.Helper()
		if _, won, err := s.Swap(ctx, engine.Swap{Key: key, From: record.Version - 1, Record: record, TTL: ttl, Now: clock.now()}); err != nil || !won {
			t.Fatalf("won %v, %v", won, err)
		}
	}
	take := []engine.Take{{Key: "rl", Max: 3, Per: time.Hour}}
	for range 2 {
		if refusal, err := s.Take(ctx, take, clock.now()); err != nil || refusal != nil {
			t.Fatal(refusal, err)
		}
	}
	swap("stays", named(1, "x"), 2*time.Hour)
	var n int
	wave := func() {
		for range renewAfter + 100 {
			n++
			key := engine.Key(fmt.Sprint("passes", n))
			cmd := s.client.Set(ctx, s.recordKey(key), "3;", time.Minute)
			if err := cmd.Err(); err != nil {
				t.Fatal(err)
			}
			s.meter.mu.Lock()
			s.meter.keys[uint64(n)] = weight{bytes: 1, until: clock.now().Add(time.Minute)}
			s.meter.held++
			s.meter.mu.Unlock()
		}
		clock.pass(2 * time.Minute)
		s.CatchUp()
	}
	stop, wg := make(chan struct{}), sync.WaitGroup{}
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if e, _, err := s.Load(ctx, "stays", nil, clock.now()); err != nil || !e.Found {
				t.Errorf("meanwhile: %+v, %v", e, err)
				return
			}
		}
	})
	wave()
	before := inUse()
	const waves = 10
	for range waves {
		wave()
	}
	if grown := inUse() - before; grown > waves*renewAfter*20 {
		t.Errorf("%d keys that have expired left %d bytes", waves*renewAfter, grown)
	}
	close(stop)
	wg.Wait()
	swap("stays", named(2, "y"), 0)
	if left := s.client.PTTL(ctx, s.recordKey("stays")).Val(); left <= 90*time.Minute || left > 2*time.Hour {
		t.Errorf("it lives for %v", left)
	}
	for _, want := range []bool{true, false} {
		if refusal, err := s.Take(ctx, take, clock.now()); err != nil || (refusal == nil) != want {
			t.Errorf("a use of the limit: %+v, %v", refusal, err)
		}
	}
	clock.pass(3 * time.Hour)
	s.CatchUp()
	if e, _, err := s.Load(ctx, "stays", nil, clock.now()); err != nil || e.Found {
		t.Errorf("it stays longer than its time: %+v, %v", e, err)
	}
	runtime.KeepAlive(s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Load(ctx, "stays", nil, clock.now()); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("when it is closed: %v", err)
	}
}

// inUse is how many bytes of the heap are.
func inUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
