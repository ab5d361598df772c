package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

const migrateLong = `Bring the tables of a database up to date, or tell what it lacks.

A server does so by itself when it starts, unless database.migrate is false: then this is run
before, as a role that may change tables. Several may run at once, and beside servers: one
does the work, under a lock that ends with its transaction, so that it may go through a pooler.
The others wait for it, and say for whom.`

// migrateFlags say which database it is.
type migrateFlags struct{ file, url string }

func migrateCommand() *cobra.Command {
	var f migrateFlags
	c := &cobra.Command{
		Use: "migrate", Short: "Bring the tables of the database up to date", Long: migrateLong, Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&f.file, "config", "", "the configuration whose database it is; the development one if left out")
	c.PersistentFlags().StringVar(&f.url, "database-url", "", "a postgres:// URL instead of the configured ones")
	c.AddCommand(
		&cobra.Command{
			Use: "up", Short: "Apply what is missing", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return f.up(c) },
		},
		&cobra.Command{
			Use: "status", Short: "Print every migration, and since when the database has it", Args: cobra.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return f.status(c) },
		},
	)
	return c
}

// config is the configuration, with another database where the flags name one. Secrets besides
// the database's need not be here.
func (f *migrateFlags) config() (config.Config, error) {
	cfg, err := config.Dev(), error(nil)
	if f.file != "" {
		cfg, err = config.LoadWithoutSecrets(f.file, os.Environ())
	} else if f.url == "" {
		cfg, err = configOf("")
	}
	if err != nil {
		return cfg, err
	}
	if f.url != "" {
		cfg.Database.URL, cfg.Database.MigrateURL = config.Secret(f.url), ""
	}
	if d := cfg.Database; !d.URL.Known() || !d.MigrateURL.Known() {
		return cfg, errors.New("the URL of the database is in a file that is not here; give --database-url")
	}
	return cfg, cfg.ValidateWithoutSecrets()
}

func (f *migrateFlags) up(c *cobra.Command) error {
	cfg, err := f.config()
	if err != nil {
		return err
	}
	done, err := server.Migrate(c.Context(), cfg, server.Options{Log: logger(cfg, c.ErrOrStderr())})
	if err != nil {
		return err
	}
	if len(done) == 0 {
		_, err = fmt.Fprintln(c.OutOrStdout(), "the tables are up to date")
	}
	for _, m := range done {
		if _, err := fmt.Fprintf(c.OutOrStdout(), "applied %s\n", m.Name); err != nil {
			return err
		}
	}
	return err
}

func (f *migrateFlags) status(c *cobra.Command) error {
	cfg, err := f.config()
	if err != nil {
		return err
	}
	list, err := server.Migrations(c.Context(), cfg, server.Options{Log: logger(cfg, c.ErrOrStderr())})
	if err != nil {
		return err
	}
	return printMigrations(c.OutOrStdout(), list)
}

func printMigrations(out io.Writer, list []server.Migration) error {
	missing := 0
	for _, m := range list {
		since := "missing"
		if m.Applied {
			since = "since " + m.At.UTC().Format("2006-01-02 15:04:05")
		} else {
			missing++
		}
		if _, err := fmt.Fprintf(out, "%-24s %s\n", m.Name, since); err != nil {
			return err
		}
	}
	var err error
	if missing > 0 {
		_, err = fmt.Fprintf(out, "%d missing; stagedoor migrate up applies them\n", missing)
	}
	return err
}
