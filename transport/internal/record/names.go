package record

import (
	"slices"
	"strconv"
	"strings"
)

// names are the variables that stand for the values of a story in its file: those
// of the first account are email, password, username, of the second email2 and so
// on; what turns up besides gets the next numbers.
type names struct {
	story *story
	// vars are variables by hash, count how many there are of a class.
	vars  map[string]string
	count map[class]int
}

func newNames(st *story) *names {
	n := &names{story: st, vars: make(map[string]string), count: make(map[class]int)}
	for _, kind := range []class{anEmail, aUsername, aPhone, aPassword} {
		n.count[kind] = len(st.accounts)
	}
	for i, g := range st.accounts {
		if len(g.emails) > 0 {
			n.vars[g.emails[0]] = numbered("email", i)
		}
		n.vars[g.username], n.vars[g.phone] = numbered("username", i), numbered("phone", i)
		if len(g.passkeys) > 0 {
			n.vars[g.passkeys[0]] = numbered("key", i)
		}
		if len(g.keys) > 0 {
			n.vars[g.keys[0]] = numbered("token", i)
		}
	}
	delete(n.vars, "")
	for i := range st.exchanges {
		n.passwords(&st.exchanges[i])
	}
	return n
}

// numbered is the variable of the account of an index.
func numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + strconv.Itoa(i+1)
}

// of is the variable of a value.
func (n *names) of(kind class, id string) string {
	if name, ok := n.vars[id]; ok {
		return name
	}
	name := numbered(string(kind), n.count[kind])
	n.count[kind]++
	n.vars[id] = name
	return name
}

// account is the index of the account that an exchange is about: the one it names,
// else the one its client is about; 0 where that is none of them.
func (n *names) account(e *exchange) int {
	typed := -1
	walk("", e.body, func(_ string, v value) {
		for i, g := range n.story.accounts {
			if v.id != "" && (slices.Contains(g.emails, v.id) || v.id == g.username || v.id == g.phone) {
				typed = i
			}
		}
	})
	if typed >= 0 {
		return typed
	}
	return max(0, slices.IndexFunc(n.story.accounts, func(g account) bool { return g.id == e.account }))
}

// passwords names the passwords that an exchange shows to be right: a new one gets a
// variable of its own, one that let somebody in is that of the account.
func (n *names) passwords(e *exchange) {
	if len(e.answer.errors) > 0 || e.answer.status != 200 && e.answer.status != 401 {
		return
	}
	walk("", e.body, func(name string, v value) {
		switch {
		case v.class != aPassword || n.vars[v.id] != "":
		case setsPassword(name, e.path):
			n.of(aPassword, v.id)
		case len(n.story.accounts) > 0:
			n.vars[v.id] = numbered("password", n.account(e))
		}
	})
}

// setsPassword reports whether a field holds a password that is to be set.
func setsPassword(field, path string) bool {
	return field == "new_password" || strings.Contains(path, "/signup") || strings.Contains(path, "/password/reset")
}

// right is the variable of the password that would have been right.
func (n *names) right(e *exchange) string {
	if len(n.story.accounts) > 0 {
		return numbered("password", n.account(e))
	}
	return "password"
}

// walk calls f with every value of a body, and the field it stands in.
func walk(name string, v any, f func(name string, v value)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sorted(v) {
			walk(key, v[key], f)
		}
	case []any:
		for _, one := range v {
			walk(name, one, f)
		}
	case value:
		f(name, v)
	}
}
