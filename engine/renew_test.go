package engine

import "testing"

// TestRenew lets a run stay longer, and never shorter: its own deadline moves only where the
// stage's time would go past it, and a run in a slot of the stage's own has no other time.
func TestRenew(t *testing.T) {
	for _, c := range []struct {
		until, deadline    int64
		held               bool
		wantUntil, wantEnd int64
	}{
		{30, 100, false, 60, 100},
		{30, 50, false, 60, 60},
		{0, 50, true, 0, 60},
		{0, 100, true, 0, 100},
	} {
		r := Run{Until: c.until, Deadline: c.deadline}
		if r.renew(60, c.held); r.Until != c.wantUntil || r.Deadline != c.wantEnd {
			t.Errorf("%+v: until %d, deadline %d", c, r.Until, r.Deadline)
		}
	}
}
