package engine

import (
	"testing"
	"time"
)

// TestRateOfAll: whoever asks, known or not, uses up the same limit.
func TestRateOfAll(t *testing.T) {
	r := Rates{"sms": {{Max: 2, Per: time.Minute, By: "block"}, {Max: 9, Per: time.Minute, By: "all"}}}
	for _, c := range []Counted{{}, {IP: "192.0.2.1", Key: "k"}, {User: "7", Block: "192.0.2.0/24"}} {
		got := r.Takes("sms", c)
		if len(got) == 0 || got[len(got)-1].Key != "rl:sms:1:all:all" || got[len(got)-1].Max != 9 {
			t.Errorf("%+v: %+v", c, got)
		}
		if c.Block != "" && (len(got) != 2 || got[0].Key != "rl:sms:0:block:"+c.Block) {
			t.Errorf("by block: %+v", got)
		}
	}
}
