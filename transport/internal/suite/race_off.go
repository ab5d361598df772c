//go:build !race

package suite

// Raced says that the race detector is on.
const Raced = false
