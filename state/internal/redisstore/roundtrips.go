package redisstore

import (
	"context"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// RoundTrips is a hook that counts round trips: a command is one, and so is a pipeline,
// however many commands it holds and to however many servers of a Cluster it goes. What
// a new connection says of itself does not count. While one request is served alone, the
// count is its sequential round trips.
//
//	var trips redisstore.RoundTrips
//	store, err := redisstore.Open(ctx, redisstore.Config{URL: url, Hooks: []redis.Hook{&trips}})
type RoundTrips struct{ n atomic.Int64 }

var _ redis.Hook = (*RoundTrips)(nil)

// Count returns how many there were since the last Reset.
func (r *RoundTrips) Count() int { return int(r.n.Load()) }

// Reset begins anew at 0.
func (r *RoundTrips) Reset() { r.n.Store(0) }

// DialHook counts nothing.
func (r *RoundTrips) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook counts a command.
func (r *RoundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		r.count(cmd)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook counts a pipeline.
func (r *RoundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		r.count(cmds...)
		return next(ctx, cmds)
	}
}

func (r *RoundTrips) count(cmds ...redis.Cmder) {
	for _, cmd := range cmds {
		switch cmd.Name() {
		case "hello", "auth", "select", "client", "readonly":
		default:
			r.n.Add(1)
			return
		}
	}
}
