package main

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestRunIDsLast: one run in 64 has an id that looks like a row of short flags.
func TestRunIDsLast(t *testing.T) {
	const id = "-2vbX_1-9aQeRt5uIoPlKg"
	for _, c := range []struct{ args, want []string }{
		{[]string{"explain", id}, []string{"explain", "--", id}},
		{[]string{"explain", id, "--json"}, []string{"explain", "--json", "--", id}},
		{[]string{"explain", "--", id}, []string{"explain", "--", id}},
		{[]string{"explain", "x" + id[1:]}, []string{"explain", "x" + id[1:]}},
		{[]string{"check", "-v"}, []string{"check", "-v"}},
		{nil, nil},
	} {
		if got := runIDsLast(c.args); !slices.Equal(got, c.want) {
			t.Errorf("%q become %q, want %q", c.args, got, c.want)
		}
	}
	for _, c := range command().Commands() {
		every(c, func(f *pflag.Flag) {
			if flag := []string{"--" + f.Name}; !slices.Equal(runIDsLast(flag), flag) {
				t.Errorf("%s %s is taken for the id of a run", c.Name(), flag)
			}
		})
	}
}

// every visits the flags of a command and of those below it.
func every(c *cobra.Command, visit func(*pflag.Flag)) {
	c.Flags().VisitAll(visit)
	for _, below := range c.Commands() {
		every(below, visit)
	}
}
