//go:build !race

package stand_test

// raced says that the race detector is on.
const raced = false
