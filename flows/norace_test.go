//go:build !race

package flows_test

// raced says that the race detector is on.
const raced = false
