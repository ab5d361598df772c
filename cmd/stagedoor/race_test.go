//go:build race

package main

// raced says that the race detector is on: it makes what computes many times slower.
const raced = true
