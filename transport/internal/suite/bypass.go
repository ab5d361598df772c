package suite

import (
	"stagedoor/engine"
)

// Vip is a decision that somebody adds without a thought for the second factor: it lets
// browsers pass in front of it.
func Vip() engine.Extension {
	stage := engine.Stage{
		ID: "acme.vip", Kind: engine.Decides, Title: "is it one of ours?",
		Exits: engine.Exits{"yes": {}, "no": {}}, Reads: []string{"Browser"},
	}
	return engine.Extension{
		Owner: "acme",
		Splices: []engine.Splice{{Before: "factor_due", Nodes: engine.Nodes{
			"acme.vip": {Stage: stage, Next: engine.Next{"yes": "trust_due", "no": engine.Onward}},
		}}},
		Deciders: map[engine.StageID]engine.Decider{"acme.vip": engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) {
			if f.Browser {
				return "yes", ""
			}
			return "no", ""
		})},
	}
}
