package flows_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: thousands of graphs are made and thrown away,
// and a third of the time would go into counting what is left.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
