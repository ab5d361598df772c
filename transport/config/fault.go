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

// notText is what is wrong with a number or a switch in place of text.
const notText = "must be text"

// isSwitch reports whether it is of true or false in place of text. That it is not one of the words
// that there are says more, where that is known.
func (f Fault) isSwitch() bool { return f.Problem == notText && (f.Got == "true" || f.Got == "false") }

// of reports whether one of them is of that key.
func (f Faults) of(key string) bool {
	return slices.ContainsFunc(f, func(fault Fault) bool { return fault.Key == key })
}
