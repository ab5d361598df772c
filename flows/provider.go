package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// ProviderToken signs in with a token that an app got from a provider, or connects
// that account to the one that is signed in.
func ProviderToken(s stages.Settings) engine.Graph {
	g := throughProvider(s, stages.ProviderToken())
	g.Flow, g.Title = ProviderTokenFlow, "sign in with a third party's token"
	return g
}

// ProviderRedirect is ProviderToken by way of the provider's own page.
func ProviderRedirect(s stages.Settings) engine.Graph {
	g := throughProvider(s, stages.ProviderRedirect())
	g.Flow, g.Title = ProviderRedirectFlow, "sign in on a third party's page"
	return g
}

// throughProvider is the graph of a provider's answer, whichever way it came.
func throughProvider(s stages.Settings, start engine.Stage) engine.Graph {
	return engine.Graph{
		Offer:    engine.Anonymous,
		Start:    assertion,
		Slot:     engine.SlotLogin,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(engine.Nodes{
			assertion: {Stage: start, Next: engine.Next{
				"known": accountDue, "created": accountDue,
				"incomplete": signupWaits, "connect": connectDue, "closed": refused, "again": reauthenticated,
			}},
			connectDue: {Stage: stages.ConnectDue(), Next: engine.Next{
				"recent": connected, "not_recent": refused, "anonymous": refused, "taken": refused,
			}},
			connected:       {Stage: stages.Connected(), Rules: []engine.Rule{{Proof: engine.Provider}, {Proof: stages.Recent}}},
			signupWaits:     {Stage: stages.SignupWaits()},
			reauthenticated: {Stage: stages.Reauthenticated(), Rules: []engine.Rule{{Proof: engine.Provider}}},
		}),
	}
}

// ProviderSignup makes an account of what a provider said and what its form adds, and
// signs in to it.
func ProviderSignup(s stages.Settings) engine.Graph {
	return engine.Graph{
		Flow:     ProviderSignupFlow,
		Title:    "complete an account that a third party vouches for",
		Start:    providerForm,
		Slot:     engine.SlotProviderSignup,
		Lifetime: s.LoginTimeout,
		Nodes: SignIn(s).With(engine.Nodes{
			providerForm: {Stage: stages.ProviderForm(s), Next: engine.Next{"created": accountDue}},
		}),
	}
}
