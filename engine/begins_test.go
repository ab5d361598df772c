package engine

import (
	"strings"
	"testing"
)

// beginning is a set with an end from which another flow goes on.
func beginning(change func(from, to *Graph)) Set {
	s := boundSet()
	from := Graph{Flow: "ask", Start: "question", Nodes: Nodes{
		"question": {Stage: starting("question", Exits{OK: {}}), Next: Next{OK: "later"}},
		"later":    {Stage: Stage{ID: "later", Kind: Ends, Begins: "rest"}},
	}}
	to := Graph{Flow: "rest", Start: "remainder", Slot: "rest", Lifetime: 1, Nodes: Nodes{
		"remainder": {Stage: asking("remainder", Exits{OK: {}}), Next: Next{OK: "over"}},
		"over":      {Stage: Stage{ID: "over", Kind: Ends}},
	}}
	if change != nil {
		change(&from, &to)
	}
	s.Graphs = append(s.Graphs, from, to)
	s.Handlers["question"], s.Handlers["remainder"] = okHandler{}, okHandler{}
	return s
}

func TestBegins(t *testing.T) {
	refused := func(g *Graph, id NodeID, change func(*Stage)) {
		n := g.Nodes[id]
		change(&n.Stage)
		g.Nodes[id] = n
	}
	cases := []struct {
		name   string
		change func(from, to *Graph)
		want   string
	}{
		{"sound", nil, ""},
		{"no such flow", func(from, _ *Graph) { refused(from, "later", func(s *Stage) { s.Begins = "nothing" }) }, "begins flow nothing, which is none"},
		{"no slot", func(_, to *Graph) { to.Slot = "" }, "cannot wait at its start"},
		{"no wire id", func(_, to *Graph) { refused(to, "remainder", func(s *Stage) { s.Wire = "" }) }, "cannot wait at its start"},
		{"of a session", func(_, to *Graph) { to.OfSession = true }, "cannot wait at its start"},
		{"not an end", func(from, _ *Graph) { refused(from, "question", func(s *Stage) { s.Begins = "rest" }) }, "a stage that asks has a flow it begins"},
		{"a session too", func(from, _ *Graph) { refused(from, "later", func(s *Stage) { s.Grants = true }) }, "grants a session and begins a flow"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile(beginning(c.change))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestBeginsCountsForThePrint(t *testing.T) {
	s := beginning(nil)
	g := s.Graphs[len(s.Graphs)-2]
	other := edit(g, "later", func(n *Node) { n.Stage.Begins = "" })
	if g.Fingerprint() == other.Fingerprint() {
		t.Error("a graph from which a flow goes on has the print of one from which none does")
	}
	if !strings.Contains(g.Table(), "later (goes on as rest)") {
		t.Errorf("the table does not tell:\n%s", g.Table())
	}
}
