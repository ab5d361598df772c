package wire

import "time"

// Seconds is a time as the contracts write it: seconds since 1970, with milliseconds as
// a fraction.
func Seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
