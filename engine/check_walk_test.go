package engine

import "testing"

func TestRefusalsOfWays(t *testing.T) {
	login := checkLogin()
	runRefusals(t, []refusal{
		{"an unreachable stage", graph(login, func(g *Graph) {
			g.Nodes["terms"] = Node{Stage: asking("acme.terms", Exits{OK: {}}), Next: Next{OK: "done"}}
		}), []string{
			"flow login, node terms: cannot be reached from the start (lead an exit there, or leave it out)",
		}},
		{"a stage from which no end is reachable", next(login, "mfa_trust", OK, "mfa_trust"), []string{
			"flow login, node mfa_trust: no end can be reached from here (lead one of its exits towards an end)",
		}},
		{"a circle in which nobody is asked", next(login, "trust_due", "offer", "email_due"), []string{
			"flow login, node mfa_trust: cannot be reached from the start (lead an exit there, or leave it out)",
			"flow login, node email_due: email_due.off -> factor_due.none -> trust_due.offer -> email_due: a circle in which nobody is asked (let an asking stage stand in it)",
		}},
		{"a decision that leads to itself", next(login, "factor_due", "presence", "factor_due"), []string{
			"flow login, node factor_due: factor_due.presence -> factor_due: a circle in which nobody is asked (let an asking stage stand in it)",
		}},
	})
}
