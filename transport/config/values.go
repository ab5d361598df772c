package config

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// notation is a value of the configuration that is written in a way of its own. set reads
// what a file (bool, int, float64, string, list, map) or the environment
// (envText) says and leaves the value alone when it errs, with a Fault whose Key
// is empty or, where only a part is wrong, that part's suffix; several are
// joined. plain is the inverse of set.
type notation interface {
	set(raw any) error
	plain() any
}

// Seconds is an age or a time limit; fractions are welcome.
type Seconds float64

// Duration is the same time in Go's type, at most some 290 years.
func (s Seconds) Duration() time.Duration { return duration(float64(s), time.Second) }

// Days is an age in days; fractions are welcome.
type Days float64

// Duration is the same time in Go's type, at most some 290 years.
func (d Days) Duration() time.Duration { return duration(float64(d), 24*time.Hour) }

// duration is n times the unit, or the largest duration where that is too much.
// A sum that is no number is no time at all.
func duration(n float64, unit time.Duration) time.Duration {
	switch product := n * float64(unit); {
	case math.IsNaN(product):
		return 0
	case product >= math.MaxInt64:
		return math.MaxInt64
	case product <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(math.Round(product))
	}
}

// Times is how often something may be done: a number, or true for twice.
type Times int

func (t *Times) set(raw any) error {
	if n, err := toInt(raw); err == nil {
		*t = Times(n)
		return nil
	}
	on, err := toBool(raw)
	if err != nil {
		return Fault{Problem: "must be true, false or a whole number", Hint: "true allows it twice"}
	}
	*t = 0
	if on {
		*t = 2
	}
	return nil
}

func (t *Times) plain() any { return int(*t) }

// Enumeration is how far the server hides which accounts exist.
type Enumeration string

// The values of Enumeration. On hides accounts wherever addresses must be
// verified; strict does so where they need not be, too: a taken address then
// passes as one more, unverified claim to it.
const (
	EnumerationOn     Enumeration = "true"
	EnumerationOff    Enumeration = "false"
	EnumerationStrict Enumeration = "strict"
)

func (e *Enumeration) set(raw any) error {
	if on, err := toBool(raw); err == nil {
		*e = Enumeration(strconv.FormatBool(on))
		return nil
	}
	if text, err := toText(raw); err != nil || text != string(EnumerationStrict) {
		return Fault{Problem: "not one of true, false, strict", Hint: "true is the safe choice"}
	}
	*e = EnumerationStrict
	return nil
}

func (e *Enumeration) plain() any {
	if *e == EnumerationStrict {
		return string(*e)
	}
	return *e == EnumerationOn
}

// CodeRequired says after which ways in a login code is asked for: after all of
// them, or after those in Methods (password, mfa, socialaccount).
type CodeRequired struct {
	All     bool
	Methods []string
}

// After says whether a code is due after signing in by the method.
func (c CodeRequired) After(method string) bool {
	return c.All || slices.Contains(c.Methods, method)
}

// Any says whether a code is due after any way in.
func (c CodeRequired) Any() bool { return c.All || len(c.Methods) > 0 }

func (c *CodeRequired) set(raw any) error {
	if on, err := toBool(raw); err == nil {
		*c = CodeRequired{All: on}
		return nil
	}
	methods, err := toList(raw)
	if err != nil {
		return Fault{Problem: "must be true, false or a list", Hint: "the list may hold " + strings.Join(codeMethods(), ", ")}
	}
	*c = CodeRequired{Methods: methods}
	return nil
}

func (c *CodeRequired) plain() any {
	if c.All || len(c.Methods) == 0 {
		return c.All
	}
	return slices.Clone(c.Methods)
}

// codeMethods are the ways in that a login code can be required after.
func codeMethods() []string { return []string{"password", "mfa", "socialaccount"} }
