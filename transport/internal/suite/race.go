//go:build race

package suite

// Raced says that the race detector is on: it makes what computes many times slower than
// what waits, so that times mean nothing.
const Raced = true
