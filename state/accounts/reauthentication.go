package accounts

import "stagedoor/state"

// Reauthentication is a flow by which a signed-in person can prove again who they are.
type Reauthentication struct {
	ID string `json:"id"`
	// Types are the second factors the account has, for a proof by one of them.
	Types []state.AuthenticatorType `json:"types,omitempty"`
}

// Reauthentications lists what an account can prove itself with again; it is empty where
// there is nothing.
func Reauthentications(s state.Snapshot) []Reauthentication {
	var out []Reauthentication
	if s.HasPassword {
		out = append(out, Reauthentication{ID: "reauthenticate"})
	}
	if types := s.SecondFactor; len(types) > 0 {
		out = append(out, Reauthentication{ID: "mfa_reauthenticate", Types: types})
	}
	return out
}
