package suite

import (
	"context"
	"net/http"

	"github.com/redis/go-redis/v9"

	"stagedoor/state/stores"
)

// ofRequests counts the round trips that requests make, and not those of what works
// beside them.
type ofRequests struct{ *stores.RoundTrips }

// ProcessHook counts a command of a request.
func (h ofRequests) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	counted := h.RoundTrips.ProcessHook(next)
	return func(ctx context.Context, cmd redis.Cmder) error {
		if ctx.Value(http.ServerContextKey) == nil {
			return next(ctx, cmd)
		}
		return counted(ctx, cmd)
	}
}

// ProcessPipelineHook counts a pipeline of a request.
func (h ofRequests) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	counted := h.RoundTrips.ProcessPipelineHook(next)
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if ctx.Value(http.ServerContextKey) == nil {
			return next(ctx, cmds)
		}
		return counted(ctx, cmds)
	}
}
