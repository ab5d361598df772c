package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Interval is a median with the interval in which it lies in 95 of 100 cases.
type Interval struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// String is the median with the interval: 1.08 [1.06-1.11].
func (i Interval) String() string { return fmt.Sprintf("%.2f [%.2f-%.2f]", i.Median, i.Low, i.High) }

// resamples is how often the bootstrap draws.
const resamples = 2000

// NewInterval takes the median of values and its interval by the percentile bootstrap (Efron,
// 1979): the median of as many values drawn from them, again and again. The same values give
// the same interval.
func NewInterval(values []float64) Interval {
	if len(values) == 0 {
		return Interval{}
	}
	dice := rand.New(rand.NewPCG(1, uint64(len(values))))
	drawn, medians := make([]float64, len(values)), make([]float64, resamples)
	for i := range medians {
		for k := range drawn {
			drawn[k] = values[dice.IntN(len(values))]
		}
		medians[i] = Median(drawn)
	}
	slices.Sort(medians)
	return Interval{Median(values), medians[resamples*25/1000], medians[resamples*975/1000]}
}

// Median is the middle of values, the average of the two in the middle where their number is
// even, and 0 of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}
