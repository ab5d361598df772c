package server

import (
	"context"
	"fmt"
	"time"
)

// settlePause is how long Settle waits before it looks again.
const settlePause = 200 * time.Microsecond

// Settle waits until nothing is left of what requests so far have set going: released
// messages have been sent, and changes of accounts have reached the sessions they are
// about. Tests and replays look at what was sent after it. It fails when the context
// ends, which it does where a message cannot be sent.
func (s *Server) Settle(ctx context.Context) error {
	for {
		busy, err := s.database.Busy(ctx)
		if err != nil {
			return fmt.Errorf("settle: %w", err)
		}
		if !busy {
			return nil
		}
		s.committed()
		select {
		case <-ctx.Done():
			return fmt.Errorf("settle: messages or changes are left: %w", context.Cause(ctx))
		case <-time.After(settlePause):
		}
	}
}
