package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// Reauthenticate authenticates the session again with the password. It takes one turn and
// stores nothing but the log of it.
func Reauthenticate() engine.Graph {
	return engine.Graph{
		Flow:      ReauthenticateFlow,
		Title:     "give the password again",
		Offer:     engine.SignedIn,
		Start:     reauthForm,
		OfSession: true,
		Nodes: engine.Nodes{
			reauthForm:      {Stage: stages.Reauthenticate(), Next: engine.Next{engine.OK: reauthenticated}},
			reauthenticated: {Stage: stages.Reauthenticated(), Rules: []engine.Rule{{Proof: engine.Password}}},
		},
	}
}

// MFAReauthenticate authenticates the session again with a second factor.
func MFAReauthenticate() engine.Graph {
	return engine.Graph{
		Flow:      MFAReauthFlow,
		Title:     "show a second factor again",
		Offer:     engine.SignedIn,
		Start:     mfaReauthForm,
		OfSession: true,
		Nodes: engine.Nodes{
			mfaReauthForm:   {Stage: stages.MFAReauthenticate(), Next: engine.Next{engine.OK: reauthenticated}},
			reauthenticated: {Stage: stages.Reauthenticated(), Rules: []engine.Rule{{Proof: engine.Second}}},
		},
	}
}
