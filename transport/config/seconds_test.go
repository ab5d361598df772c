package config

import (
	"math"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for _, tc := range []struct{ got, want time.Duration }{
		{Seconds(0).Duration(), 0},
		{Seconds(900).Duration(), 15 * time.Minute},
		{Seconds(0.5).Duration(), 500 * time.Millisecond},
		{Days(3).Duration(), 72 * time.Hour},
		{Days(5e-05).Duration(), 4320 * time.Millisecond},
		{Seconds(1e300).Duration(), math.MaxInt64},
		{Seconds(-1e300).Duration(), math.MinInt64},
		{Seconds(math.NaN()).Duration(), 0},
		{Seconds(math.Inf(1)).Duration(), math.MaxInt64},
	} {
		if tc.got != tc.want {
			t.Errorf("got %v, want %v", tc.got, tc.want)
		}
	}
}
