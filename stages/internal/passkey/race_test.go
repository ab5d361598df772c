//go:build race

package passkey

// raced says that the race detector is on, which slows what it sees and not the assembly of
// elliptic curves: times mean nothing.
const raced = true
