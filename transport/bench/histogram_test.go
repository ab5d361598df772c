package bench

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHistogram is held against a sorted list: a quantile is never below the right one, and at most
// one part in 64 above.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, 1<<rapid.IntRange(1, 40).Draw(t, "size")).Draw(t, "latency"))
		}), 1, 200).Draw(t, "latencies")
		cut := rapid.IntRange(0, len(list)).Draw(t, "cut")
		var one, other Histogram
		for i, d := range list {
			if i < cut {
				one.Record(d)
			} else {
				other.Record(d)
			}
		}
		one.Merge(&other)
		slices.Sort(list)
		if one.Count() != len(list) || one.Max() != list[len(list)-1] {
			t.Fatalf("%d with a maximum of %s, want %d and %s", one.Count(), one.Max(), len(list), list[len(list)-1])
		}
		for _, q := range []float64{0, 0.5, 0.9, 0.99, 0.999, 1} {
			rank := max(1, int(math.Ceil(q*float64(len(list))-1e-9)))
			want, got := list[rank-1], one.Quantile(q)
			if got < want || got > want+want/64 {
				t.Errorf("quantile %g of %v is %d, want %d", q, list, got, want)
			}
		}
		sum := 0
		for i, bar := range one.Bars() {
			sum += bar.Count
			if i > 0 && bar.Below != 2*one.Bars()[i-1].Below {
				t.Errorf("bars %v", one.Bars())
			}
		}
		if bars := one.Bars(); sum != len(list) || bars[0].Count == 0 || bars[len(bars)-1].Count == 0 || bars[len(bars)-1].Below <= one.Max() {
			t.Errorf("bars %v of %v", bars, list)
		}
	})
	var none Histogram
	if none.Quantile(0.5) != 0 || none.Mean() != 0 || none.Bars() != nil {
		t.Error("of nothing there is something")
	}
}

// TestInterval: the median is the middle, and what scatters more is known less well.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 100}, 3}} {
		if got := NewInterval(c.values).Median; got != c.want || Median(c.values) != c.want {
			t.Errorf("the median of %v is %g, want %g", c.values, got, c.want)
		}
	}
	narrow, wide := make([]float64, 24), make([]float64, 24)
	for i := range narrow {
		narrow[i], wide[i] = 1+float64(i%5)/100, 1+float64(i%5)/10
	}
	n, w := NewInterval(narrow), NewInterval(wide)
	if n.Low > n.Median || n.High < n.Median || w.High-w.Low <= n.High-n.Low || n.Low < 1 || n.High > 1.04 {
		t.Errorf("%s and %s", n, w)
	}
	if n != NewInterval(narrow) {
		t.Error("the same values have two intervals")
	}
	if got := (Interval{1.084, 1.061, 1.107}).String(); got != "1.08 [1.06-1.11]" {
		t.Error(got)
	}
}
