package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Fault is one thing wrong with a configuration. Got is what was found, fit to
// be shown: never a secret, empty where there is nothing to show.
type Fault struct{ Key, Problem, Got, Hint string }

// String is the fault on one line: `key: problem (got X); hint`.
func (f Fault) String() string {
	line := f.Key + ": " + f.Problem
	if f.Got != "" {
		line += " (got " + f.Got + ")"
	}
	if f.Hint != "" {
		line += "; " + f.Hint
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, line)
}

// Error implements error.
func (f Fault) Error() string { return f.String() }

// Faults are all the faults of a configuration, by key.
type Faults []Fault

// Error implements error: one line for each fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// orNil sorts the faults by key, or is nil where there are none.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int { return strings.Compare(a.Key, b.Key) })
	return f
}

// userinfo is what stands before the host of a URL: a name, and maybe a password.
var userinfo = regexp.MustCompile(`//[^/?#\s]*@`)

// show prints a value for a fault: quoted, cut short, without a URL's password.
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case Secret:
		return v.String()
	case envText:
		return show(v.Text) + " " + v.from()
	case string:
		v = userinfo.ReplaceAllString(v, "//***@")
		if runes := []rune(v); len(runes) > 60 {
			v = string(runes[:60]) + "…"
		}
		return fmt.Sprintf("%q", v)
	case map[string]any:
		return "a section"
	case []any:
		return "a list"
	default:
		return fmt.Sprint(v)
	}
}

// nearest is the candidate that a misspelt word most likely meant, or empty
// where none comes close: at most a third of its letters may be wrong.
func nearest(word string, candidates []string) string {
	best, least := "", len(word)/3+1
	if len(word) < 3 {
		least = 0
	}
	for _, candidate := range candidates {
		if d := distance(word, candidate); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
