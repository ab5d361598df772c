package engine

import (
	"testing"
	"time"
)

// TestRateByBlock: addresses that one party is given are counted as one, whichever way the server
// writes them down, and what is no address is not counted.
func TestRateByBlock(t *testing.T) {
	r := Rates{"sms": {{Max: 2, Per: time.Minute, By: "block"}}}
	for _, c := range []struct{ ip, want string }{
		{"192.0.2.1", "192.0.2.0/24"},
		{"192.0.2.255", "192.0.2.0/24"},
		{"192.0.3.0", "192.0.3.0/24"},
		{"::ffff:192.0.2.9", "192.0.2.0/24"},
		{"2001:db8:1:2::/64", "2001:db8:1::/48"},
		{"2001:db8:1:ffff::9", "2001:db8:1::/48"},
		{"2001:db8:2::9", "2001:db8:2::/48"},
		{"fe80::1%eth0", "fe80::/48"},
		{"", ""},
		{"unknown", ""},
	} {
		got := r.Takes("sms", Counted{IP: c.ip})
		if c.want == "" {
			if len(got) != 0 {
				t.Errorf("%q is counted: %+v", c.ip, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Key != "rl:sms:0:block:"+c.want || got[0].By != "block" {
			t.Errorf("%s: %+v, want %s", c.ip, got, c.want)
		}
	}
}

// TestRateOfAll: whoever asks, known or not, uses up the same limit.
func TestRateOfAll(t *testing.T) {
	r := Rates{"sms": {{Max: 2, Per: time.Minute, By: "key"}, {Max: 9, Per: time.Minute, By: "all"}}}
	for _, c := range []Counted{{}, {IP: "192.0.2.1", Key: "k"}, {User: "7"}} {
		got := r.Takes("sms", c)
		if len(got) == 0 || got[len(got)-1].Key != "rl:sms:1:all:all" || got[len(got)-1].Max != 9 {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
