package accounts

import "stagedoor/state"

// AttributesOf returns what a password of the account must not resemble.
func AttributesOf(a *state.Account) []Attribute {
	var out []Attribute
	if a.Username != "" {
		out = append(out, Attribute{Name: "username", Value: a.Username})
	}
	for _, e := range a.Emails {
		out = append(out, Attribute{Name: "email", Value: e.Address})
	}
	return out
}
