package server

import (
	"stagedoor/engine"
	"stagedoor/flows"
)

// Check proves the flows that a configuration switches on, one report for each, without
// starting anything.
func Check(c Config) ([]engine.Report, error) {
	var reports []engine.Report
	for _, g := range flows.All(c.settings()) {
		reports = append(reports, engine.Check(g))
	}
	return reports, nil
}
