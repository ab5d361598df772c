package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"stagedoor/engine"
)

// Take implements [engine.Store] in one round trip, or two where a limit refuses.
func (s *Store) Take(ctx context.Context, take []engine.Take, now time.Time) (*engine.Refusal, error) {
	_, refusal, err := s.Load(ctx, "", take, now)
	return refusal, err
}

// limitKey returns the Redis key of a limit. The window is part of it, so that two limits
// of one thing that differ in it do not count each other's uses.
func (s *Store) limitKey(t engine.Take) string {
	return s.prefix + "l:" + t.Key + ":" + strconv.FormatInt(t.Per.Milliseconds(), 10)
}

func (s *Store) takes(take []engine.Take, now time.Time) []*call {
	calls := make([]*call, len(take))
	for i, t := range take {
		c := newCall(s.lua.take, s.limitKey(t))
		c.once, c.lives, c.adds = true, s.ttl(t.Per), true
		calls[i] = c.with(now.UnixMilli(), t.Per.Milliseconds(), t.Max, &c.lives)
	}
	return calls
}

// refused looks for the first limit that was used up and gives back the uses taken beside it,
// but for those that count the client's address and stand before it: who goes on where one
// name is closed uses up what his address may. A limit that could not be asked is an error:
// nobody gets past it.
func (s *Store) refused(ctx context.Context, take []engine.Take, calls []*call, now time.Time) (*engine.Refusal, error) {
	var refusal *engine.Refusal
	var before, taken []engine.Refund
	var failed error
	for i, c := range calls {
		wait, err := c.int()
		after := time.Duration(wait) * time.Millisecond
		switch {
		case err != nil:
			failed = fmt.Errorf("take %s: %w", take[i].Key, err)
		case wait == 0 && refusal == nil && take[i].By == "ip":
			before = append(before, engine.Refund{Take: take[i]})
		case wait == 0:
			taken = append(taken, engine.Refund{Take: take[i]})
		case refusal == nil:
			refusal = &engine.Refusal{Take: take[i], After: after}
		default:
			refusal.After = max(refusal.After, after)
		}
	}
	if failed != nil {
		taken = append(taken, before...)
	}
	if (refusal == nil && failed == nil) || len(taken) == 0 {
		return refusal, failed
	}
	ctx, cancel := s.afterwards(ctx)
	defer cancel()
	if err := s.Give(ctx, taken, now); err != nil && failed == nil {
		failed = err
	}
	return refusal, failed
}

// Give gives back uses of limits that were taken at the time now, or all of them.
func (s *Store) Give(ctx context.Context, refunds []engine.Refund, now time.Time) error {
	back := s.gives(refunds, now)
	s.do(ctx, nil, back...)
	for _, c := range back {
		if err := c.err(); err != nil {
			return fmt.Errorf("give back: %w", err)
		}
	}
	return nil
}

// gives returns limits. The use a turn took is known by the turn's time.
func (s *Store) gives(give []engine.Refund, now time.Time) []*call {
	calls := make([]*call, len(give))
	for i, g := range give {
		which := any("all")
		if !g.All {
			which = now.UnixMilli()
		}
		calls[i] = newCall(s.lua.give, s.limitKey(g.Take)).with(which)
		calls[i].once, calls[i].gives = true, true
	}
	return calls
}

// putBack undoes returns: the very uses that were removed are there again.
func (s *Store) putBack(give []engine.Refund, done []*call) []*call {
	var calls []*call
	for i, c := range done {
		times, err := c.cmd.StringSlice()
		if err != nil || len(times) == 0 {
			continue
		}
		back := newCall(s.lua.putBack, c.key).with(s.ttl(give[i].Take.Per))
		back.once = true
		for _, at := range times {
			back.with(at)
		}
		calls = append(calls, back)
	}
	return calls
}
