package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// initFlags are the flags of init, or what was answered in their place, and what follows from
// them.
type initFlags struct {
	app, api, listen     string
	name                 string
	with                 []string
	smtp, from           string
	database, redis, out string
	force                bool

	// Features are what is on. The files hold a secret each; those without are empty.
	features                            features
	secretFile, databaseFile, redisFile string
	arranged                            config.Arrangement
	// local is set for a server of this machine, which nobody else reaches.
	local bool
}

func initCommand() *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a configuration for a front end and a server, with a fresh secret",
		Long: `Write a configuration for a front end and a server: commented, checked, with a fresh
secret in a file of its own, so that the configuration can be committed.

It knows what follows from where the two are: the same origin, two hosts of one site,
two sites, or this machine. What is not said by flags is asked for on a terminal.
Files that are there are left alone.`,
		Example: `  stagedoor init
  stagedoor init --app https://app.example.com --api https://auth.example.com --with passkeys,codes,trust`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.app == "" || f.api == "" {
				if !asked(c.InOrStdin()) {
					return errors.New("--app and --api say where the front end and the server are, such as --app https://app.example.com --api https://auth.example.com")
				}
				if err := f.ask(bufio.NewReader(c.InOrStdin()), c.OutOrStdout()); err != nil {
					return err
				}
			}
			return f.run(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&f.app, "app", "", "where the front end's pages are, such as https://app.example.com")
	c.Flags().StringVar(&f.api, "api", "", "where browsers find the server, such as https://auth.example.com")
	c.Flags().StringVar(&f.name, "name", "", "what letters, authenticator apps and the server's pages call the service; the server's host if left out")
	c.Flags().StringSliceVar(&f.with, "with", nil, "what to switch on, of "+strings.Join(featureNames(), ", ")+"; what dev has if left out")
	c.Flags().StringVar(&f.listen, "listen", "", "host:port to listen on; 127.0.0.1:8080, behind a proxy, if left out")
	c.Flags().StringVar(&f.smtp, "smtp", "", "the mail server, host or host:port; smtp. of the server's domain if left out")
	c.Flags().StringVar(&f.from, "from", "", "the sender of letters; no-reply@ the server's domain if left out")
	c.Flags().StringVar(&f.database, "database", "", "a postgres:// URL; an SQLite file if left out")
	c.Flags().StringVar(&f.redis, "redis", "", "a redis:// or rediss:// URL; one inside the server if left out")
	c.Flags().StringVar(&f.out, "out", "stagedoor.yaml", "the file to write; secrets are written beside it")
	c.Flags().BoolVar(&f.force, "force", false, "replace the configuration that is there; secrets that are there stay")
	return c
}

// asked reports whether somebody can be asked.
func asked(in io.Reader) bool {
	file, ok := in.(*os.File)
	return ok && terminal(file)
}

// run writes the files, or none of them.
func (f *initFlags) run(out io.Writer) error {
	if err := f.prepare(); err != nil {
		return err
	}
	text, err := f.text()
	if err != nil {
		return err
	}
	secret := freshSecret()
	cfg, err := f.check(text, secret)
	if err != nil {
		return err
	}
	files := []draft{{f.secretFile, secret, 0o600, false}}
	if f.database != "" {
		files = append(files, draft{f.databaseFile, f.database, 0o600, f.force})
	}
	if f.redis != "" {
		files = append(files, draft{f.redisFile, f.redis, 0o600, f.force})
	}
	files = append(files, draft{f.out, text, 0o644, f.force})
	kept, err := writeAll(files, f.force)
	if err != nil {
		return err
	}
	return f.tell(out, cfg, kept)
}

// prepare checks the flags and works out what follows from them.
func (f *initFlags) prepare() error {
	f.app, f.api = strings.TrimSuffix(f.app, "/"), strings.TrimSuffix(f.api, "/")
	for _, origin := range []struct{ flag, value string }{{"--app", f.app}, {"--api", f.api}} {
		if err := usableOrigin(origin.value); err != nil {
			return fmt.Errorf("%s: %w", origin.flag, err)
		}
	}
	f.arranged, f.local = config.Arrange(f.api, f.app), config.IsLocal(f.api) && strings.HasPrefix(f.api, "http://")
	if f.local && !config.IsLocal(f.app) {
		return fmt.Errorf("--api: plain http on this machine is for a front end of this machine (got %s for %s); give an https URL", f.api, f.app)
	}
	if here := config.HostOf(f.api); f.local && config.Registrable(f.app) != config.Registrable(f.api) {
		return fmt.Errorf("--app: browsers take %s and %s for two sites, and send no cookies from one to the other; open the front end at %s", config.HostOf(f.app), here, here)
	}
	var err error
	if f.features, err = chosenFeatures(f.with); err != nil {
		return fmt.Errorf("--with: %w", err)
	}
	if all := len(f.with) == 1 && f.with[0] == "all"; all && f.arranged.OtherSite {
		// Passkeys are of the front end's site, and the server's own pages are of another.
		f.features = slices.DeleteFunc(f.features, func(name string) bool { return name == "pages" })
	}
	base := strings.TrimSuffix(f.out, filepath.Ext(f.out))
	if f.out == "" || filepath.Base(base) == "" {
		return errors.New("--out names no file; give one such as stagedoor.yaml")
	}
	f.secretFile = base + ".secret"
	if f.database != "" {
		f.databaseFile = base + ".database"
	}
	if f.redis != "" {
		f.redisFile = base + ".redis"
	}
	f.defaults()
	return nil
}

// usableOrigin wants an origin that a front end or a server can have in production, or on this
// machine.
func usableOrigin(origin string) error {
	if err := config.CheckOrigin(origin); err != nil {
		return err
	}
	if strings.HasPrefix(origin, "http://") && !config.IsLocal(origin) {
		return fmt.Errorf("plain http on a public host (got %q); browsers keep no cookies and make no passkeys there, use https", origin)
	}
	return nil
}

// check holds the text against the server's own checks, before anything is written: faults,
// warnings and the proof.
func (f *initFlags) check(text, secret string) (config.Config, error) {
	dir, err := os.MkdirTemp("", "stagedoor-init-")
	if err != nil {
		return config.Config{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "stagedoor.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return config.Config{}, err
	}
	cfg, err := config.LoadWithoutSecrets(file, nil)
	if err == nil {
		cfg.SecretKey, cfg.Database.URL, cfg.Redis.URL = config.Secret(secret), config.Secret(f.database), config.Secret(f.redis)
		err = cfg.Validate()
	}
	if err != nil {
		return config.Config{}, fmt.Errorf("this cannot be configured:\n%w", err)
	}
	if advice := cfg.Advice(); len(advice) > 0 {
		return config.Config{}, fmt.Errorf("this cannot be configured: %s", advice[0])
	}
	_, err = server.Check(cfg, server.Options{})
	return cfg, err
}
