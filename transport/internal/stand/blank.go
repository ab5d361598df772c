package stand

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// blank is what the data directory of a play begins with, by the name of the file: what
// takes a server longest to make at its first start, an empty database and the key that
// signs tokens. It is made once in a process; each play has a copy of its own.
var blank = sync.OnceValues(func() (map[string][]byte, error) {
	files, err := firstStart()
	if err != nil {
		return nil, fmt.Errorf("make an empty database: %w", err)
	}
	return files, nil
})

// firstStart makes in an empty folder what a first start takes longest for.
func firstStart() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp(memory(), "stagedoor-replay-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	profile := filepath.Join(dir, recorded+".yaml")
	if err := os.WriteFile(profile, recordedProfile, 0o600); err != nil {
		return nil, err
	}
	c, err := config.Load(profile, nil)
	if err != nil {
		return nil, err
	}
	c.DataDir = filepath.Join(dir, "data")
	c.Headless.TokenStrategy, c.Headless.JWTAlgorithm = "jwt", "RS256"
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// No server starts on it: each play has a secret of its own, and the database knows none.
	if _, err := server.Migrate(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		return nil, err
	}
	if _, err := c.SigningKey(rand.Reader); err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, name := range []string{"stagedoor.sqlite3", "jwt_key_rs256"} {
		if files[name], err = os.ReadFile(filepath.Join(c.DataDir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// fillFolder copies what a data directory begins with.
func fillFolder(dir string) error {
	files, err := blank()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
