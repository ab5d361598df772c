package providers

import (
	"testing"

	"stagedoor/transport/internal/suite"
)

// TestProviders walks with every provider, everything that there is.
func TestProviders(t *testing.T) {
	suite.Require(t, "providers")
	if suite.Raced {
		t.Skip("it takes minutes with the race detector; without -race it runs")
	}
	all, wanting := rows(), tooMuch()
	before := started(t, all, wanting)
	cells := make([][]string, len(all))
	t.Run("with", func(t *testing.T) {
		for i, r := range all {
			t.Run(r.servedBy()+" "+r.name, func(t *testing.T) {
				t.Parallel()
				for _, e := range examples() {
					cells[i] = append(cells[i], r.walk(t, before[r.name], e))
				}
			})
		}
	})
	for _, x := range wanting {
		t.Run("beyond "+x.name, func(t *testing.T) {
			for _, contract := range []string{"headless", "plain"} {
				t.Run(contract, func(t *testing.T) { x.walk(t, before[x.name], contract) })
			}
		})
	}
	if t.Failed() {
		return
	}
	w, recorded := walked{Versions: versions(t)}, kept(t)
	for i, r := range all {
		if cells[i] == nil {
			// Not walked this time.
			cells[i] = recorded.of(r)
		}
		w.Rows = append(w.Rows, walkedRow{Program: r.servedBy(), Name: r.name, Cells: cells[i]})
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
