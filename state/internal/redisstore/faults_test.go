package redisstore_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// raw connects to a server past the store, to do to it what an operator or a fault does.
func raw(t testing.TB, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// everything does every operation once and returns what each answered.
func everything(ctx context.Context, s *redisstore.Store, key engine.Key) map[string]error {
	now := time.Now()
	take := []engine.Take{{Key: "t", Max: 1 << 30, Per: time.Minute}}
	errs := make(map[string]error)
	_, _, errs["load"] = s.Load(ctx, key, nil, now)
	_, _, errs["load and take"] = s.Load(ctx, key, take, now)
	_, errs["take"] = s.Take(ctx, take, now)
	_, _, errs["swap"] = s.Swap(ctx, engine.Swap{Key: key, Record: engine.Record{Version: 1}, TTL: time.Minute, Now: now})
	_, _, errs["move"] = s.Swap(ctx, engine.Swap{Key: key, Now: now, Move: &engine.Move{Key: newKey(), Record: engine.Record{Version: 1}, TTL: time.Minute}})
	_, _, errs["move from nothing"] = s.Swap(ctx, engine.Swap{Now: now, Move: &engine.Move{Key: newKey(), Record: engine.Record{Version: 1}, TTL: time.Minute}})
	_, _, errs["give"] = s.Swap(ctx, engine.Swap{Now: now, Refunds: []engine.Refund{{Take: take[0]}}})
	_, errs["restore"] = s.Restore(ctx, key, engine.Entry{}, time.Minute)
	errs["sign out"] = s.SignOut(ctx, key)
	errs["refresh"] = s.Refresh(ctx, key, "{}", 1)
	_, errs["touch"] = s.Touch(ctx, key, "", "", time.Minute)
	errs["end"] = s.End(ctx, key, engine.Tombstone{})
	errs["ping"] = s.Ping(ctx)
	return errs
}

// Redis dies and comes back: until then everything is unavailable, soon, and afterwards
// the same store works, its scripts forgotten by the server.
func TestKilledAndBack(t *testing.T) {
	t.Parallel()
	server := statetest.NewRedis(t)
	s := open(t, redisstore.Config{URL: server.URL, Timeout: time.Second})
	key := newKey()
	for range 2 {
		for op, err := range everything(t.Context(), s, newKey()) {
			if err != nil {
				t.Fatalf("%s: %v", op, err)
			}
		}
		server.Kill()
		began := time.Now()
		for op, err := range everything(t.Context(), s, key) {
			if !errors.Is(err, engine.ErrUnavailable) {
				t.Errorf("%s while it is dead: %v, want that it is unavailable", op, err)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v to see that it is dead", took)
		}
		server.Start()
		for deadline := time.Now().Add(10 * time.Second); s.Ping(t.Context()) != nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the store has not come back")
			}
		}
	}
}

// Turns run while Redis dies: each is told of it or is true.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := statetest.NewRedis(t)
	s := open(t, redisstore.Config{URL: server.URL, Timeout: time.Second})
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var mu sync.Mutex
	kinds := map[string]int{}
	for range 8 {
		wg.Go(func() {
			for v, key := uint64(0), newKey(); ; {
				select {
				case <-stop:
					return
				default:
				}
				newer, won, err := s.Swap(t.Context(), engine.Swap{Key: key, From: v, Record: engine.Record{Version: v + 1}, TTL: time.Minute})
				kind := "lost"
				switch {
				case errors.Is(err, engine.ErrUnavailable):
					kind, key, v = "unavailable", newKey(), 0
				case err != nil:
					t.Errorf("swap: %v", err)
				case won:
					kind, v = "won", v+1
				case newer.Found:
					t.Errorf("lost from version %d to %+v, and nobody else is there", v, newer)
				default:
					key, v = newKey(), 0 // the server has forgotten it
				}
				mu.Lock()
				kinds[kind]++
				mu.Unlock()
			}
		})
	}
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		server.Kill()
		time.Sleep(50 * time.Millisecond)
		server.Start()
	}
	time.Sleep(1500 * time.Millisecond)
	mu.Lock()
	before := kinds["won"]
	mu.Unlock()
	time.Sleep(300 * time.Millisecond)
	close(stop)
	wg.Wait()
	if kinds["unavailable"] == 0 || before == 0 || kinds["won"] == before {
		t.Errorf("the store has not come back, or nobody noticed: %v", kinds)
	}
}

// The answer to a swap is lost on the way: it is not sent again, and the caller is told
// that nothing is known. A read is tried a second time.
func TestAnswerLost(t *testing.T) {
	p := newProxy(t, statetest.StartRedis(t))
	s := open(t, redisstore.Config{URL: "redis://" + p.addr, Timeout: time.Second, PoolSize: 1})
	key, take := newKey(), engine.Take{Key: "t", Max: 10, Per: time.Minute}
	now := time.Now()

	p.cut(1)
	_, won, err := s.Swap(t.Context(), engine.Swap{Key: key, Record: engine.Record{Version: 1}, TTL: time.Minute, Now: now})
	if !errors.Is(err, engine.ErrUnavailable) || won {
		t.Errorf("swap: won %v, %v", won, err)
	}
	p.cut(1)
	if _, err := s.Take(t.Context(), []engine.Take{take}, now); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("take: %v", err)
	}
	p.cut(1)
	e, _, err := s.Load(t.Context(), key, nil, now)
	if err != nil || e.Record.Version != 1 {
		t.Errorf("load: %+v, %v; the swap was carried out and a read can be repeated", e, err)
	}
	for n := 0; n < 9; n++ {
		if refusal, err := s.Take(t.Context(), []engine.Take{take}, now); err != nil || refusal != nil {
			t.Fatalf("use %d: %+v, %v; the lost one counts once", n, refusal, err)
		}
	}
	if refusal, err := s.Take(t.Context(), []engine.Take{take}, now); err != nil || refusal == nil {
		t.Errorf("the lost use does not count: %+v, %v", refusal, err)
	}
}

// A server that has forgotten the scripts is taught them again, also those that travel
// beside others and those that follow a lost swap.
func TestScriptsForgotten(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		url := statetest.StartRedis(t)
		client := raw(t, url)
		forgetful(t, func(h redis.Hook) *redisstore.Store {
			return open(t, redisstore.Config{URL: url, Hooks: []redis.Hook{h}})
		}, func() error { return client.ScriptFlush(t.Context()).Err() })
	})
}

func forgetful(t *testing.T, open func(redis.Hook) *redisstore.Store, flush func() error) {
	var trips redisstore.RoundTrips
	s := open(&trips)
	key := newKey()
	now := time.Now()
	take := []engine.Take{{Key: "a", Max: 100, Per: time.Minute}, {Key: "b", Max: 1, Per: time.Minute}}
	step := func(name string, want int, do func() error) {
		t.Helper()
		if err := flush(); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{want, want - 1} { // the second time it knows them
			trips.Reset()
			if err := do(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if trips.Count() != want {
				t.Errorf("%s: %d round trips, want %d", name, trips.Count(), want)
			}
		}
	}
	step("load", 2, func() error {
		_, refusal, err := s.Load(t.Context(), key, take[:1], now)
		if refusal != nil {
			t.Errorf("refused: %+v", refusal)
		}
		return err
	})
	version := uint64(0)
	step("swap", 2, func() error {
		_, won, err := s.Swap(t.Context(), engine.Swap{
			Key: key, From: version, Record: engine.Record{Version: version + 1}, TTL: time.Minute, Now: now,
			Refunds: []engine.Refund{{Take: take[0]}},
		})
		if version++; !won {
			t.Error("the swap was lost")
		}
		return err
	})
	step("restore", 2, func() error { _, err := s.Restore(t.Context(), newKey(), engine.Entry{}, time.Minute); return err })
	step("move", 2, func() error {
		_, won, err := s.Swap(t.Context(), engine.Swap{Key: newKey(), Now: now, Move: &engine.Move{Key: newKey(), Record: engine.Record{Version: 1}, TTL: time.Minute}})
		if !won {
			t.Error("the move was lost")
		}
		return err
	})
}

// Deadlines of the caller are kept, against a server that says nothing.
func TestDeadline(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it accepts, and never answers
	for _, c := range []struct{ timeout, deadline time.Duration }{{time.Minute, 150 * time.Millisecond}, {150 * time.Millisecond, time.Minute}} {
		ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
		began := time.Now()
		_, err := redisstore.Open(ctx, redisstore.Config{URL: "redis://" + l.Addr().String(), Timeout: c.timeout})
		cancel()
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("open: %v", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v, with a deadline of %v and a timeout of %v", took, c.deadline, c.timeout)
		}
	}
}

func TestDeadlineWhileOpen(t *testing.T) {
	p := newProxy(t, statetest.StartRedis(t))
	s := open(t, redisstore.Config{URL: "redis://" + p.addr, Timeout: time.Minute})
	p.freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _, err := s.Load(ctx, newKey(), nil, time.Now())
	if !errors.Is(err, engine.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		var timeout net.Error
		if !errors.Is(err, engine.ErrUnavailable) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("load: %v", err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestOpenUnreachable(t *testing.T) {
	for _, url := range []string{"redis://127.0.0.1:1", "unix:///nowhere/redis.sock", "redis://127.0.0.1:1,127.0.0.1:2"} {
		s, err := redisstore.Open(t.Context(), redisstore.Config{URL: url, Timeout: time.Second})
		if s != nil || !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// What Redis itself refuses is unavailable, too: a full memory, a key of another type.
func TestRefusedByRedis(t *testing.T) {
	url := statetest.StartRedis(t)
	s, client := open(t, redisstore.Config{URL: url, Prefix: "t:"}), raw(t, url)
	if err := client.RPush(t.Context(), "t:k:mine", "a list").Err(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Load(t.Context(), "mine", nil, time.Now()); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a key of another type: %v", err)
	}
	if err := client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	_, won, err := s.Swap(t.Context(), engine.Swap{Key: newKey(), Record: engine.Record{Version: 1}, TTL: time.Minute})
	if won || !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("no memory: won %v, %v", won, err)
	}
}
