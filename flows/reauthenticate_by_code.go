package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// ReauthenticateByCode authenticates the session again with a code that goes to a verified
// address or number of the account.
func ReauthenticateByCode(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:      ReauthByCodeFlow,
		Title:     "enter a code that is sent",
		Offer:     engine.SignedIn,
		Start:     codeRecipient,
		Slot:      engine.SlotReauth,
		Lifetime:  s.CodeLifetime,
		OfSession: true,
		Nodes: engine.Nodes{
			codeRecipient:   {Stage: stages.CodeRecipient(), Next: engine.Next{engine.OK: reauthByCode}},
			reauthByCode:    {Stage: stages.ReauthenticateByCode(s), Next: engine.Next{engine.OK: reauthenticated, stages.Void: done}},
			reauthenticated: {Stage: stages.Reauthenticated(), Rules: []engine.Rule{{Proof: engine.Code}}},
			done:            {Stage: stages.Finished()},
		},
	}
}
