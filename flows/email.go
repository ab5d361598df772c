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

// AddEmail adds an address to the signed-in account and mails a link that verifies it.
func AddEmail() engine.Graph {
	return engine.Graph{
		Flow:      AddEmailFlow,
		Title:     "add an address",
		Start:     emailAdd,
		OfSession: true,
		Nodes: engine.Nodes{
			emailAdd: {Stage: stages.EmailAdd(), Next: engine.Next{"sent": done}},
			done:     {Stage: stages.Finished()},
		},
	}
}

// ResendEmail verifies an address that the signed-in account has, by a link or a code.
func ResendEmail(s stages.Settings) engine.Graph {
	g := engine.Graph{Flow: ResendEmailFlow, Title: "verify an address of the account", Start: emailResend, OfSession: true}
	if !s.EmailByCode {
		g.Nodes = engine.Nodes{
			emailResend: {Stage: stages.EmailResend(), Next: engine.Next{"sent": done}},
			done:        {Stage: stages.Finished()},
		}
		return g
	}
	g.Slot, g.Lifetime = engine.SlotEmail, s.EmailLifetime
	g.Nodes = engine.Nodes{
		emailResend: {Stage: stages.EmailRecode(), Next: engine.Next{engine.OK: verifyEmail}},
		verifyEmail: {Stage: stages.VerifyEmailByCode(s), Next: engine.Next{engine.OK: verified}},
		verified:    {Stage: stages.Verified(), Rules: []engine.Rule{{Proof: engine.Email}}},
	}
	return g
}

// RequestEmail mails a link that verifies an address to its owner, in a
// client that is not signed in. It takes one turn.
func RequestEmail() engine.Graph {
	return engine.Graph{
		Flow:  RequestEmailFlow,
		Title: "ask for a link to verify an address",
		Start: emailAsked,
		Nodes: engine.Nodes{
			emailAsked: {Stage: stages.VerificationRequest(), Next: engine.Next{"sent": done}},
			done:       {Stage: stages.Finished()},
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
