package statetest

import (
	"testing"

	"stagedoor/state"
)

// Stores are the contracts under test; they share one database.
type Stores struct {
	Accounts state.Accounts
	Ledger   state.Ledger
	Sessions state.Sessions
	Outbox   state.Outbox
	Changes  state.Changes
}

// All returns the contracts of one value that keeps all of them.
func All[S interface {
	state.Accounts
	state.Ledger
	state.Sessions
	state.Outbox
	state.Changes
}](s S) Stores {
	return Stores{Accounts: s, Ledger: s, Sessions: s, Outbox: s, Changes: s}
}

// Run holds the stores against their contracts. open returns empty ones and has them
// closed by t.Cleanup; it is called once for each test.
func Run(t *testing.T, open func(t *testing.T) Stores) {
	groups := []struct {
		name  string
		tests []test
	}{
		{"accounts", accountTests()},
		{"writes", writeTests()},
		{"conflicts", conflictTests()},
		{"contacts", contactTests()},
		{"single use", singleUseTests()},
		{"batches", batchTests()},
		{"sessions", sessionTests()},
		{"outbox", outboxTests()},
		{"changes", changeTests()},
		{"decided", decidedTests()},
		{"races", raceTests()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, tt := range g.tests {
				t.Run(tt.name, func(t *testing.T) { tt.run(newLab(t, open(t))) })
			}
		})
	}
	t.Run("agrees with apply", func(t *testing.T) { agreesWithApply(t, open(t)) })
}

// test is one promise.
type test struct {
	name string
	run  func(*lab)
}
