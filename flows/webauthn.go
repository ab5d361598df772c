package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// PasskeyLogin signs in with a passkey.
func PasskeyLogin(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     PasskeyLoginFlow,
		Title:    "sign in with a passkey",
		Offer:    engine.Anonymous,
		Start:    passkeyLogin,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(engine.Nodes{
			passkeyLogin: {Stage: stages.PasskeyLogin(), Next: engine.Next{"verified": accountDue, "present": accountDue}},
		}),
	}
}

// PasskeySignup makes an account that has a passkey and no password. The passkey is asked
// for last: nothing leads to a session around it.
func PasskeySignup(s stages.Settings) engine.Graph {
	nodes := SignIn(s)
	for id, n := range nodes {
		next := engine.Next{}
		for exit, to := range n.Next {
			if to == session {
				to = passkeySignup
			}
			next[exit] = to
		}
		if n.Next != nil {
			n.Next = next
			nodes[id] = n
		}
	}
	return engine.Graph{
		Flow:     PasskeySignupFlow,
		Title:    "make an account with a passkey",
		Start:    passkeyForm,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: nodes.With(engine.Nodes{
			passkeyForm:   {Stage: stages.PasskeyForm(s), Next: engine.Next{"created": accountDue}},
			passkeySignup: {Stage: stages.MFASignupWebAuthn(), Next: engine.Next{engine.OK: session}},
			session:       {Stage: stages.Session(), Rules: append(sessionRules(), engine.Rule{Proof: stages.PasskeyMade})},
		}),
	}
}

// WebAuthnReauthenticate authenticates the session again with a WebAuthn credential.
func WebAuthnReauthenticate() engine.Graph {
	return engine.Graph{
		Flow:      WebAuthnReauthFlow,
		Title:     "show a WebAuthn credential again",
		Start:     webauthnForm,
		OfSession: true,
		Nodes: engine.Nodes{
			webauthnForm:    {Stage: stages.WebAuthnReauthenticate(), Next: engine.Next{engine.OK: reauthenticated}},
			reauthenticated: {Stage: stages.Reauthenticated(), Rules: []engine.Rule{{Proof: engine.Second}}},
		},
	}
}

// WebAuthnAdd adds a WebAuthn credential to the signed-in account.
func WebAuthnAdd() engine.Graph {
	return engine.Graph{
		Flow:      WebAuthnAddFlow,
		Title:     "add a WebAuthn credential",
		Start:     webauthnForm,
		OfSession: true,
		Nodes: engine.Nodes{
			webauthnForm: {Stage: stages.WebAuthnAdd(), Next: engine.Next{engine.OK: added}},
			added:        {Stage: stages.Added()},
		},
	}
}
