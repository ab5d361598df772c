package config

import (
	"maps"
	"slices"

	"stagedoor/stages"
)

// ValidateWithoutSecrets is Validate but for secrets that are missing or not known: for who
// judges a configuration and does not serve it. Those that are there are checked.
func (c Config) ValidateWithoutSecrets() error { return c.checked().faults.orNil() }

// AbsentSecrets are the keys of secrets that a server would need and that are missing or not
// known here, sorted.
func (c Config) AbsentSecrets() []string {
	keys := c.unknownSecrets()
	for _, fault := range c.checked().missing {
		keys = append(keys, fault.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// unknownSecrets are the keys of secrets that are not known here, sorted.
func (c Config) unknownSecrets() []string {
	keys := []string{}
	values := plainKeys(c, Secret.Reveal)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if values[key] == unknown.Reveal() {
			keys = append(keys, key)
		}
	}
	return keys
}

// withoutProviderSecrets are the providers, of which those lack their secret that would be
// sound with one.
func (c Config) withoutProviderSecrets() []Provider {
	out := slices.Clone(c.SocialAccount.Providers)
	for i, p := range out {
		with := p
		with.Secret = unknown
		if p.Secret == "" && stages.CheckProvider(c.ProviderConfig(p)) != nil && stages.CheckProvider(c.ProviderConfig(with)) == nil {
			out[i] = with
		}
	}
	return out
}
