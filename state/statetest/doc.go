// Package statetest is the conformance suite of the contracts of package state, and
// starts a PostgreSQL for tests that need one.
//
// A store's test is three lines:
//
//	func TestStore(t *testing.T) {
//		statetest.Run(t, func(t *testing.T) statetest.Stores { return statetest.All(open(t)) })
//	}
//
// The suite states what each contract promises, one test for each promise, concurrency
// included, and last a property: whatever batches are committed, what is stored is what
// [state.Write.Apply] makes of the account in memory.
package statetest
