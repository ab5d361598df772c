package redisstore

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
)

// A server may know some scripts and not others: each runs once, in its order.
func TestScriptsHalfKnown(t *testing.T) {
	var trips RoundTrips
	s := startEmbedded(t, Config{Hooks: []redis.Hook{&trips}})
	ctx, now := t.Context(), time.Now()
	take := []engine.Take{{Key: "t", Max: 3, Per: time.Minute}}
	for _, known := range []*script{s.lua.take, s.lua.swap, s.lua.place, s.lua.drop} {
		if err := s.client.ScriptFlush(ctx).Err(); err != nil {
			t.Fatal(err)
		}
		if err := s.client.ScriptLoad(ctx, known.source).Err(); err != nil {
			t.Fatal(err)
		}
		from, to := engine.KeyOf([]byte(known.source)), engine.KeyOf([]byte("to"+known.source))
		if _, refusal, err := s.Load(ctx, from, take, now); err != nil || refusal != nil {
			t.Fatalf("load: %+v, %v", refusal, err)
		}
		give := []engine.Refund{{Take: take[0]}}
		rec := engine.Record{Version: 1}
		if _, won, err := s.Swap(ctx, engine.Swap{Key: from, Record: rec, TTL: time.Minute, Refunds: give, Now: now}); err != nil || !won {
			t.Fatalf("swap: won %v, %v", won, err)
		}
		move := engine.Swap{Key: from, From: 1, Now: now, Move: &engine.Move{Key: to, Record: rec, TTL: time.Minute}}
		if _, won, err := s.Swap(ctx, move); err != nil || !won {
			t.Fatalf("move: won %v, %v", won, err)
		}
		if e, _, err := s.Load(ctx, to, nil, now); err != nil || !e.Found {
			t.Fatalf("moved: %+v, %v", e, err)
		}
	}
	if n, err := s.client.LLen(ctx, s.limitKey(take[0])).Result(); err != nil || n != 0 {
		t.Errorf("%d uses are left after all were given back, %v", n, err)
	}
}

// brokenHook fails every script and read without telling the commands.
type brokenHook struct{ err error }

func (h brokenHook) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h brokenHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "evalsha" || cmd.Name() == "get" {
			return h.err
		}
		return next(ctx, cmd)
	}
}

func (h brokenHook) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(context.Context, []redis.Cmder) error { return h.err }
}

// Whatever stands between here and Redis, a round trip that failed is no success.
func TestRoundTripFailsWhole(t *testing.T) {
	s := startEmbedded(t, Config{Hooks: []redis.Hook{brokenHook{io.ErrNoProgress}}})
	_, won, err := s.Swap(t.Context(), engine.Swap{Key: "k", Record: engine.Record{Version: 1}, TTL: time.Minute})
	if won || !errors.Is(err, engine.ErrUnavailable) || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("swap: won %v, %v", won, err)
	}
	if _, refusal, err := s.Load(t.Context(), "k", []engine.Take{{Key: "t", Max: 1, Per: time.Minute}}, time.Now()); refusal != nil || !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("load: refusal %v, %v", refusal, err)
	}
	if err := s.End(t.Context(), "k", engine.Tombstone{}); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("end: %v", err)
	}
}

func TestUnavailable(t *testing.T) {
	if err := unavailable(nil); err != nil {
		t.Errorf("no error became %v", err)
	}
	if err := unavailable(context.Canceled); !errors.Is(err, engine.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// No randomness, no move; and nothing is stored.
func TestNoRandomness(t *testing.T) {
	s := startEmbedded(t, Config{Rand: io.LimitReader(nil, 0)})
	_, won, err := s.Swap(t.Context(), engine.Swap{Key: "old", Move: &engine.Move{Key: "new", Record: engine.Record{Version: 1}, TTL: time.Minute}})
	if won || err == nil {
		t.Errorf("won %v, %v", won, err)
	}
	if e, _, err := s.Load(t.Context(), "old", nil, time.Now()); err != nil || e.Found {
		t.Errorf("%+v, %v", e, err)
	}
}
