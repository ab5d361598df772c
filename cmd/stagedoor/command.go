package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stagedoor/transport/server"
)

// command is the command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "stagedoor",
		Short:         "An authentication server whose flows are graphs",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(unknownFlag)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		initCommand(), serveCommand(), devCommand(), checkCommand(), graphCommand(), replayCommand(), explainCommand(), recordCommand(),
		migrateCommand(), secretCommand(), userCommand(), benchCommand(), versionCommand(),
	)
	return root
}

// noCommand refuses a command that is none, and says which may have been meant.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, command := range c.Commands() {
		names = append(names, command.Name())
	}
	return fmt.Errorf("unknown command %q%s", args[0], meant(nearest(args[0], names)))
}

// unknownFlag says of a flag that is none which may have been meant.
func unknownFlag(c *cobra.Command, err error) error {
	none, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("%w%s", err, meant(nearest("--"+none.GetSpecifiedName(), names)))
}

// meant is the end of an error that says what may have been meant.
func meant(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ")
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
