//go:build !race

package passkey

// raced says that the race detector is on.
const raced = false
