package server

import (
	"context"
	"log/slog"

	"stagedoor/engine"
)

// observe passes on what the engine tells of a turn. The turn is stored by then: whoever
// fails here must not take its answer from the client.
func (s *Server) observe(ctx context.Context, t engine.Turned) {
	if s.options.Observe == nil {
		return
	}
	defer func() {
		if fault := recover(); fault != nil {
			s.options.Log.ErrorContext(ctx, "an observer of turns panicked", slog.Any("fault", fault), slog.String("flow", string(t.Flow)))
		}
	}()
	s.options.Observe(ctx, t)
}
