package record_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: each play starts a server and throws it away,
// and a fifth of the time would go into counting what is left.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
