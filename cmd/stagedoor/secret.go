package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"stagedoor/transport/server"
)

const secretLong = `Look after the key of all tokens, codes and seals, secret_key.

A database knows its servers' key by a fingerprint, and a server with another one does not
start: each would make tokens, codes and authenticators that the others cannot open.

To change the key and end nothing: give every server the new one as secret_key_fallback, then
make it secret_key and the old one secret_key_fallback, and leave that out when everything that
was made with it is over.`

func secretCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "secret", Short: "Look after the secret key", Long: secretLong, Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&file, "config", "", "the configuration whose key and database it is; the development one if left out")
	c.AddCommand(&cobra.Command{
		Use: "accept", Short: "Take the configured key although the database was used with another one, which is lost",
		Long: `Take the configured key although the database was used with another one. What was made with
that is lost: every session ends, codes and links are wrong, authenticator apps and recovery codes
are no good any more (stagedoor user remove-factors). Servers with the other key do not start again.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := configOf(file)
			if err != nil {
				return err
			}
			print, err := server.AcceptSecret(c.Context(), cfg, server.Options{Log: logger(cfg, c.ErrOrStderr())})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "the key with fingerprint %s is the only one from now on\n", print)
			return err
		},
	})
	return c
}
