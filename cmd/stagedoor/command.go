package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// command is the command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "stagedoor",
		Short:         "An authentication server whose flows are graphs",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(serveCommand(), devCommand(), checkCommand(), versionCommand())
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built with",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), version())
			return err
		},
	}
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "stagedoor, version unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "development version"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += ", revision " + s.Value
		}
	}
	return fmt.Sprintf("stagedoor %s, %s", v, info.GoVersion)
}
