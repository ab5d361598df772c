package main

import (
	"fmt"
	"slices"
	"strings"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// difference is what a change of configuration changes.
type difference struct {
	// Changes are of what is asked before there is a session, those that make it weaker
	// first.
	Changes []engine.Change `json:"changes"`
	// Settings are the keys that differ, sorted. Not all of them change what is asked.
	Settings []config.Setting `json:"settings"`
}

// weaker reports whether anybody gets a session more easily.
func (d difference) weaker() bool {
	return slices.ContainsFunc(d.Changes, func(c engine.Change) bool { return c.Direction == engine.Weaker })
}

// diff compares what two configurations ask for, under the same extensions.
func diff(was, is config.Config, o server.Options) (difference, error) {
	old, err := server.Matrix(was, o)
	if err != nil {
		return difference{}, fmt.Errorf("before: %w", err)
	}
	now, err := server.Matrix(is, o)
	if err != nil {
		return difference{}, fmt.Errorf("after: %w", err)
	}
	return difference{Changes: engine.Compare(old, now), Settings: config.Differences(was, is)}, nil
}

// String prints the difference for people: what is asked otherwise, then the keys.
func (d difference) String() string {
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
