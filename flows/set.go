package flows

import (
	"stagedoor/engine"
	"stagedoor/stages"
)

// All returns the graphs that the settings switch on, in the order the wire lists them.
func All(s stages.Settings) []engine.Graph {
	if s.ProvidersOnly {
		// Letters of before are still in the mail.
		return append(byProvider(s), Reauthenticate(), Disown())
	}
	graphs := []engine.Graph{Login(s), Signup(s)}
	if s.LoginByCode {
		graphs = append(graphs, LoginByCode(s))
	}
	if s.EmailByCode {
		graphs = append(graphs, ChangeEmail(s))
	} else {
		graphs = append(graphs, ConfirmEmail(), RequestEmail(), AddEmail())
	}
	graphs = append(graphs, Disown(), ResendEmail(s))
	if s.ResetByCode {
		graphs = append(graphs, ResetByCode(s))
	} else {
		graphs = append(graphs, RequestReset(), ResetByKey(s))
	}
	graphs = append(graphs, ChangePhone(s))
	if s.Providers {
		graphs = append(graphs, byProvider(s)...)
	}
	if s.WebAuthn {
		graphs = append(graphs, WebAuthnAdd(), WebAuthnReauthenticate())
	}
	if s.PasskeyLogin {
		graphs = append(graphs, PasskeyLogin(s))
	}
	if s.PasskeySignup {
		graphs = append(graphs, PasskeySignup(s))
	}
	graphs = append(graphs, Reauthenticate())
	if s.ReauthByCode {
		graphs = append(graphs, ReauthenticateByCode(s))
	}
	return append(graphs, MFAReauthenticate())
}

// byProvider are the flows of third parties.
func byProvider(s stages.Settings) []engine.Graph {
	return []engine.Graph{ProviderRedirect(s), ProviderToken(s), ProviderSignup(s)}
}

// Bind puts the behaviour of the shipped stages behind the graphs: of those stages that
// the graphs have. A program adds its own before it compiles the set.
func Bind(graphs []engine.Graph, handlers map[engine.StageID]engine.Handler) engine.Set {
	set := engine.Set{
		Graphs:   graphs,
		Handlers: make(map[engine.StageID]engine.Handler),
		Deciders: make(map[engine.StageID]engine.Decider),
	}
	deciders := stages.Deciders()
	for _, g := range graphs {
		for _, n := range g.Nodes {
			if h, ok := handlers[n.Stage.ID]; ok {
				set.Handlers[n.Stage.ID] = h
			}
			if d, ok := deciders[n.Stage.ID]; ok {
				set.Deciders[n.Stage.ID] = d
			}
		}
	}
	return set
}
