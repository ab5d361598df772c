package stages

import (
	"stagedoor/engine"
	"stagedoor/stages/internal/provider"
	"stagedoor/state"
)

// profileOf is how a person is called and looks at a provider.
func profileOf(a provider.Assertion) state.Profile {
	return state.Profile{Name: a.Name, GivenName: a.GivenName, FamilyName: a.FamilyName, Picture: a.Picture}
}

// connectWrites are the writes that connect the provider's account to one of ours, which takes
// over how its person is called and looks.
func (e providerAnswer) connectWrites(account *state.Account, x state.ProviderAccount) []engine.Write {
	var was state.Profile
	for _, old := range account.Providers {
		if old.Provider == x.Provider && old.UID == x.UID {
			was = old.Profile
		}
	}
	x.Profile = was.Renewed(x.Profile)
	out := []engine.Write{state.ConnectProvider{Account: x}}
	for _, w := range account.Follow(was, x.Profile) {
		out = append(out, w)
	}
	return out
}
