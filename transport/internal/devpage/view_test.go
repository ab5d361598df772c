package devpage

import (
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

// TestPageMarksNodes: the line of a node that can wait carries its id on the wire.
func TestPageMarksNodes(t *testing.T) {
	settings := stages.Settings{
		LoginMethods: []string{"email"}, LoginTimeout: 15 * time.Minute, PhoneLifetime: time.Minute, EmailLifetime: time.Minute, CodeLifetime: time.Minute, ResetLifetime: time.Minute,
		PasskeyLogin: true, WebAuthn: true,
	}
	compiled, err := engine.Compile(flows.Bind(flows.All(settings), (&stages.Env{Settings: settings}).Handlers()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range compiled.All() {
		marked := 0
		for _, line := range viewFlow(f.Graph).Lines {
			if line.Wire == "" {
				continue
			}
			marked++
			node, _, _ := strings.Cut(line.Text, " ")
			if id, ok := f.ByWire(line.Wire); !ok || string(id) != node {
				t.Errorf("%s: the line %q is marked %s", f.Graph.Flow, line.Text, line.Wire)
			}
		}
		wires := 0
		for _, n := range f.Graph.Nodes {
			if n.Stage.Wire != "" {
				wires++
			}
		}
		if marked != wires {
			t.Errorf("%s: %d lines are marked, %d nodes can wait", f.Graph.Flow, marked, wires)
		}
	}
}
