package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// ResetByCode sets a new password with a code from a mail, and signs in where the server
// is set to. Where there is no account the run pretends.
func ResetByCode(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     ResetByCodeFlow,
		Title:    "set a new password with a code",
		Start:    resetRequest,
		Slot:     engine.SlotReset,
		Lifetime: s.LoginTimeout,
		Nodes: resetTail(s).With(pretending()).With(engine.Nodes{
			resetRequest: {Stage: stages.ResetRequest(), Next: engine.Next{"known": resetCode, "unknown": pretend}},
			resetCode:    {Stage: stages.ResetCode(s), Next: engine.Next{engine.OK: loginOnReset}},
		}),
	}
}

// ResetByKey sets a new password with the key of a link, in whatever client opens it.
// The key verifies no address.
func ResetByKey(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     ResetFlow,
		Title:    "set a new password by a link",
		Start:    resetKey,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: resetTail(s).With(engine.Nodes{
			resetKey: {Stage: stages.ResetKey(), Next: engine.Next{engine.OK: loginOnReset}},
		}),
	}
}

// RequestReset mails a link to reset a password with. It takes one turn.
func RequestReset() engine.Graph {
	return engine.Graph{
		Flow:  ResetRequestFlow,
		Title: "ask for a link to reset a password",
		Start: resetLink,
		Nodes: engine.Nodes{
			resetLink: {Stage: stages.ResetLink(), Next: engine.Next{"sent": done}},
			done:      {Stage: stages.Finished()},
		},
	}
}

// resetTail is what follows a new password: the sign-in tail, where a reset signs in.
func resetTail(s stages.Settings) engine.Nodes {
	return SignIn(s).With(engine.Nodes{
		loginOnReset: {Stage: stages.LoginOnReset(), Next: engine.Next{"yes": accountDue, "no": passwordSet}},
		passwordSet:  {Stage: stages.PasswordSet(), Rules: []engine.Rule{{Proof: engine.Reset}}},
	})
}
