package stages

import (
	"strings"

	"stagedoor/engine"
)

// foldName returns the name as accounts are looked up by it.
func foldName(n named) string {
	if n.method == "phone" {
		return n.value
	}
	return strings.ToLower(n.value)
}

// countedByKey reports whether a limit counts what the request is about rather than who
// sends it.
func countedByKey(t engine.Take) bool { return t.By == "key" }
