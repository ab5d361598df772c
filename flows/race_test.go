//go:build race

package flows_test

// raced says that the race detector is on: it makes what computes many times slower.
const raced = true
