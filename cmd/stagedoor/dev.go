package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
)

// devFlags are the flags of dev.
type devFlags struct {
	file, listen string
	origins      []string
}

func devCommand() *cobra.Command {
	var f devFlags
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run a server to try things on, with everything it needs inside",
		Long: `Run a server to try things on, with everything it needs inside.

Pages of this machine may call it, whatever their port. --origin lets those of another
origin in, and --config lays a configuration over what is on in development.`,
		Example: `  stagedoor dev --listen 127.0.0.1:9090
  stagedoor dev --origin http://app.test:5173
  stagedoor dev --config features.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := f.load(os.Environ())
			if err != nil {
				return err
			}
			return serve(c.Context(), cfg, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVar(&f.listen, "listen", "", "host:port to listen on, instead of 127.0.0.1:8080 or the configured one")
	c.Flags().StringArrayVar(&f.origins, "origin", nil, "where a front end is, such as http://app.test:5173; it may ask and read (repeatable)")
	c.Flags().StringVar(&f.file, "config", "", "a YAML file, laid over what is on in development")
	return c
}

// load puts the configuration together: that of development, the file, the environment, the
// flags.
func (f devFlags) load(env []string) (config.Config, error) {
	cfg, err := config.LoadOver(config.Dev(), f.file, env)
	if err != nil {
		return config.Config{}, err
	}
	if f.listen != "" {
		cfg.Listen = f.listen
	}
	for _, origin := range f.origins {
		origin = strings.TrimSuffix(origin, "/")
		if err := config.CheckOrigin(origin); err != nil {
			return config.Config{}, fmt.Errorf("--origin: %w", err)
		}
		if !slices.Contains(cfg.CORSAllowedOrigins, origin) {
			cfg.CORSAllowedOrigins = append(slices.Clone(cfg.CORSAllowedOrigins), origin)
		}
		if !slices.Contains(cfg.CSRFTrustedOrigins, origin) {
			cfg.CSRFTrustedOrigins = append(slices.Clone(cfg.CSRFTrustedOrigins), origin)
		}
	}
	return cfg, nil
}
