package wire

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// TestProblemOf maps errors to answers: an unexpected one is neither a success nor the
// client's fault.
func TestProblemOf(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		after  time.Duration
	}{
		{fmt.Errorf("wrapped: %w", Conflict()), 409, 0},
		{&accounts.BusyError{RetryAfter: 3 * time.Second}, 503, 3 * time.Second},
		{fmt.Errorf("load: %w", engine.ErrUnavailable), 503, time.Second},
		{engine.ErrContended, 503, time.Second},
		{fmt.Errorf("read: %w", state.ErrUnavailable), 503, time.Second},
		{state.ErrProvider, 503, time.Second},
		{errors.New("anything"), 500, 0},
	} {
		if p := ProblemOf(c.err); p.Status != c.status || p.RetryAfter != c.after {
			t.Errorf("%v: %d after %v, want %d after %v", c.err, p.Status, p.RetryAfter, c.status, c.after)
		}
	}
	if p := Limited(&engine.Refusal{After: time.Minute}); p.Status != 429 || p.RetryAfter != time.Minute {
		t.Errorf("a refusal is %v", p)
	}
	if p := Limited(nil); p.Status != 429 {
		t.Errorf("a refusal that nobody knows is %v", p)
	}
}
