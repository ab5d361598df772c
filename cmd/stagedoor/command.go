package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"stagedoor/transport/server"
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
	root.AddCommand(
		serveCommand(), devCommand(), checkCommand(), graphCommand(), replayCommand(), explainCommand(), recordCommand(),
		userCommand(), versionCommand(),
	)
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built with",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "stagedoor %s, %s\n", server.Version(), runtime.Version())
			return err
		},
	}
}
