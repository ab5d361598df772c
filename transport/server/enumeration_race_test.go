//go:build race

package server

// raced says that the race detector is on: it makes what computes many times slower than
// what waits, so that times mean nothing.
const raced = true
