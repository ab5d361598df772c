package provider

import (
	"fmt"
	"slices"
)

// algList are the algorithms of id_tokens that a configuration names; none leaves it to the
// provider's metadata.
type algList []string

// secret tells a list of MACs by the client's secret.
func (l algList) secret() bool {
	if len(l) == 0 {
		return false
	}
	_, mac := secretAlgorithms()[l[0]]
	return mac
}

// checkAlgs judges the algorithms that a configuration names. Both kinds in one list would let
// whoever knows a public key choose it as the secret.
func checkAlgs(cfg Config, k kind) []error {
	var out []error
	wrong := func(format string, args ...any) { out = append(out, fmt.Errorf("id_token_algs: "+format, args...)) }
	if len(cfg.IDTokenAlgs) > 0 && !k.openID() {
		wrong("%s has no id_tokens of its own", k.ID)
		return out
	}
	macs := 0
	for _, alg := range cfg.IDTokenAlgs {
		least, mac := secretAlgorithms()[alg]
		switch {
		case mac:
			macs++
			if len(cfg.Secret) < least {
				wrong("%s wants a secret of %d bytes at least (RFC 7518 section 3.2): this one has %d", alg, least, len(cfg.Secret))
			}
		case !slices.Contains(publicAlgorithms(), alg):
			wrong("%s is not one of HS256, HS384, HS512, %s", clip(alg), listOf(publicAlgorithms()))
		}
	}
	if macs > 0 && macs < len(cfg.IDTokenAlgs) {
		wrong("those of the secret (HS256, HS384, HS512) and those of key pairs do not go together: name one kind")
	}
	return out
}
