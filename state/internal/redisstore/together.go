package redisstore

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
)

// gather has reads of records that are made at the same time go to Redis together, as
// Config.AutoPipeline wants it.
//
// It is go-redis' AutoPipeline, for reads of one record alone. What it does to them: a batch
// whose connection fails is sent again as a whole, which reads may be; the context of who asked
// does not go with the batch, so its end is waited for beside it; and a batch waits for the one
// before it, so that a read takes twice as long to see that Redis is away. None of this may
// happen to what is written, to a limit that is taken, or to a script: they go by themselves.
func (s *Store) gather() error {
	reads, err := s.client.AsyncAutoPipeline()
	if err != nil {
		return fmt.Errorf("redis: pipeline reads: %w", err)
	}
	s.reads = reads
	return nil
}

// readTogether reads a record with those that others read.
func (s *Store) readTogether(ctx context.Context, key engine.Key) (engine.Entry, error) {
	read := redis.NewStringCmd(ctx, "get", s.recordKey(key))
	_ = s.reads.Submit(ctx, read).WaitContext(ctx)
	if err := ctx.Err(); err != nil {
		return engine.Entry{}, unavailable(err) // the command may still be written to
	}
	return s.found(ctx, key, read)
}
