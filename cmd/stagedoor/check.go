package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"stagedoor/engine"
	"stagedoor/transport/server"
)

func checkCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Prove that no flow leads to a session around what its rules demand",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config := server.Dev()
			if file != "" {
				var err error
				if config, err = server.Load(file, os.Environ()); err != nil {
					return err
				}
			}
			reports, err := server.Check(config)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(c.OutOrStdout())
				enc.SetIndent("", "  ")
				if err := enc.Encode(reports); err != nil {
					return err
				}
			}
			return judge(c, reports, asJSON)
		},
	}
	c.Flags().StringVar(&file, "config", "", "the configuration whose flows are checked; the development one if left out")
	c.Flags().BoolVar(&asJSON, "json", false, "print the reports as JSON")
	return c
}

// judge prints the reports and fails where one found a fault.
func judge(c *cobra.Command, reports []engine.Report, quiet bool) error {
	faults := 0
	for _, r := range reports {
		faults += len(r.Faults)
		if quiet {
			continue
		}
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s\n", r); err != nil {
			return err
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d faults: a server does not start on these flows", faults)
	}
	if !quiet {
		fmt.Fprintf(c.OutOrStdout(), "%d flows hold\n", len(reports))
	}
	return nil
}
