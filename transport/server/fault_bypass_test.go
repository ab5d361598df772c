package server

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/flows"
)

// vip is a decision that somebody adds without a thought for the second factor: it lets
// browsers pass in front of it.
func vip(set *engine.Set) error {
	stage := engine.Stage{
		ID: "acme.vip", Kind: engine.Decides, Title: "is it one of ours?",
		Exits: engine.Exits{"yes": {}, "no": {}}, Reads: []string{"Browser"},
	}
	set.Deciders["acme.vip"] = engine.DecideFunc(func(f engine.Facts) (engine.Exit, engine.Reason) {
		if f.Browser {
			return "yes", ""
		}
		return "no", ""
	})
	for i := range set.Graphs {
		g := &set.Graphs[i]
		if g.Flow != flows.LoginFlow {
			continue
		}
		nodes := maps.Clone(g.Nodes)
		due := nodes["email_due"]
		due.Next = maps.Clone(due.Next)
		for exit, to := range due.Next {
			if to == "factor_due" {
				due.Next[exit] = "acme.vip"
			}
		}
		nodes["email_due"] = due
		nodes["acme.vip"] = engine.Node{Stage: stage, Next: engine.Next{"yes": "trust_due", "no": "factor_due"}}
		g.Nodes = nodes
	}
	return nil
}

// TestBypassDoesNotStart splices a way around the second factor into the login: the
// server says which way that is, does not start, and leaves nothing behind.
func TestBypassDoesNotStart(t *testing.T) {
	t.Parallel()
	c := labConfig(t.TempDir(), "127.0.0.1:8080")
	c.SecretKey = "a secret key of more than thirty-two bytes"
	s, err := New(t.Context(), c, Options{Mail: newMails(), Change: vip})
	if s != nil || err == nil {
		t.Fatal("a server with a way around the second factor has started")
	}
	for _, want := range []string{"login", "second", "password_form.ok", "acme.vip.yes"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not say %q:\n%v", want, err)
		}
	}
	if _, err := os.Stat(c.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the data directory is there: %v", err)
	}
}
