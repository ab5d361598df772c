//go:build !race

package record_test

// sample is which part of the stories is recorded: all of them.
const sample = 1
