package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

// settings are the least a login needs.
func settings() stages.Settings {
	return stages.Settings{LoginMethods: []string{"email"}, LoginTimeout: 15 * time.Minute}
}

// bypassed is the login with a decision in front of the second factor that may pass it.
func bypassed() engine.Graph {
	g := flows.Login(settings())
	nodes := engine.Nodes{}
	for id, n := range g.Nodes {
		next := engine.Next{}
		for exit, to := range n.Next {
			if to == "factor_due" {
				to = "acme.vip"
			}
			next[exit] = to
		}
		n.Next = next
		nodes[id] = n
	}
	nodes["acme.vip"] = engine.Node{
		Stage: engine.Stage{ID: "acme.vip", Kind: engine.Decides, Title: "is it one of ours?", Exits: engine.Exits{"yes": {}, "no": {}}},
		Next:  engine.Next{"yes": "trust_due", "no": "factor_due"},
	}
	g.Nodes = nodes
	return g
}

// TestCheckShowsTheWayAround prints what check says of a graph with a bypass: the rule
// that fails, the path that is left, and an exit status for scripts.
func TestCheckShowsTheWayAround(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		var out bytes.Buffer
		c := &cobra.Command{}
		c.SetOut(&out)
		err := judge(c, []engine.Report{engine.Check(bypassed())}, quiet)
		if err == nil || !strings.Contains(err.Error(), "a server does not start on these flows") {
			t.Fatalf("quiet %v: the bypass passes: %v", quiet, err)
		}
		if quiet != (out.Len() == 0) {
			t.Errorf("quiet %v: printed %q", quiet, out.String())
		}
		for _, want := range []string{": refused\n", "FAILS  second", "email_due.off -> acme.vip.yes -> trust_due.skip -> session"} {
			if !quiet && !strings.Contains(out.String(), want) {
				t.Errorf("%q is not in\n%s", want, out.String())
			}
		}
	}
}

// TestCheckPasses judges the login as it is.
func TestCheckPasses(t *testing.T) {
	var out bytes.Buffer
	c := &cobra.Command{}
	c.SetOut(&out)
	g := flows.Login(settings())
	if err := judge(c, []engine.Report{engine.Check(g)}, false); err != nil {
		t.Error(err)
	}
	if !strings.HasSuffix(out.String(), "\n1 flows hold\n") {
		t.Errorf("printed %q", out.String())
	}
}
