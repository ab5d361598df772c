package redisstore_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// oneKey is a hook that fails the test at a command that is not known to touch one key
// alone. Above all there is no KEYS and no SCAN.
type oneKey struct{ testing.TB }

func (h oneKey) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h oneKey) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		h.look(cmd)
		return next(ctx, cmd)
	}
}

func (h oneKey) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			h.look(cmd)
		}
		return next(ctx, cmds)
	}
}

func (h oneKey) look(cmd redis.Cmder) {
	args := cmd.Args()
	switch cmd.Name() {
	case "hello", "ping", "script", "get", "auth", "select", "cluster", "set":
	case "eval", "evalsha":
		if len(args) < 4 || args[2] != 1 {
			h.Errorf("a script with other than one key: %v", args)
		}
	default:
		h.Errorf("command %v: is it known to touch one key?", args)
	}
}

// Scripts name no key but the one they are given, which a single server would let pass.
func TestScriptsTouchOneKey(t *testing.T) {
	var seen int
	look := scriptHook(func(source string) {
		seen++
		call := regexp.MustCompile(`redis\.p?call\(([^,]*),\s*([^,)]*)`)
		for _, m := range call.FindAllStringSubmatch(source, -1) {
			if m[2] != "KEYS[1]" {
				t.Errorf("redis.call(%s, %s) touches another key", m[1], m[2])
			}
		}
		if bad := regexp.MustCompile(`KEYS\[[^1]|#KEYS|(?i)'(keys|scan|hscan)'`).FindString(source); bad != "" {
			t.Errorf("a script contains %q:\n%s", bad, source)
		}
	})
	embedded(t, look)
	if seen < 12 {
		t.Errorf("%d scripts were loaded", seen)
	}
}

// scriptHook sees the source of every script that is loaded.
type scriptHook func(source string)

func (h scriptHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h scriptHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "script" {
			h(cmd.Args()[2].(string))
		}
		return next(ctx, cmd)
	}
}

func (h scriptHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// Round trips of each operation, on a store that has just been opened.
func TestRoundTrips(t *testing.T) {
	var trips redisstore.RoundTrips
	t.Run("embedded", func(t *testing.T) { budget(t, embedded(t, &trips), &trips) })
	t.Run("redis", func(t *testing.T) {
		budget(t, open(t, redisstore.Config{URL: statetest.StartRedis(t), Hooks: []redis.Hook{&trips}}), &trips)
	})
}

func budget(t *testing.T, s *redisstore.Store, trips *redisstore.RoundTrips) {
	ctx, now := t.Context(), time.Now()
	key, to := newKey(), newKey()
	var take []engine.Take
	var give []engine.Refund
	for range 3 {
		l := engine.Take{Key: string(newKey()), Max: 1, Per: time.Minute}
		take, give = append(take, l), append(give, engine.Refund{Take: l})
	}
	rec := func(v uint64) engine.Record { return engine.Record{Version: v} }
	move := &engine.Move{Key: to, Record: rec(1), TTL: time.Minute}
	load := func(key engine.Key, take []engine.Take) func() error {
		return func() error { _, _, err := s.Load(ctx, key, take, now); return err }
	}
	swap := func(sw engine.Swap) func() error {
		sw.Key, sw.TTL, sw.Now = key, time.Minute, now
		return func() error { _, _, err := s.Swap(ctx, sw); return err }
	}
	for _, op := range []struct {
		name  string
		trips int
		do    func() error
	}{
		{"load nothing", 0, load("", nil)},
		{"load", 1, load(key, nil)},
		{"load with limits", 1, load(key, take)},
		{"load with limits, refused by all", 1, load(key, take)},
		{"take, refused by one", 2, func() error {
			_, err := s.Take(ctx, append(take[:1:1], engine.Take{Key: string(newKey()), Max: 1, Per: time.Minute}), now)
			return err
		}},
		{"create", 1, swap(engine.Swap{Record: rec(1)})},
		{"swap with returns", 1, swap(engine.Swap{From: 1, Record: rec(2), Refunds: give})},
		{"lost swap", 1, swap(engine.Swap{From: 1, Record: rec(2)})},
		{"lost swap, its returns put back", 1, swap(engine.Swap{From: 1, Record: rec(2), Refunds: give})},
		{"take again", 1, load("", take)},
		{"returns alone", 1, func() error { _, _, err := s.Swap(ctx, engine.Swap{Refunds: give, Now: now}); return err }},
		{"take once more", 1, load("", take)},
		{"lost move with returns", 2, swap(engine.Swap{From: 1, Move: move, Refunds: give})},
		{"move with returns", 1, swap(engine.Swap{From: 2, Move: move, Refunds: give})},
		{"load what was moved", 1, load(to, nil)},
		{"touch", 1, func() error { _, err := s.Touch(ctx, to, "", "x", time.Minute); return err }},
		{"refresh", 1, func() error { return s.Refresh(ctx, to, "{}", 1) }},
		{"sign out", 1, func() error { return s.SignOut(ctx, to) }},
		{"end", 1, func() error { return s.End(ctx, to, engine.Tombstone{}) }},
		{"restore", 1, func() error { _, err := s.Restore(ctx, to, engine.Entry{}, time.Minute); return err }},
		{"ping", 1, func() error { return s.Ping(ctx) }},
	} {
		trips.Reset()
		if err := op.do(); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
		if trips.Count() != op.trips {
			t.Errorf("%s: %d round trips, want %d", op.name, trips.Count(), op.trips)
		}
	}
}

// What an operation costs this side: a bare GET of go-redis allocates six times, a bare
// compare-and-swap a dozen.
func TestOperationsAreCheap(t *testing.T) {
	s := open(t, redisstore.Config{URL: statetest.StartRedis(t)})
	ctx, now, key, v := t.Context(), time.Now(), newKey(), uint64(0)
	records := make([]engine.Record, 0, 400)
	for i := range cap(records) {
		records = append(records, pending(uint64(i)+1))
	}
	swap := func() {
		if _, won, err := s.Swap(ctx, engine.Swap{Key: key, From: v, Record: records[v], TTL: time.Hour}); err != nil || !won {
			t.Fatalf("won %v, %v", won, err)
		}
		v++
	}
	swap()
	for name, c := range map[string]struct {
		most float64
		do   func()
	}{
		"load": {18, func() {
			if e, _, err := s.Load(ctx, key, nil, now); err != nil || !e.Found {
				t.Fatalf("%+v, %v", e, err)
			}
		}},
		"swap": {20, swap},
	} {
		if n := testing.AllocsPerRun(200, c.do); n > c.most {
			t.Errorf("%s: %v allocations, %v are allowed", name, n, c.most)
		} else {
			t.Logf("%s: %v allocations", name, n)
		}
	}
}
