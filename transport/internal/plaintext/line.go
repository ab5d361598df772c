// Package plaintext makes a stranger's text fit to stand in a message or a log: what was
// typed as a name must not add a line, a link or a direction of writing of its own.
package plaintext

import (
	"strings"
	"unicode"
)

// Line makes a stranger's text harmless: spaces of every kind become one plain space,
// what cannot be seen (controls, marks that turn the writing direction) goes, a web
// address no longer is one, and what is longer than limit runes is cut.
func Line(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "://", ": //")
	if runes := []rune(s); len(runes) > limit {
		s = strings.TrimRight(string(runes[:limit-1]), " ") + "…"
	}
	return s
}
