package server_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stagedoor/state/stores"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// quietly opens a server and closes it, and returns what kept it from starting.
func quietly(t *testing.T, c config.Config) error {
	t.Helper()
	s, err := server.Open(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	return s.Close(t.Context())
}

// TestOtherSecret: a server whose key is another than that of the others does not start, and is
// told what to do; one that knows the others' may, and so keys are changed.
func TestOtherSecret(t *testing.T) {
	c := config.Dev()
	c.DataDir = t.TempDir()
	old, next := config.Secret(strings.Repeat("o", 32)), config.Secret(strings.Repeat("n", 32))
	c.SecretKey = old
	if err := quietly(t, c); err != nil {
		t.Fatal(err)
	}
	c.SecretKey = next
	err := quietly(t, c)
	if !errors.Is(err, stores.ErrOtherSecret) {
		t.Fatalf("another key: %v", err)
	}
	for _, want := range []string{"secret_key: ", "give every server the same one", "secret_key_fallback", "stagedoor secret accept"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), string(old[:8])) || strings.Contains(err.Error(), string(next[:8])) {
		t.Errorf("it tells a key: %v", err)
	}
	c.SecretKeyFallback = old
	if err := quietly(t, c); err != nil {
		t.Errorf("with the old one besides: %v", err)
	}
	c.SecretKeyFallback = ""
	if err := quietly(t, c); err != nil {
		t.Errorf("once it was changed: %v", err)
	}
	c.SecretKey = old
	if err := quietly(t, c); !errors.Is(err, stores.ErrOtherSecret) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := server.AcceptSecret(t.Context(), c, server.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := quietly(t, c); err != nil {
		t.Errorf("accepted: %v", err)
	}
}

// TestLostSecretFile: a key that the server made itself, and somebody took away, is missed.
func TestLostSecretFile(t *testing.T) {
	c := config.Dev()
	c.DataDir = t.TempDir()
	if err := quietly(t, c); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(c.DataDir, "secret_key")); err != nil {
		t.Fatal(err)
	}
	if err := quietly(t, c); !errors.Is(err, stores.ErrOtherSecret) || !strings.Contains(err.Error(), "put the file secret_key back into "+c.DataDir) {
		t.Errorf("%v", err)
	}
}
