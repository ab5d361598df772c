package servers

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"stagedoor/transport/internal/suite"
)

var update = flag.Bool("update", false, "write the table of the README anew")

// promise is a row of the README's table of several servers.
type promise struct {
	// what happens, and what clients see of it.
	what, seen string
	// run has it happen, and fails the test where clients see more.
	run func(t *testing.T)
}

// most is one in how many requests may have to begin a step anew when its server was killed in
// the middle of it.
const most = 20

// promises are all rows, in the order of the table.
func promises() []promise {
	return []promise{
		{"every step of a story at another server, all flows, passkeys and providers included", "nothing", stories},
		{"one of three is killed (`kill -9`) before each request of a journey", "nothing: no request fails, no run is lost", killedBetween},
		{"one of three is killed (`kill -9`) with requests under way", fmt.Sprintf("an answer to each request; at most one in %d begins its step anew", most), killedWithin},
		{"all are restarted one after the other, under load", "nothing: no request fails", rollingRestart},
		{"one of three is of a release with other graphs", "what was begun at the one begins anew at the other; sessions are good at both", sideBySide},
	}
}

// TestServers has all of it happen, one after the other.
func TestServers(t *testing.T) {
	for _, p := range promises() {
		t.Run(p.what, p.run)
	}
}

// behindEach runs a test behind each of the balancers that are installed.
func behindEach(t *testing.T, run func(t *testing.T, proxy string)) {
	t.Helper()
	t.Run("behind", func(t *testing.T) {
		for _, proxy := range proxies() {
			t.Run(proxy, func(t *testing.T) {
				t.Parallel()
				run(t, proxy)
			})
		}
	})
}

// TestReadmeServers holds the README's table to the rows that the tests go by.
func TestReadmeServers(t *testing.T) {
	const begin, end = "<!-- servers: go test ./transport/internal/suite/servers -run Readme -update -->\n", "<!-- end of the servers -->\n"
	var want strings.Builder
	want.WriteString("| what happens | clients see |\n|---|---|\n")
	for _, p := range promises() {
		fmt.Fprintf(&want, "| %s | %s |\n", p.what, p.seen)
	}
	suite.HoldReadme(t, filepath.Join(root, "README.md"), begin, end, want.String(), *update)
}
