package faults

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestBypassDoesNotStart splices a way around the second factor into every way in:
// the server says which ways there are, does not start, and leaves nothing behind.
func TestBypassDoesNotStart(t *testing.T) {
	t.Parallel()
	c := suite.LabConfig(t.TempDir(), "127.0.0.1:8080")
	c.SecretKey = "a secret key of more than thirty-two bytes"
	s, err := server.Open(t.Context(), c, server.Options{Mail: suite.NewMails(), Extend: func(server.Parts) []engine.Extension { return []engine.Extension{suite.Vip()} }})
	if s != nil || err == nil {
		t.Fatal("a server with a way around the second factor has started")
	}
	for _, want := range []string{"flow login, ", "flow signup, ", "nothing proves second", "password_form.ok", "acme.vip.yes"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not say %q:\n%v", want, err)
		}
	}
	if _, err := os.Stat(c.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the data directory is there: %v", err)
	}
}
