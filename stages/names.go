package stages

import (
	"slices"
	"strings"

	"stagedoor/state"
)

// foldName returns the name as accounts are looked up by it.
func foldName(n named) string {
	if n.method == "phone" {
		return n.value
	}
	return strings.ToLower(n.value)
}

// namesOf are all the names that an account can be signed in to by. An address or number
// that it has not proved may be somebody else's name as well.
func namesOf(a *state.Account) []named {
	out := make([]named, 0, len(a.Emails)+2)
	for _, m := range a.Emails {
		out = append(out, named{state.KeyEmail, m.Address})
	}
	if a.Username != "" {
		out = append(out, named{state.KeyUsername, a.Username})
	}
	if a.Phone != "" {
		out = append(out, named{state.KeyPhone, a.Phone})
	}
	return out
}

// shadows reports whether a username could be taken for a mail address: by people who
// type their address where a username is asked for, and by readers of a name.
// Whether an account has that address makes no difference, so that nobody learns of it.
// Where addresses are no names to sign in with, one's own may be one's username.
func (e *Env) shadows(username, own string) bool {
	if !addressLike(username) {
		return false
	}
	if slices.Contains(e.LoginMethods, "email") {
		return true
	}
	_, asked := e.SignupFields["email"]
	return asked && !strings.EqualFold(username, own)
}

// addressLike reports whether a name has the look of a mail address that can be one.
func addressLike(name string) bool {
	at := strings.LastIndexByte(name, '@')
	if at < 1 {
		return false
	}
	domain := strings.ToLower(name[at+1:])
	return domain == "localhost" || strings.Contains(domain, ".")
}
