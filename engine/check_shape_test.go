package engine

import (
	"testing"
	"time"
)

func TestRefusalsOfExits(t *testing.T) {
	login := checkLogin()
	runRefusals(t, []refusal{
		{"an exit without an edge", edit(login, "code_due", func(n *Node) { delete(n.Next, "trusted") }), []string{
			"flow login, node code_due, exit trusted: leads nowhere (every exit the stage declares needs a node in Next)",
			"flow login, node session: waives code by code_due.trusted, which is no edge of the graph (name an edge by its node and exit)",
		}},
		{"an edge to nowhere", next(login, "account_due", "disabled", "refuse"), []string{
			`flow login, node account_due, exit disabled: leads to "refuse", which is no node of the graph (name one of its nodes)`,
		}},
		{"an exit the stage does not declare", edit(login, "trust_due", func(n *Node) { n.Next["later"] = "refused" }), []string{
			"flow login, node trust_due, exit later: is no exit of the stage (declare it in the stage's Exits, or leave the edge out)",
		}},
		{"a stage without exits", edit(login, "mfa_trust", func(n *Node) { n.Stage.Exits, n.Next = nil, nil }), []string{
			"flow login, node mfa_trust: has no exits (a stage that is no end must be left by one)",
			"flow login, node mfa_trust: no end can be reached from here (lead one of its exits towards an end)",
		}},
		{"an edge out of an end", edit(login, "refused", func(n *Node) { n.Next[OK] = "session" }), []string{
			"flow login, node refused, exit ok: leads out of an end (a run that has ended goes nowhere: leave the edge out)",
			"flow login, node session: password_form.ok -> account_due.disabled -> refused.ok -> session: nothing proves active (lead that way over an edge that proves it, or declare what waives it)",
			"flow login, node session: password_form.ok -> account_due.disabled -> refused.ok -> session: nothing proves code (lead that way over an edge that proves it, or declare what waives it)",
			"flow login, node session: password_form.ok -> account_due.disabled -> refused.ok -> session: nothing proves phone (lead that way over an edge that proves it, or declare what waives it)",
			"flow login, node session: password_form.ok -> account_due.disabled -> refused.ok -> session: nothing proves email (lead that way over an edge that proves it, or declare what waives it)",
			"flow login, node session: password_form.ok -> account_due.disabled -> refused.ok -> session: nothing proves second (lead that way over an edge that proves it, or declare what waives it)",
		}},
		{"an end with an exit", stage(login, "refused", func(s *Stage) { s.Exits = Exits{OK: {}} }), []string{
			"flow login, node refused, exit ok: is an exit of an end (a run that has ended goes nowhere: leave it out)",
		}},
	})
}

func TestRefusalsOfStarts(t *testing.T) {
	login := checkLogin()
	runRefusals(t, []refusal{
		{"no start", graph(login, func(g *Graph) { g.Start = "" }), []string{
			"flow login: has no start (name an asking node in Start)",
			"flow login, node password_form: cannot be reached from the wire (only the start may be without a wire id: give its stage one in Wire)",
		}},
		{"a start that is no node", graph(login, func(g *Graph) { g.Start = "form" }), []string{
			`flow login: the start "form" is no node of the graph (name an asking node in Start)`,
			"flow login, node password_form: cannot be reached from the wire (only the start may be without a wire id: give its stage one in Wire)",
		}},
		{"a start that does not ask", graph(login, func(g *Graph) {
			g.Start = "account_due"
			delete(g.Nodes, "password_form")
			g.Nodes["session"] = Node{Stage: Stage{ID: "session", Kind: Ends}}
		}), []string{
			"flow login, node account_due: the start decides (a run begins where the client is asked something)",
		}},
		{"no way back onto the wire", next(login, "mfa_trust", "again", "password_form"), []string{
			"flow login, node mfa_trust, exit again: leads back to the start, which has no wire id to wait under (give the start's stage one in Wire)",
			"flow login, node password_form: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.offer -> mfa_trust.again -> password_form.ok -> account_due: the subject is bound by password_form.ok and again by password_form.ok (a run is about one account: bind it once)",
		}},
		{"a stage without a wire id", stage(login, "mfa_trust", func(s *Stage) { s.Wire = "" }), []string{
			"flow login, node mfa_trust: cannot be reached from the wire (only the start may be without a wire id: give its stage one in Wire)",
		}},
		{"two nodes with one wire id", stage(login, "mfa_trust", func(s *Stage) { s.Wire, s.Fields = "verify_email", []Field{{Name: "trust"}} }), []string{
			"flow login, node mfa_trust: has the wire id verify_email of node verify_email (a client could not tell them apart: give it its own, or the same fields and actions)",
		}},
		{"runs that are kept nowhere", graph(login, func(g *Graph) { g.Slot = "" }), []string{
			"flow login, node login_by_code: a run waits here, and the graph has no slot to keep it in (name one in the graph's Slot)",
		}},
		{"runs that have no time", graph(login, func(g *Graph) { g.Lifetime = 0 }), []string{
			"flow login, node login_by_code: a run waits here, and the graph gives it no time (say in the graph's Lifetime how long it may take)",
		}},
	})
}

func TestRefusalsOfNames(t *testing.T) {
	login := checkLogin()
	runRefusals(t, []refusal{
		{"a flow", graph(login, func(g *Graph) { g.Flow = "Log in" }), []string{
			`flow Log in: the flow's id "Log in" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"no flow", graph(login, func(g *Graph) { g.Flow = "" }), []string{
			`flow "": the flow's id "" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a slot of the graph", graph(login, func(g *Graph) { g.Slot = "log/in" }), []string{
			`flow login: the slot's name "log/in" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a node", graph(login, func(g *Graph) {
			g.Nodes["Done!"] = g.Nodes["done"]
			delete(g.Nodes, "done")
			g.Nodes["verify_email"].Next["signed_out"] = "Done!"
		}), []string{
			`flow login, node Done!: the node's id "Done!" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a stage", stage(login, "done", func(s *Stage) { s.ID = "acme/done" }), []string{
			`flow login, node done: the stage's id "acme/done" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a stage without an id", stage(login, "done", func(s *Stage) { s.ID = "" }), []string{
			`flow login, node done: the stage's id "" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a wire id", stage(login, "mfa_trust", func(s *Stage) { s.Wire = "mfa-trust" }), []string{
			`flow login, node mfa_trust: the wire id "mfa-trust" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a slot of a stage", stage(login, "verify_email", func(s *Stage) { s.Slot, s.Lifetime = "e mail", time.Minute }), []string{
			`flow login, node verify_email: the slot's name "e mail" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"an exit that would forge a trail", next(login, "trust_due", "skip;mfa_authenticate/ok", "refused"), []string{
			`flow login, node trust_due: the exit's name "skip;mfa_authenticate/ok" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"the exit that means again", next(login, "mfa_trust", Again, "refused"), []string{
			`flow login, node mfa_trust: the exit's name "" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a proof", shows(login, "mfa_trust", OK, func(s *ExitSpec) { s.Proves = []Proof{"Terms"} }), []string{
			`flow login, node mfa_trust, exit ok: the proof's name "Terms" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a need", shows(login, "factor_due", "none", func(s *ExitSpec) { s.Needs = []Proof{""} }), []string{
			`flow login, node factor_due, exit none: the proof's name "" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a rule", edit(login, "done", func(n *Node) { n.Rules = []Rule{{Proof: "seen it", WaivedBy: []Edge{{"verify_email", "signed_out"}}}} }), []string{
			`flow login, node done: the proof's name "seen it" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"an action", stage(login, "mfa_trust", func(s *Stage) { s.Actions = []Action{{Name: "Resend"}} }), []string{
			`flow login, node mfa_trust: the action's name "Resend" is malformed (use a-z, 0-9, _ and . only)`,
		}},
	})
}

func TestRefusalsOfKind(t *testing.T) {
	login := checkLogin()
	runRefusals(t, []refusal{
		{"no kind", stage(login, "done", func(s *Stage) { s.Kind = 0 }), []string{
			"flow login, node done: the stage's kind 0 is unknown (it is Asks, Decides or Ends)",
			"flow login, node done: has no exits (a stage that is no end must be left by one)",
			"flow login, node done: no end can be reached from here (lead one of its exits towards an end)",
		}},
		{"a decision that waits", stage(login, "trust_due", func(s *Stage) {
			s.Wire, s.Fields, s.Actions = "trust_due", []Field{{Name: "x"}}, []Action{{Name: "y"}}
			s.Tries, s.Slot, s.Lifetime, s.Pretending, s.Grants = 3, "email", time.Minute, true, true
		}), []string{
			"flow login, node trust_due: a stage that decides has a wire id (only a stage that asks is ever pending)",
			"flow login, node trust_due: a stage that decides has fields (only a stage that asks has them)",
			"flow login, node trust_due: a stage that decides has actions (only a stage that asks has them)",
			"flow login, node trust_due: a stage that decides has tries (only a stage that asks has them)",
			"flow login, node trust_due: a stage that decides has a slot (only a stage that asks waits for something)",
			"flow login, node trust_due: a stage that decides has a lifetime (only a stage that asks is waited at)",
			"flow login, node trust_due: a stage that decides has Pretending set (only a stage that asks can look like another)",
			"flow login, node trust_due: a stage that decides has Grants set (only an end grants a session)",
		}},
		{"an asking stage that decides", edit(login, "mfa_trust", func(n *Node) {
			n.Stage.Reads, n.Rules = []string{"Active"}, []Rule{{Proof: First}}
		}), []string{
			"flow login, node mfa_trust: a stage that asks has facts to read (only a stage that decides looks at them)",
			"flow login, node mfa_trust: a stage that asks has rules (only an end demands something: move them there)",
		}},
		{"an end that asks", stage(login, "done", func(s *Stage) { s.Fields, s.Reads = []Field{{Name: "x"}}, []string{"Active"} }), []string{
			"flow login, node done: a stage that ends has fields (only a stage that asks has them)",
			"flow login, node done: a stage that ends has facts to read (only a stage that decides looks at them)",
		}},
		{"negative tries", stage(login, "mfa_trust", func(s *Stage) { s.Tries = -1 }), []string{
			"flow login, node mfa_trust: tries or lifetime is negative (0 is no limit)",
		}},
		{"a negative lifetime of the graph", graph(login, func(g *Graph) { g.Lifetime = -1 }), []string{
			"flow login: the lifetime is negative (say how long a run may take)",
		}},
		{"a slot without a lifetime", stage(login, "verify_email", func(s *Stage) { s.Slot = SlotEmail }), []string{
			"flow login, node verify_email: what waits in slot email would be over at once (give the stage a Lifetime)",
		}},
		{"a field of a type that does not exist", stage(login, "mfa_trust", func(s *Stage) {
			s.Fields = []Field{{Name: "pin", Type: "secrets"}, {Name: "x", Type: Secret}}
			s.Actions = []Action{{Name: "again", Fields: []Field{{Name: "to", Type: "Email"}}}}
		}), []string{
			`flow login, node mfa_trust: the field "pin" is of the unknown type "secrets" (types are the constants of FieldType: text, secret, code, ...)`,
			`flow login, node mfa_trust: the field "to" of the action again is of the unknown type "Email" (types are the constants of FieldType: text, secret, code, ...)`,
		}},
		{"fields that cannot be told apart", stage(login, "mfa_trust", func(s *Stage) {
			s.Fields = []Field{{Name: "x", Type: Text}, {Name: "x", Type: Secret}, {Type: Text}}
		}), []string{
			`flow login, node mfa_trust: the field "x" is declared twice (leave one out)`,
			`flow login, node mfa_trust: has a field without a name (a client sends it by its name)`,
		}},
		{"lengths that no text has", stage(login, "mfa_trust", func(s *Stage) {
			s.Fields = []Field{{Name: "x", MinLength: 5, MaxLength: 4}, {Name: "y", MaxLength: -1}, {Name: "z", MinLength: 5}}
		}), []string{
			`flow login, node mfa_trust: the field "x" has lengths that no text has (0 is no limit)`,
			`flow login, node mfa_trust: the field "y" has lengths that no text has (0 is no limit)`,
		}},
		{"an action twice", stage(login, "mfa_trust", func(s *Stage) { s.Actions = []Action{{Name: "a"}, {Name: "b", Max: -1}, {Name: "a"}} }), []string{
			"flow login, node mfa_trust: the action b has a negative maximum (0 is no limit)",
			"flow login, node mfa_trust: declares the action a twice (leave one out)",
		}},
	})
}
