package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// next leads an exit of a node elsewhere, declaring it if it is new.
func next(g Graph, id NodeID, exit Exit, to NodeID) Graph {
	return edit(g, id, func(n *Node) {
		if _, ok := n.Stage.Exits[exit]; !ok {
			n.Stage.Exits[exit] = ExitSpec{}
		}
		n.Next[exit] = to
	})
}

// shows changes what an exit means.
func shows(g Graph, id NodeID, exit Exit, change func(*ExitSpec)) Graph {
	return edit(g, id, func(n *Node) {
		s := n.Stage.Exits[exit]
		change(&s)
		n.Stage.Exits[exit] = s
	})
}

// stage changes the stage of a node.
func stage(g Graph, id NodeID, change func(*Stage)) Graph {
	return edit(g, id, func(n *Node) { change(&n.Stage) })
}

// rules changes the rules of the session end.
func rules(g Graph, change func([]Rule) []Rule) Graph {
	return edit(g, "session", func(n *Node) { n.Rules = change(n.Rules) })
}

// graph changes the graph itself.
func graph(g Graph, change func(*Graph)) Graph {
	g = g.deep()
	change(&g)
	return g
}

// TestWhatIsNotRefused keeps Check from refusing more than it says.
func TestWhatIsNotRefused(t *testing.T) {
	login, byCode := checkLogin(), checkByCode()
	for name, g := range map[string]Graph{
		"an asking stage that leads to itself": next(login, "mfa_trust", "again", "mfa_trust"),
		"a circle in which somebody is asked":  next(login, "mfa_trust", "again", "trust_due"),
		"pretending on and on":                 next(byCode, "pretend", "again", "pretend"),
		"a slot of the graph's own":            stage(login, "verify_phone", func(s *Stage) { s.Slot = SlotLogin }),
		"a slot with a lifetime": stage(login, "verify_email", func(s *Stage) {
			s.Slot, s.Lifetime = SlotEmail, time.Minute
		}),
		"a start with a wire id that is led back to": next(stage(byCode, "code_request", func(s *Stage) { s.Wire = "code_request" }),
			"code_request", "again", "code_request"),
		"tries, actions and fields": stage(login, "mfa_trust", func(s *Stage) {
			s.Tries, s.Actions, s.Fields = 3, []Action{{Name: "a"}, {Name: "b", Max: 2}}, []Field{{Name: "x"}}
		}),
		"an end nothing leads to but a waiver": edit(login, "done", func(n *Node) {
			n.Rules = []Rule{{Proof: "acme.left", WaivedBy: []Edge{{"verify_email", "signed_out"}}}}
		}),
		"one turn that keeps nothing": {
			Flow: "reauthenticate", Start: "password", OfSession: true,
			Nodes: Nodes{
				"password": {Stage: starting("reauthenticate", Exits{OK: {Proves: []Proof{Password}}}), Next: Next{OK: "done"}},
				"done":     {Stage: Stage{ID: "done", Kind: Ends}, Rules: []Rule{{Proof: Password}}},
			},
		},
	} {
		if r := Check(g); !r.OK() {
			t.Errorf("%s: %v", name, r.Err())
		}
	}
}

type refusal struct {
	name  string
	graph Graph
	// want is every fault, in order.
	want []string
}

func runRefusals(t *testing.T, cases []refusal) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Check(c.graph)
			var got []string
			for _, f := range r.Faults {
				got = append(got, f.Error())
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
			if r.OK() || r.Err() == nil || r.Err().Error() != strings.Join(got, "\n") {
				t.Errorf("OK %v, Err %v", r.OK(), r.Err())
			}
			var f graphFault
			if !errors.As(r.Err(), &f) || f.Flow != c.graph.Flow {
				t.Errorf("the error does not unwrap to a fault of %s: %+v", c.graph.Flow, f)
			}
			if s := r.String(); !strings.Contains(s, ": refused\n") || !strings.Contains(s, "  fault: "+got[0]+"\n") {
				t.Errorf("the report does not say it:\n%s", s)
			}
		})
	}
}
