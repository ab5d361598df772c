package contract

import (
	"testing"
	"time"
)

// TestOffered: a session is offered something once in a while, and no more sessions are kept than
// there is room for.
func TestOffered(t *testing.T) {
	var o offered
	start := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		session int64
		at      time.Duration
		want    bool
	}{
		{1, 0, true}, {1, 0, false}, {2, 0, true}, {1, 59 * time.Second, false},
		{3, 59 * time.Second, true}, {3, 61 * time.Second, false}, // a minute begins, and it was in the last
		{1, 2 * time.Minute, false}, {1, 3*time.Minute + 2*time.Second, true}, {1, 3*time.Minute + 3*time.Second, false},
		{1, time.Hour, true}, {1, 0, true}, // a clock is set back
	} {
		if got := o.again(tt.session, start.Add(tt.at)); got != tt.want {
			t.Errorf("session %d after %v: %t", tt.session, tt.at, got)
		}
	}
	for session := range int64(3 * offersMost) {
		o.again(session, start)
	}
	if len(o.now) != offersMost || o.again(5*offersMost, start) || !o.again(5*offersMost, start.Add(offersEvery)) {
		t.Errorf("%d sessions are kept", len(o.now))
	}
}
