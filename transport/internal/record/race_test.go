//go:build race

package record_test

// sample is which part of the stories is recorded: with the race detector all takes minutes.
const sample = 6
