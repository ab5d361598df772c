package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
	"stagedoor/transport/config"
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

// examined is a set of that graph alone, with the behaviour of the shipped stages.
func examineAll(g engine.Graph) engine.Examination {
	s := settings()
	set := flows.Bind([]engine.Graph{g}, (&stages.Env{Settings: s}).Handlers())
	if _, ok := g.Nodes["acme.vip"]; ok {
		set.Deciders["acme.vip"] = engine.DecideFunc(func(engine.Facts) (engine.Exit, engine.Reason) { return "no", "" })
	}
	return engine.Examine(set)
}

// TestCheckShowsTheWayAround prints what check says of a graph with a bypass: the rule
// that fails, the path that is left, and an exit status for scripts.
func TestCheckShowsTheWayAround(t *testing.T) {
	for _, f := range []checkFlags{{}, {verbose: true}, {asJSON: true}} {
		var out bytes.Buffer
		err := f.judge(&out, config.Dev(), examineAll(bypassed()))
		if err == nil || !strings.Contains(err.Error(), "1 faults: a server does not start on these flows") {
			t.Fatalf("%+v: the bypass passes: %v", f, err)
		}
		if f.asJSON {
			var x struct {
				Flows []struct{ Faults []struct{ What string } }
			}
			if err := json.Unmarshal(out.Bytes(), &x); err != nil || len(x.Flows[0].Faults) != 1 {
				t.Errorf("%v: %+v", err, x)
			}
			continue
		}
		for _, want := range []string{": refused\n", "FAILS  second", "email_due.off -> acme.vip.yes -> trust_due.skip -> session", "\n0 of 1 flows hold"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%+v: %q is not in\n%s", f, want, out.String())
			}
		}
	}
}

// TestCheckTellsFaultsOfTheSet: behaviour that is missing belongs to no graph.
func TestCheckTellsFaultsOfTheSet(t *testing.T) {
	x := engine.Examine(engine.Set{Graphs: []engine.Graph{flows.Login(settings())}})
	var out bytes.Buffer
	if err := (checkFlags{}).judge(&out, config.Dev(), x); err == nil {
		t.Error("flows without handlers pass")
	}
	if !strings.Contains(out.String(), "fault: stage password: asks, and has no handler") {
		t.Errorf("printed %s", out.String())
	}
}

// TestCheckWarnsOfProviders: what the start says of a provider, the check says before.
func TestCheckWarnsOfProviders(t *testing.T) {
	c := config.Dev()
	c.SocialAccount.Providers = []config.Provider{{ID: "corp", Provider: "keycloak", ClientID: "c", ServerURL: "https://id.example.com"}}
	if got := warningsText(c); !strings.Contains(got, "providers\n  warning: provider corp: server_url names no realm") {
		t.Errorf("it says %q", got)
	}
}

// TestCheckWarnsOfBoundSessions: what the start says of what weakens them, the check says before.
func TestCheckWarnsOfBoundSessions(t *testing.T) {
	c := config.Dev()
	if got := warningsText(c); strings.Contains(got, "bound sessions") {
		t.Errorf("of those in development it says %q", got)
	}
	c.Session.DeviceBound = "require"
	if got := warningsText(c); !strings.Contains(got, "bound sessions\n  warning: browsers bind over https alone") {
		t.Errorf("over http it says %q", got)
	}
	c.PublicURL, c.Session.DeviceBoundAge = "https://auth.example.com", 100
	if got := warningsText(c); !strings.Contains(got, "bound sessions\n  warning: browsers fetch a new cookie in the last two minutes") {
		t.Errorf("of a short age it says %q", got)
	}
}

// TestCheckPasses judges the login as it is.
func TestCheckPasses(t *testing.T) {
	x := examineAll(flows.Login(settings()))
	short, long := proofText(x, "rules", false), proofText(x, "rules", true)
	if strings.Count(short, "\n") != 4 || !strings.HasPrefix(short, "login  15 stages  30 edges  7 rules before a session  holds\n") {
		t.Errorf("in short:\n%s", short)
	}
	for _, want := range []string{"holds  second ", "  account_due  2  ", "mfa_authenticate  login\n", "1 of 1 flows hold, 1 lead to a session"} {
		if !strings.Contains(strings.Join(strings.Fields(long), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%q is not in\n%s", want, long)
		}
	}
}
