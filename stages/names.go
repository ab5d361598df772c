package stages

import (
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
)

// foldName returns the name as accounts are looked up by it.
func foldName(n named) string {
	if n.method == "phone" {
		return n.value
	}
	return strings.ToLower(n.value)
}

// namesOf are all the names that an account can be signed in to by.
func namesOf(a *state.Account) []named {
	out := make([]named, 0, len(a.Emails)+2)
	for _, m := range a.Emails {
		out = append(out, named{"email", m.Address})
	}
	if a.Username != "" {
		out = append(out, named{"username", a.Username})
	}
	if a.Phone != "" {
		out = append(out, named{"phone", a.Phone})
	}
	return out
}

// countedByKey reports whether a limit counts what the request is about rather than who
// sends it.
func countedByKey(t engine.Take) bool { return t.By == "key" }
