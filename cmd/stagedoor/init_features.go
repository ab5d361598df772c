package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// feature is something that people can use, which a configuration switches on.
type feature struct {
	name, about string
	// dev is set for what a development server has on.
	dev bool
}

// allFeatures are what init can switch on, in the order in which it asks.
func allFeatures() []feature {
	return []feature{
		{"passkeys", "sign in with a passkey, or with a security key as second factor", true},
		{"passkey-signup", "sign up with a passkey instead of a password", false},
		{"codes", "sign in by a code that is mailed", true},
		{"verify-by-code", "verify addresses and reset passwords by a code to type, not by a link", false},
		{"totp", "an authenticator app as second factor", true},
		{"recovery-codes", "codes for who has lost the second factor", true},
		{"trust", "do without the second factor in browsers that people trust", true},
		{"notices", "letters about what changes in an account", true},
		{"activity", "show when each session was last used", true},
		{"pages", "pages of the server's own beside the front end, to sign in and look after an account", false},
	}
}

func featureNames() []string {
	var names []string
	for _, f := range allFeatures() {
		names = append(names, f.name)
	}
	return names
}

// features are the names of those that are on.
type features []string

// Has reports whether one is on.
func (f features) Has(name string) bool { return slices.Contains(f, name) }

// chosenFeatures reads the names after --with: all, none, or a list; without any it is what a
// development server has.
func chosenFeatures(names []string) (features, error) {
	if len(names) == 0 {
		var out features
		for _, f := range allFeatures() {
			if f.dev {
				out = append(out, f.name)
			}
		}
		return out, nil
	}
	if len(names) == 1 && names[0] == "all" {
		return featureNames(), nil
	}
	if len(names) == 1 && names[0] == "none" {
		return features{}, nil
	}
	var out features
	for _, name := range names {
		if name = strings.TrimSpace(name); !slices.Contains(featureNames(), name) {
			hint := meant(nearest(name, featureNames()))
			if hint == "" {
				hint = "; there are all, none, " + strings.Join(featureNames(), ", ")
			}
			return nil, fmt.Errorf("there is no %q%s", name, hint)
		}
		out = append(out, name)
	}
	return out, out.fit()
}

// fit says which features are of no use without others.
func (f features) fit() error {
	switch {
	case f.Has("passkey-signup") && (!f.Has("passkeys") || !f.Has("verify-by-code")):
		return errors.New("passkey-signup needs passkeys and verify-by-code, since a link would end the sign-up")
	case f.Has("recovery-codes") && !f.Has("totp") && !f.Has("passkeys"):
		return errors.New("recovery-codes recover nothing without totp or passkeys")
	}
	return nil
}
