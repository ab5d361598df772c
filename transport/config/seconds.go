package config

import (
	"math"
	"time"
)

// Seconds is an age or a time limit; fractions are welcome.
type Seconds float64

// Duration is the same time in Go's type, at most some 290 years.
func (s Seconds) Duration() time.Duration { return duration(float64(s), time.Second) }

// Days is an age in days; fractions are welcome.
type Days float64

// Duration is the same time in Go's type, at most some 290 years.
func (d Days) Duration() time.Duration { return duration(float64(d), 24*time.Hour) }

// duration is n times the unit, or the largest duration where that is too much.
// A sum that is no number is no time at all.
func duration(n float64, unit time.Duration) time.Duration {
	switch product := n * float64(unit); {
	case math.IsNaN(product):
		return 0
	case product >= math.MaxInt64:
		return math.MaxInt64
	case product <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(math.Round(product))
	}
}
