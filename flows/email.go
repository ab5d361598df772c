package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// ChangeEmail verifies an address of the signed-in account by a code.
func ChangeEmail(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:      ChangeEmailFlow,
		Title:     "verify an address by a code",
		Start:     emailRequest,
		Slot:      engine.SlotEmail,
		Lifetime:  s.EmailLifetime,
		OfSession: true,
		Nodes: engine.Nodes{
			emailRequest: {Stage: stages.EmailRequest(), Next: engine.Next{engine.OK: verifyEmail}},
			verifyEmail:  {Stage: stages.VerifyEmailByCode(s), Next: engine.Next{engine.OK: verified}},
			verified:     {Stage: stages.Verified(), Rules: []engine.Rule{{Proof: engine.Email}}},
		},
	}
}

// ConfirmEmail verifies the address a link was mailed to, in whatever client opens it.
func ConfirmEmail() engine.Graph {
	return engine.Graph{
		Flow:  EmailConfirmation,
		Title: "verify an address by a link",
		Start: emailKey,
		Nodes: engine.Nodes{
			emailKey: {Stage: stages.EmailKey(), Next: engine.Next{engine.OK: verified}},
			verified: {Stage: stages.Verified(), Rules: []engine.Rule{{Proof: engine.Email}}},
		},
	}
}
