package pages

import (
	"maps"
	"path"
	"regexp"
	"slices"
)

// imported is an import that is followed at once: those in the middle of a line come later.
var imported = regexp.MustCompile(`(?m)^(?:import|export)\b[^;]*?from '\./([a-z_]+\.js)'|^import '\./([a-z_]+\.js)'`)

// modules are the modules of the app, each with those that it imports at once.
type modules map[string][]string

// newModules reads which module imports which.
func newModules(all map[string][]byte) modules {
	m := make(modules, len(all))
	for name, text := range all {
		if path.Ext(name) != ".js" {
			continue
		}
		m[name] = nil
		for _, found := range imported.FindAllSubmatch(text, -1) {
			m[name] = append(m[name], string(found[1])+string(found[2]))
		}
	}
	return m
}

// with are modules and all that they import, sorted.
func (m modules) with(names ...string) []string {
	seen := make(map[string]bool)
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if !seen[name] {
			seen[name] = true
			names = append(names, m[name]...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// first are the modules that a document comes to at once, by where its visitor stands: named
// in the document, they come in one go, and none is found only when another has come.
func (m modules) first(d document, s stands, sample bool) []string {
	names := []string{"main.js"}
	inside := isMembers(d)
	switch {
	case s == pending && (inside || d.path == "/{$}"):
		names = append(names, "step.js")
	case inside && s != signedIn:
		// The app leads to the sign-in, which main.js has.
	case s == signedIn && (inside && d.module != "secure.js" || isEntry(d)):
		names = append(names, "account.js")
		if inside {
			names = append(names, d.module)
		}
	case d.module != "":
		names = append(names, d.module)
	}
	if d.path == "/{$}" && sample && s == signedOut {
		names = append(names, "signup.js")
	}
	return m.with(names...)
}

// isMembers tells the pages of signed-in people, isEntry those that they are led away from.
func isMembers(d document) bool {
	return !isEntry(d) && d.module != "forgot.js" && d.module != "verify.js" && d.module != ""
}

func isEntry(d document) bool {
	return d.module == "login.js" || d.module == "signup.js" || d.module == "step.js"
}
