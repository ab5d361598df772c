//go:build race

package stand_test

// raced says that the race detector is on: it makes plays some ten times slower.
const raced = true
