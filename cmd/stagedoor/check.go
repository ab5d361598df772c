package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// checkFlags are the flags of check.
type checkFlags struct {
	file, other                           string
	matrix, asJSON, verbose, failIfWeaker bool
}

func checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [FLOW or PENDING ID]",
		Short: "Prove that no flow leads to a session around what its rules demand; tell what is asked of whom",
		Long: `Prove that no flow leads to a session around what its rules demand.

With the id of a flow, or of a stage that waits on the wire, check that flow, or those
it can wait in and what follows there.

With --matrix, tell for every way in and every kind of account and client which
stages ask before there is a session. With --diff, tell what changes for them
from the configuration of --config to another one. Nothing is started or opened,
and the configuration's secrets need not be here.

Besides, it warns of what front ends will stumble over: origins that are trusted by
half, cookies that they cannot read or are not sent, passkeys that belong elsewhere;
of what weakens sessions that are bound to a device; and of providers that guard less than they could.`,
		Args: cobra.MaximumNArgs(1),
		RunE: f.run,
	}
	c.Flags().StringVar(&f.file, "config", "", "the configuration whose flows are checked; the development one if left out")
	c.Flags().BoolVar(&f.matrix, "matrix", false, "print which stages are asked of which accounts and clients")
	c.Flags().StringVar(&f.other, "diff", "", "print what changes with this configuration")
	c.Flags().BoolVar(&f.failIfWeaker, "fail-if-weaker", false, "with --diff: fail where somebody would get a session more easily")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print everything as JSON")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "print the rules with what shows them, decisions and exclusions")
	c.MarkFlagsMutuallyExclusive("matrix", "diff")
	return c
}

// run does what the flags ask for.
func (f *checkFlags) run(c *cobra.Command, args []string) error {
	if f.failIfWeaker && f.other == "" {
		return errors.New("--fail-if-weaker compares two configurations; name the other one with --diff")
	}
	if c.Flags().Changed("diff") && f.other == "" {
		return errors.New("--diff names no file; give the configuration that is to come")
	}
	if len(args) > 0 && (f.matrix || f.other != "") {
		return errors.New("--matrix and --diff are about all flows; leave out " + args[0])
	}
	cfg := config.Dev()
	if f.file != "" {
		var err error
		if cfg, err = config.LoadWithoutSecrets(f.file, os.Environ()); err != nil {
			return err
		}
	}
	switch {
	case f.matrix:
		return f.printMatrix(c.OutOrStdout(), cfg)
	case f.other != "":
		return f.printDiff(c.OutOrStdout(), cfg)
	}
	if len(args) > 0 {
		return f.place(c, cfg, args[0])
	}
	x, err := server.Check(cfg, server.Options{})
	if err != nil {
		return err
	}
	return f.judge(c.OutOrStdout(), cfg, x)
}

// printMatrix prints the matrix of a configuration.
func (f checkFlags) printMatrix(w io.Writer, c config.Config) error {
	m, err := server.Matrix(c, server.Options{})
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(w, m)
	}
	text := m.String()
	if f.verbose {
		text = m.Verbose()
	}
	_, err = io.WriteString(w, text)
	return err
}

// printDiff prints what changes from a configuration to the other one, and fails where
// that is asked for and something gets weaker.
func (f checkFlags) printDiff(w io.Writer, was config.Config) error {
	is, err := config.LoadWithoutSecrets(f.other, os.Environ())
	if err != nil {
		return err
	}
	d, err := server.Diff(was, is, server.Options{})
	if err != nil {
		return err
	}
	if f.asJSON {
		err = writeJSON(w, d)
	} else {
		_, err = io.WriteString(w, d.String())
	}
	if err == nil && f.failIfWeaker && d.Weaker() {
		return fmt.Errorf("%s is weaker; see above for whom", f.other)
	}
	return err
}

// writeJSON prints a value for programs.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
