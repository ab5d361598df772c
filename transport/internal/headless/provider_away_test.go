package headless

import (
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/internal/wire"
)

// However long the front end's URLs are and whatever is in them, the windows that are away
// take no more than their part of a record, and the last one finds its way back.
func TestAwayStatesHaveTheirRoom(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, next := range []string{"/", "/?" + strings.Repeat("&", wire.MaxNext-2), "/?" + strings.Repeat("\u2028", wire.MaxNext/3-1), "/?" + strings.Repeat(`"`, wire.MaxNext-2)} {
		var r engine.Record
		for i := range 2 * maxStates {
			keepAway(&r, awayState{ID: strings.Repeat("a", 21) + string(rune('a'+i)), Provider: "mock", Process: "login", Next: next}, now)
		}
		if b, err := r.Encode(); err != nil || len(b) > engine.MaxRecord/2+200 {
			t.Errorf("%.9q: %d bytes, %v", next, len(b), err)
		}
		if n := len(awayOf(&r, now)); n < 1 || n > maxStates || next == "/" && n != maxStates {
			t.Errorf("%.9q: %d are away", next, n)
		}
		got, there := takeAway(&r, strings.Repeat("a", 21)+string(rune('a'+2*maxStates-1)), "mock", now)
		if !there || got.Next != next {
			t.Errorf("%.9q: the last one is %v, %v", next, got, there)
		}
	}
}
