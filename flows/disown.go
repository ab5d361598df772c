package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// Disown ends an account that somebody else made with the reader's address: the letter of
// the sign-up carries the key, which works in whatever client opens it.
func Disown() engine.Graph {
	return engine.Graph{
		Flow:  DisownFlow,
		Title: "say that a sign-up was somebody else's",
		Offer: engine.ByKey,
		Start: disownKey,
		Nodes: engine.Nodes{
			disownKey: {Stage: stages.DisownKey(), Next: engine.Next{engine.OK: disowned}},
			disowned:  {Stage: stages.Disowned(), Rules: []engine.Rule{{Proof: engine.Email}}},
		},
	}
}
