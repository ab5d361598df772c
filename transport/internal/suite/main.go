package suite

import (
	"os"
	"runtime/debug"
	"testing"
)

// Main runs the tests of a suite. Garbage is collected less often than in a server: tests
// start one after the other and throw them away, and a fifth of the time would go into
// counting what is left.
func Main(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
