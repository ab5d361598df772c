package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// Login signs in to an existing account with a password, then with whatever else that
// account and this server ask for.
func Login(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     LoginFlow,
		Title:    "sign in with a password",
		Offer:    engine.Anonymous,
		Start:    passwordForm,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(engine.Nodes{
			passwordForm: {Stage: stages.Password(s), Next: engine.Next{engine.OK: accountDue}},
		}),
	}
}
