package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
)

// Store keeps records and limits in Redis. It is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	prefix  string
	timeout time.Duration
	// slack is added to every time to live where the server's clock moves in leaps.
	slack   time.Duration
	lua     scripts
	damaged func(engine.Key, error)
	rand    io.Reader
	// reads sends reads of records together; nil where each goes by itself.
	reads *redis.AutoPipeliner
	// stop ends an embedded server, pass has its clock catch up, meter knows how much it holds;
	// nil for others.
	stop, pass func()
	meter      *meter
}

var _ engine.Store = (*Store)(nil)

// Open connects to Redis, looks whether it answers and teaches it the scripts. The
// errors are a fault of the configuration, or [engine.ErrUnavailable].
func Open(ctx context.Context, c Config) (*Store, error) {
	c.complete()
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	s := c.store(o)
	if err := s.greet(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("redis at %v: %w", o.Addrs, err), s.Close())
	}
	if c.AutoPipeline {
		if err := s.gather(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// complete puts the defaults in.
func (c *Config) complete() {
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultMaxBytes
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
}

func (c *Config) store(o *redis.UniversalOptions) *Store {
	s := &Store{
		client: redis.NewUniversalClient(o), prefix: c.Prefix, timeout: c.Timeout,
		lua: newScripts(), damaged: c.Damaged, rand: c.Rand,
	}
	for _, h := range c.Hooks {
		s.client.AddHook(h)
	}
	watchTopology(s.client)
	return s
}

// greet loads the scripts, so that the first request has no round trip more than others.
func (s *Store) greet(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	for _, sc := range s.lua.all() {
		if err := s.client.ScriptLoad(ctx, sc.source).Err(); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Ping asks Redis for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return unavailable(s.client.Ping(ctx).Err())
}

// CatchUp has the clock of an embedded server go on at once to what its Now says, as it does once a
// second by itself: for a clock that was put ahead. Any other server has a time of its own.
func (s *Store) CatchUp() {
	if s.pass != nil {
		s.pass()
	}
}

// Close ends all connections, and the embedded server with all it holds.
func (s *Store) Close() error {
	err := s.client.Close()
	if s.stop != nil {
		s.stop()
	}
	return err
}

// Load implements [engine.Store] in one round trip, or two where a limit refuses or a
// server has forgotten a script. Of several limits that refuse, the one that lasts
// longest is returned. An empty key without limits asks nothing.
func (s *Store) Load(ctx context.Context, key engine.Key, take []engine.Take, now time.Time) (engine.Entry, *engine.Refusal, error) {
	if s.reads != nil && key != "" && len(take) == 0 {
		e, err := s.readTogether(ctx, key)
		return e, nil, err
	}
	var read *redis.StringCmd
	calls := s.takes(take, now)
	switch {
	case key != "":
		read = redis.NewStringCmd(ctx, "get", s.recordKey(key))
		s.do(ctx, read, calls...)
	case len(calls) > 0:
		s.do(ctx, nil, calls...)
	}
	refusal, err := s.refused(ctx, take, calls, now)
	if err != nil {
		return engine.Entry{}, nil, err
	}
	if read == nil {
		return engine.Entry{}, refusal, nil
	}
	e, err := s.found(ctx, key, read)
	if err != nil {
		refusal = nil
	}
	return e, refusal, err
}

// found returns the entry that a read has found. What an earlier release has kept as a hash is
// asked for once more, by a script that makes a value of it.
func (s *Store) found(ctx context.Context, key engine.Key, read *redis.StringCmd) (engine.Entry, error) {
	value, err := read.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return engine.Entry{}, nil
	case redis.HasErrorPrefix(err, "WRONGTYPE"):
		c := newCall(s.lua.read, s.recordKey(key))
		s.do(ctx, nil, c)
		value, err = c.cmd.Text()
	}
	if err != nil {
		return engine.Entry{}, unavailable(err)
	}
	return s.entry(key, value), nil
}

// entry decodes an entry; a damaged one is reported and not found.
func (s *Store) entry(key engine.Key, value string) engine.Entry {
	e, err := decodeEntry(value)
	if err != nil && s.damaged != nil {
		s.damaged(key, err)
	}
	return e
}

// ttl returns a time to live in milliseconds, at least one.
func (s *Store) ttl(d time.Duration) int64 {
	return max(1, (d + s.slack).Milliseconds())
}

// afterwards is a context for what must be put right although the request may be over.
func (s *Store) afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*s.timeout)
}
