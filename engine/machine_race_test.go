//go:build race

package engine

// The race detector drops pooled machines on purpose: allocations are not counted then.
const racing = true
