// Package diff says what a change of configuration changes: what is asked of whom before there
// is a session, how easily codes are guessed, and what asks for a proof again afterwards. The
// command (check --diff) and the inspector tell the same.
package diff

import (
	"fmt"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/config"
)

// Difference is what a change of configuration changes.
type Difference struct {
	// Changes are of what is asked before there is a session, and of whom, once there is one,
	// it is asked again; those that make it weaker first.
	Changes []engine.Change `json:"changes"`
	// Settings are the keys that differ, sorted. Not all of them change what is asked.
	Settings []config.Setting `json:"settings"`
}

// Weaker reports whether anybody gets a session more easily, or does more with one that is
// not his.
func (d Difference) Weaker() bool {
	return slices.ContainsFunc(d.Changes, func(c engine.Change) bool { return c.Direction == engine.Weaker })
}

// Matrix says what a configuration asks of whom.
type Matrix func(config.Config) (engine.Matrix, error)

// Of compares what two configurations ask for. It fails where one of them makes no flows
// that hold.
func Of(was, is config.Config, matrix Matrix) (Difference, error) {
	old, err := matrix(was)
	if err != nil {
		return Difference{}, fmt.Errorf("before: %w", err)
	}
	now, err := matrix(is)
	if err != nil {
		return Difference{}, fmt.Errorf("after: %w", err)
	}
	changes := slices.Concat(engine.Compare(old, now), proofs(was, is), codes(was, is), bindings(was, is))
	slices.SortStableFunc(changes, func(a, b engine.Change) int { return rank(a) - rank(b) })
	return Difference{Changes: changes, Settings: config.Differences(was, is)}, nil
}

// rank puts what is weaker first, and what is neither last.
func rank(c engine.Change) int {
	return slices.Index([]string{engine.Weaker, engine.Stricter, engine.Neither}, c.Direction)
}

// codes are what changes in how easily codes are guessed.
func codes(was, is config.Config) []engine.Change {
	easier, harder := config.CodeChanges(was, is)
	var out []engine.Change
	for _, text := range easier {
		out = append(out, engine.Change{Direction: engine.Weaker, What: "guessed_easier", Text: text})
	}
	for _, text := range harder {
		out = append(out, engine.Change{Direction: engine.Stricter, What: "guessed_harder", Text: text})
	}
	return out
}

// bindings are what changes in how sessions are bound to a key of their device.
func bindings(was, is config.Config) []engine.Change {
	var out []engine.Change
	say := func(before, now bool, weaker, stricter string) {
		switch {
		case before && !now:
			out = append(out, engine.Change{Direction: engine.Weaker, What: "binds_no_more", Text: weaker})
		case !before && now:
			out = append(out, engine.Change{Direction: engine.Stricter, What: "binds", Text: stricter})
		}
	}
	say(was.BindsBrowsers(), is.BindsBrowsers(), "browsers no longer bind their sessions to their device: a copy of cookies is a session", "sessions of browsers that can are bound to their device")
	say(was.BindsSessions(), is.BindsSessions(), "apps no longer bind their sessions to a key: a copy of a token is a session", "sessions of apps that prove a key are bound to it")
	say(was.BindingRequired(), is.BindingRequired(), "sessions of apps need no key any more, nor those of browsers that have bound one before", "apps sign in with a proof of their key alone, and browsers that have bound a session go on to")
	return out
}

// proofs are what changes in how a signed-in client is asked to prove again whose session it
// is: for which changes, and by what.
func proofs(was, is config.Config) []engine.Change {
	var out []engine.Change
	for _, area := range []struct {
		of      string
		was, is bool
	}{
		{"authenticators", was.MFA.ReauthenticationRequired, is.MFA.ReauthenticationRequired},
		{"addresses and numbers", was.Account.ReauthenticationRequired, is.Account.ReauthenticationRequired},
		{"connections to providers", was.ReauthenticatesProviders(), is.ReauthenticatesProviders()},
	} {
		switch {
		case area.was && !area.is:
			out = append(out, engine.Change{Direction: engine.Weaker, What: "proves_no_more", Text: "changes of " + area.of + " no longer ask for a proof"})
		case !area.was && area.is:
			out = append(out, engine.Change{Direction: engine.Stricter, What: "proves", Text: "changes of " + area.of + " now ask for a proof"})
		}
	}
	for _, way := range is.Account.ReauthenticationMethods {
		if !slices.Contains(was.Account.ReauthenticationMethods, way) {
			out = append(out, engine.Change{Direction: engine.Weaker, What: "proves_by", Text: "reauthentication by " + way + " is new"})
		}
	}
	for _, way := range was.Account.ReauthenticationMethods {
		if !slices.Contains(is.Account.ReauthenticationMethods, way) {
			out = append(out, engine.Change{Direction: engine.Stricter, What: "proves_by_no_more", Text: "no more reauthentication by " + way})
		}
	}
	return out
}

// String prints the difference for people: what is asked otherwise, then the keys.
func (d Difference) String() string {
	var b strings.Builder
	b.WriteString(engine.PrintChanges(d.Changes))
	if len(d.Changes) == 0 {
		b.WriteString("nothing is asked otherwise\n")
	}
	if len(d.Settings) > 0 {
		b.WriteString("settings\n")
	}
	for _, s := range d.Settings {
		b.WriteString("  " + s.String() + "\n")
	}
	return b.String()
}
