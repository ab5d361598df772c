package providers

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestProviders walks with every provider, everything that there is.
func TestProviders(t *testing.T) {
	suite.Require(t, "providers")
	all := rows()
	before := started(t, all)
	cells := make([][]string, len(all))
	t.Run("with", func(t *testing.T) {
		for i, r := range all {
			t.Run(r.program+" "+r.name, func(t *testing.T) {
				t.Parallel()
				for _, e := range examples() {
					cells[i] = append(cells[i], r.walk(t, before[r.name], e))
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	w := walked{Versions: versions(t)}
	for i, r := range all {
		w.Rows = append(w.Rows, walkedRow{Program: r.program, Name: r.name, Cells: cells[i]})
	}
	w.held(t)
}

// walk walks one example in both contracts, and says how it went.
func (r row) walk(t *testing.T, b *between, e example) string {
	if why := r.without[e.name]; why != "" {
		return why
	}
	went := t.Run(e.name, func(t *testing.T) {
		for _, contract := range []string{"headless", "plain"} {
			t.Run(contract, func(t *testing.T) { e.walk(r.stage(t, b), contract) })
		}
	})
	if !went {
		return "no"
	}
	return "yes"
}
