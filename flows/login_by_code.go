package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// LoginByCode signs in with a code that the client asks for. Where there is no account
// the run pretends.
func LoginByCode(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     LoginByCodeFlow,
		Title:    "sign in with a code",
		Offer:    engine.Anonymous,
		Start:    codeRequest,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(pretending()).With(engine.Nodes{
			codeRequest: {Stage: stages.CodeRequest(s), Next: engine.Next{"known": loginCode, "unknown": pretend}},
			loginCode:   {Stage: stages.LoginCode(s), Next: engine.Next{engine.OK: accountDue}},
		}),
	}
}
