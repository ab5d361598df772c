package bench

import (
	"math/bits"
	"time"
)

// fine is how many buckets each power of two has, as a power of two: a latency is known to
// one part in 64.
const fine = 6

// Histogram counts latencies in buckets that grow with them, as HdrHistogram does. The zero value is
// ready. It is for one goroutine.
type Histogram struct {
	counts []int
	n      int
	sum    time.Duration
	max    time.Duration
}

// bucket is where a latency is counted: one by one below 128 ns, then 64 to each power of two.
func bucket(d time.Duration) int {
	v := uint64(max(d, 0))
	shift := max(0, bits.Len64(v)-fine-1)
	return shift<<fine + int(v>>shift)
}

// upper is the longest latency that a bucket counts.
func upper(bucket int) time.Duration {
	shift := max(0, bucket>>fine-1)
	return time.Duration(bucket-shift<<fine+1)<<shift - 1
}

// Record counts a latency.
func (h *Histogram) Record(d time.Duration) {
	at := bucket(d)
	if need := at + 1 - len(h.counts); need > 0 {
		h.counts = append(h.counts, make([]int, need)...)
	}
	h.counts[at]++
	h.n++
	h.sum += d
	h.max = max(h.max, d)
}

// Merge adds what another has counted.
func (h *Histogram) Merge(o *Histogram) {
	if need := len(o.counts) - len(h.counts); need > 0 {
		h.counts = append(h.counts, make([]int, need)...)
	}
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.n += o.n
	h.sum += o.sum
	h.max = max(h.max, o.max)
}

// Count is how many latencies were counted.
func (h *Histogram) Count() int { return h.n }

// Max is the longest.
func (h *Histogram) Max() time.Duration { return h.max }

// Mean is the average, 0 of none.
func (h *Histogram) Mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return h.sum / time.Duration(h.n)
}

// Quantile is the latency that a share q of all, from 0 to 1, did not exceed, to one part in 64
// and never below it. Of none it is 0.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank, seen := int(q*float64(h.n)+0.999999), 0
	for at, n := range h.counts {
		if seen += n; seen >= max(rank, 1) {
			return min(upper(at), h.max)
		}
	}
	return h.max
}

// Bar is how many latencies were below a limit, and not below that of the bar before it.
type Bar struct {
	Below time.Duration `json:"below_ns"`
	Count int           `json:"count"`
}

// Bars is the distribution, a bar for each power of two of microseconds, from the first that
// has any to the last.
func (h *Histogram) Bars() []Bar {
	var out []Bar
	for at, n := range h.counts {
		if n == 0 && len(out) == 0 {
			continue
		}
		below := time.Microsecond
		for below <= upper(at) {
			below *= 2
		}
		for len(out) > 0 && out[len(out)-1].Below < below/2 {
			out = append(out, Bar{Below: out[len(out)-1].Below * 2})
		}
		if len(out) == 0 || out[len(out)-1].Below < below {
			out = append(out, Bar{Below: below})
		}
		out[len(out)-1].Count += n
	}
	for len(out) > 0 && out[len(out)-1].Count == 0 {
		out = out[:len(out)-1]
	}
	return out
}
