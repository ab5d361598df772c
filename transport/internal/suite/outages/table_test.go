package outages

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// root is the top of the repository.
const root = "../../../.."

var update = flag.Bool("update", false, "write the table of the README anew")

// outage is a row of the README's table of faults: what breaks, and what is promised.
type outage struct {
	what string
	// seen is what clients see while it lasts.
	seen string
	// slowest is the longest that any request may take until it is answered; back how long
	// after its end the last client may wait for an answer that is none of the fault.
	slowest, back time.Duration
	// lost is what is not there any more afterwards.
	lost string
	// run breaks it, and fails the test where the row does not hold.
	run func(t *testing.T, o outage)
}

// outages are all rows, in the order of the table.
func outages() []outage {
	return append(redisOutages(), append(databaseOutages(), otherOutages()...)...)
}

// row is the row as the README has it.
func (o outage) row() string {
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", o.what, o.seen, seconds(o.slowest), seconds(o.back), o.lost)
}

// seconds is a length of time as the table has it.
func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d > 2*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
}

// TestOutages breaks everything that the table has, one after the other.
func TestOutages(t *testing.T) {
	for _, o := range outages() {
		t.Run(o.what, func(t *testing.T) { o.run(t, o) })
	}
}

// TestReadmeOutages holds the README's table to the rows that the tests go by.
func TestReadmeOutages(t *testing.T) {
	const head = "| what happens | clients see meanwhile | answered within | all is well after | lost |\n|---|---|---|---|---|\n"
	var want strings.Builder
	want.WriteString(head)
	for _, o := range outages() {
		want.WriteString(o.row() + "\n")
	}
	const begin, end = "<!-- faults: go test ./transport/internal/suite/outages -run Readme -update -->\n", "<!-- end of the faults -->\n"
	suite.HoldReadme(t, filepath.Join(root, "README.md"), begin, end, want.String(), *update)
}
