package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

func TestRedisTogether(t *testing.T) {
	t.Parallel()
	url := statetest.StartRedis(t)
	statetest.Records(t, func(t *testing.T) engine.Store { return open(t, redisstore.Config{URL: url, AutoPipeline: true}) })
}

func TestClusterTogether(t *testing.T) {
	t.Parallel()
	url := statetest.StartRedisCluster(t)
	statetest.Records(t, func(t *testing.T) engine.Store {
		return open(t, redisstore.Config{URL: url, AutoPipeline: true, Timeout: 5 * time.Second})
	})
}

// gate keeps back what is sent while it is shut, and knows what was.
type gate struct {
	mu   sync.Mutex
	shut chan struct{}
	sent [][]string
	held atomic.Int64
}

func (g *gate) close() (open func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	shut := make(chan struct{})
	g.shut = shut
	return func() {
		g.mu.Lock()
		g.shut = nil
		g.mu.Unlock()
		close(shut)
	}
}

func (g *gate) pass(cmds ...redis.Cmder) {
	var names []string
	for _, cmd := range cmds {
		names = append(names, cmd.Name())
	}
	g.mu.Lock()
	g.sent = append(g.sent, names)
	shut := g.shut
	g.mu.Unlock()
	if shut != nil {
		g.held.Add(1)
		<-shut
	}
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		g.pass(cmd)
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		g.pass(cmds...)
		return next(ctx, cmds)
	}
}

// stocked returns keys under which records are.
func stocked(t *testing.T, s *redisstore.Store, n int) []engine.Key {
	t.Helper()
	keys := make([]engine.Key, n)
	for i := range keys {
		keys[i] = newKey()
		rec := engine.Record{Version: 1, Owner: engine.AccountID(fmt.Sprint(i))}
		if _, won, err := s.Swap(t.Context(), engine.Swap{Key: keys[i], Record: rec, TTL: time.Minute}); err != nil || !won {
			t.Fatalf("swap: won %v, %v", won, err)
		}
	}
	return keys
}

// all reads all at once, and returns what each got.
func all(ctx context.Context, s *redisstore.Store, keys []engine.Key) []error {
	errs := make([]error, len(keys))
	var wg sync.WaitGroup
	for i, key := range keys {
		wg.Go(func() {
			e, _, err := s.Load(ctx, key, nil, time.Now())
			if err == nil && (!e.Found || e.Record.Owner != engine.AccountID(fmt.Sprint(i))) {
				err = fmt.Errorf("reader %d got %+v", i, e)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	return errs
}

// Reads that are made while others are on their way go together, each to whom it is for; what
// is written, and what is limited, goes by itself.
func TestReadsGoTogether(t *testing.T) {
	g := &gate{}
	s := open(t, redisstore.Config{URL: statetest.StartRedis(t), AutoPipeline: true, Hooks: []redis.Hook{g}})
	keys := stocked(t, s, 40)
	take := []engine.Take{{Key: "t", Max: 1000, Per: time.Minute}}
	g.sent = nil
	release := g.close()
	var wg sync.WaitGroup
	wg.Go(func() {
		for i, err := range all(t.Context(), s, keys) {
			if err != nil {
				t.Errorf("read %d: %v", i, err)
			}
		}
	})
	for i := range 5 {
		wg.Go(func() {
			if _, _, err := s.Swap(t.Context(), engine.Swap{Key: keys[i], From: 1, Record: engine.Record{Version: 2, Owner: engine.AccountID(fmt.Sprint(i))}}); err != nil {
				t.Errorf("swap: %v", err)
			}
		})
		wg.Go(func() {
			if _, _, err := s.Load(t.Context(), keys[i], take, time.Now()); err != nil {
				t.Errorf("limited read: %v", err)
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); g.held.Load() < 11 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // for the last of them to be asked for
	release()
	wg.Wait()
	var batches, reads int
	for _, names := range g.sent {
		if slices.Contains(names, "evalsha") {
			if len(names) > 2 || len(names) == 2 && names[0] != "get" {
				t.Errorf("a script went with %v", names)
			}
			continue
		}
		if slices.Contains(names, "get") { // and not what a new connection says of itself
			batches++
			reads += len(names)
		}
	}
	if reads != len(keys) || batches > 4 {
		t.Errorf("%d reads went in %d batches", reads, batches)
	}
}

// One of several whose reads go together gives up: it is told at once, the others get theirs.
func TestOneOfSeveralGivesUp(t *testing.T) {
	g := &gate{}
	s := open(t, redisstore.Config{URL: statetest.StartRedis(t), AutoPipeline: true, Hooks: []redis.Hook{g}})
	keys := stocked(t, s, 20)
	release := g.close()
	rest := make(chan []error, 1)
	go func() { rest <- all(t.Context(), s, keys) }()
	for g.held.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, _, err := s.Load(ctx, keys[0], nil, time.Now())
	if !errors.Is(err, engine.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
	release()
	for i, err := range <-rest {
		if err != nil {
			t.Errorf("read %d: %v", i, err)
		}
	}
}

// The answers to a batch are lost on the way: its reads are tried a second time, and none of
// the writes beside them.
func TestBatchLost(t *testing.T) {
	p := newProxy(t, statetest.StartRedis(t))
	s := open(t, redisstore.Config{URL: "redis://" + p.addr, Timeout: time.Second, AutoPipeline: true})
	keys := stocked(t, s, 10)
	p.cut(1)
	for i, err := range all(t.Context(), s, keys) {
		if err != nil {
			t.Errorf("read %d: %v", i, err)
		}
	}
	take := engine.Take{Key: "t", Max: 2, Per: time.Minute}
	p.cut(1)
	if _, err := s.Take(t.Context(), []engine.Take{take}, time.Now()); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("take: %v", err)
	}
	if refusal, err := s.Take(t.Context(), []engine.Take{take}, time.Now()); err != nil || refusal != nil {
		t.Errorf("the lost one counts twice: %+v, %v", refusal, err)
	}
}

// A server that says nothing is unavailable to all who read, within the time that two batches
// take, and the same store works when it speaks again. Closing it does not wait for ever.
func TestTogetherAgainstASilentServer(t *testing.T) {
	p := newProxy(t, statetest.StartRedis(t))
	s := open(t, redisstore.Config{URL: "redis://" + p.addr, Timeout: 300 * time.Millisecond, AutoPipeline: true})
	keys := stocked(t, s, 30)
	p.freeze()
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			time.Sleep(time.Duration(i) * 50 * time.Millisecond)
			began := time.Now()
			for _, err := range all(t.Context(), s, keys) {
				if !errors.Is(err, engine.ErrUnavailable) {
					t.Errorf("read: %v", err)
				}
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("it took %v to see that it says nothing", took)
			}
		})
	}
	wg.Wait()
	p.frozen.Store(false)
	for deadline := time.Now().Add(10 * time.Second); ; {
		errs := all(t.Context(), s, keys)
		if !slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the store has not come back: %v", errors.Join(errs...))
		}
	}
	p.freeze()
	go all(t.Context(), s, keys)
	time.Sleep(20 * time.Millisecond)
	began := time.Now()
	if err := s.Close(); err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("closing took %v, %v", time.Since(began), err)
	}
	for _, err := range all(t.Context(), s, keys) {
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("a read after it was closed: %v", err)
		}
	}
}

// Redis dies under reads that go together and comes back: each reader is told, or is answered
// what is its own.
func TestKilledUnderReads(t *testing.T) {
	t.Parallel()
	server := statetest.NewRedis(t)
	s := open(t, redisstore.Config{URL: server.URL, Timeout: time.Second, AutoPipeline: true})
	keys := stocked(t, s, 16)
	var wrong, away, good atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i, key := range keys {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				e, _, err := s.Load(t.Context(), key, nil, time.Now())
				switch {
				case errors.Is(err, engine.ErrUnavailable):
					away.Add(1)
				case err != nil, e.Found && e.Record.Owner != engine.AccountID(fmt.Sprint(i)):
					wrong.Add(1)
				default:
					good.Add(1)
				}
			}
		})
	}
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		server.Kill()
		time.Sleep(50 * time.Millisecond)
		server.Start()
	}
	for deadline := time.Now().Add(10 * time.Second); s.Ping(t.Context()) != nil && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	before := good.Load()
	time.Sleep(500 * time.Millisecond)
	close(stop)
	wg.Wait()
	if wrong.Load() != 0 || away.Load() == 0 || good.Load() == before {
		t.Errorf("%d wrong answers, %d told that it is away, %d and then %d answered", wrong.Load(), away.Load(), before, good.Load())
	}
}

// A slot of a Cluster moves while its records are read together: those who ask the old node are
// sent on, by ASK while it moves and by MOVED once it has.
func TestSlotMovesUnderReads(t *testing.T) {
	t.Parallel()
	cluster := statetest.NewRedisCluster(t, false)
	s := open(t, redisstore.Config{URL: cluster.URL, AutoPipeline: true})
	keys := stocked(t, s, 30)
	read := func(when string) {
		t.Helper()
		for i, err := range all(t.Context(), s, keys) {
			if err != nil {
				t.Errorf("%s: read %d: %v", when, i, err)
			}
		}
	}
	read("before")
	from, to := raw(t, "redis://"+cluster.Masters[0]), raw(t, "redis://"+cluster.Masters[1])
	do := func(c *redis.Client, args ...any) string {
		t.Helper()
		v, err := c.Do(t.Context(), args...).Result()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return fmt.Sprint(v)
	}
	name := from.RandomKey(t.Context()).Val()
	slot := do(from, "cluster", "keyslot", name)
	host, port, _ := strings.Cut(cluster.Masters[1], ":")
	do(to, "cluster", "setslot", slot, "importing", do(from, "cluster", "myid"))
	do(from, "cluster", "setslot", slot, "migrating", do(to, "cluster", "myid"))
	do(from, "migrate", host, port, name, 0, 5000)
	read("while it moves")
	id := do(to, "cluster", "myid")
	do(to, "cluster", "setslot", slot, "node", id)
	do(from, "cluster", "setslot", slot, "node", id)
	read("once it has moved")
	read("later")
}
