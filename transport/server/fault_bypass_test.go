package server

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"stagedoor/engine"
)

// vip is a decision that somebody adds without a thought for the second factor: it lets
// browsers pass in front of it.
func vip() engine.Extension {
	stage := engine.Stage{
		ID: "acme.vip", Kind: engine.Decides, Title: "is it one of ours?",
		Exits: engine.Exits{"yes": {}, "no": {}}, Reads: []string{"Browser"},
	}
	return engine.Extension{
		Owner: "acme",
		Splices: []engine.Splice{{Before: "factor_due", Nodes: engine.Nodes{
			"acme.vip": {Stage: stage, Next: engine.Next{"yes": "trust_due", "no": engine.Onward}},
		}}},
		Deciders: map[engine.StageID]engine.Decider{"acme.vip": engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) {
			if f.Browser {
				return "yes", ""
			}
			return "no", ""
		})},
	}
}

// TestBypassDoesNotStart splices a way around the second factor into every way in:
// the server says which ways there are, does not start, and leaves nothing behind.
func TestBypassDoesNotStart(t *testing.T) {
	t.Parallel()
	c := labConfig(t.TempDir(), "127.0.0.1:8080")
	c.SecretKey = "a secret key of more than thirty-two bytes"
	s, err := Open(t.Context(), c, Options{Mail: newMails(), Extend: func(Parts) []engine.Extension { return []engine.Extension{vip()} }})
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
