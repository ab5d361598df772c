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
			n.Stage.Exits[exit] = Shows{}
		}
		n.Next[exit] = to
	})
}

// shows changes what an exit means.
func shows(g Graph, id NodeID, exit Exit, change func(*Shows)) Graph {
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

type refusal struct {
	name  string
	graph Graph
	// want is every fault, in order.
	want []string
}

func TestRefusalsOfShape(t *testing.T) {
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
		{"an unreachable stage", graph(login, func(g *Graph) {
			g.Nodes["terms"] = Node{Stage: asking("acme.terms", Exits{OK: {}}), Next: Next{OK: "done"}}
		}), []string{
			"flow login, node terms: cannot be reached from the start (lead an exit there, or leave it out)",
		}},
		{"a stage from which no end is reachable", next(login, "mfa_trust", OK, "mfa_trust"), []string{
			"flow login, node mfa_trust: no end can be reached from here (lead one of its exits towards an end)",
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
		{"a circle in which nobody is asked", next(login, "trust_due", "offer", "email_due"), []string{
			"flow login, node mfa_trust: cannot be reached from the start (lead an exit there, or leave it out)",
			"flow login, node email_due: email_due.off -> factor_due.none -> trust_due.offer -> email_due: a circle in which nobody is asked (let an asking stage stand in it)",
		}},
		{"a decision that leads to itself", next(login, "factor_due", "presence", "factor_due"), []string{
			"flow login, node factor_due: factor_due.presence -> factor_due: a circle in which nobody is asked (let an asking stage stand in it)",
		}},
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
		{"two nodes with one wire id", stage(login, "verify_phone", func(s *Stage) { s.Wire = "verify_email" }), []string{
			"flow login, node verify_email: has the wire id verify_email of node verify_phone (a client could not tell them apart: give it its own)",
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
		{"a proof", shows(login, "mfa_trust", OK, func(s *Shows) { s.Proves = []Proof{"Terms"} }), []string{
			`flow login, node mfa_trust, exit ok: the proof's name "Terms" is malformed (use a-z, 0-9, _ and . only)`,
		}},
		{"a need", shows(login, "factor_due", "none", func(s *Shows) { s.Needs = []Proof{""} }), []string{
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
		{"an action twice", stage(login, "mfa_trust", func(s *Stage) { s.Actions = []Action{{Name: "a"}, {Name: "b", Max: -1}, {Name: "a"}} }), []string{
			"flow login, node mfa_trust: the action b has a negative maximum (0 is no limit)",
			"flow login, node mfa_trust: declares the action a twice (leave one out)",
		}},
	})
}

func TestRefusalsOfRules(t *testing.T) {
	login := checkLogin()
	const hint = " (lead that way over an edge that proves it, or declare what waives it)"
	runRefusals(t, []refusal{
		{"a way around the second factor", next(login, "factor_due", "due", "trust_due"), []string{
			"flow login, node mfa_authenticate: cannot be reached from the start (lead an exit there, or leave it out)",
			"flow login, node session: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.due -> trust_due.skip -> session: nothing proves second" + hint,
		}},
		{"a new exit around it", next(login, "email_due", "urgent", "trust_due"), []string{
			"flow login, node session: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.urgent -> trust_due.skip -> session: nothing proves email" + hint,
			"flow login, node session: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.urgent -> trust_due.skip -> session: nothing proves second" + hint,
		}},
		{"a lie that no longer needs a proof", shows(login, "factor_due", "proved", func(s *Shows) { s.Needs = nil }), []string{
			"flow login, node session: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.proved -> trust_due.skip -> session: nothing proves second" + hint,
		}},
		{"a proof nothing shows", rules(login, func(r []Rule) []Rule { return append(r, Rule{Proof: "acme.terms"}) }), []string{
			"flow login, node session: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.skip -> session: nothing proves acme.terms" + hint,
		}},
		{"an end that grants nothing has rules too", edit(login, "done", func(n *Node) { n.Rules = []Rule{{Proof: Email}} }), []string{
			"flow login, node done: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.unverified -> verify_email.signed_out -> done: nothing proves email" + hint,
		}},
		{"no rules", rules(login, func([]Rule) []Rule { return nil }), []string{
			"flow login, node session: grants a session and has no rules (demand at least subject, active and first)",
		}},
		{"too few rules", rules(login, func(r []Rule) []Rule { return r[3:] }), []string{
			"flow login, node session: grants a session and does not demand subject (add a rule for it)",
			"flow login, node session: grants a session and does not demand active (add a rule for it)",
			"flow login, node session: grants a session and does not demand first (add a rule for it)",
		}},
		{"a waiver that names no edge", rules(login, func(r []Rule) []Rule {
			r[6].WaivedBy = append(r[6].WaivedBy, Edge{"factor_due", "never"}, Edge{"nobody", OK})
			return r
		}), []string{
			"flow login, node session: waives second by factor_due.never, which is no edge of the graph (name an edge by its node and exit)",
			"flow login, node session: waives second by nobody.ok, which is no edge of the graph (name an edge by its node and exit)",
		}},
		{"a waiver of what no session is without", rules(login, func(r []Rule) []Rule {
			r[2].WaivedBy = []Edge{{"password_form", OK}}
			return r
		}), []string{
			"flow login, node session: waives first (no session is without it: let an exit prove it instead)",
		}},
		{"a rule twice", rules(login, func(r []Rule) []Rule { return append(r, Rule{Proof: First}) }), []string{
			"flow login, node session: demands first twice (put all that waives it into one rule)",
		}},
	})
}

func TestRefusalsOfSubject(t *testing.T) {
	login, byCode, change := checkLogin(), checkByCode(), checkChange()
	runRefusals(t, []refusal{
		{"a second binding", shows(login, "mfa_trust", OK, func(s *Shows) { s.Binds, s.Proves = true, []Proof{Subject} }), []string{
			"flow login, node mfa_trust: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.offer -> mfa_trust.ok -> session: the subject is bound by password_form.ok and again by mfa_trust.ok (a run is about one account: bind it once)",
		}},
		{"a binding in a flow of the session", shows(change, "email_code", OK, func(s *Shows) { s.Binds, s.Proves = true, []Proof{Subject, Email} }), []string{
			"flow change_email, node email_code, exit ok: binds a subject in a flow of the signed-in account (leave out Binds, or OfSession)",
		}},
		{"a binding without the proof", shows(byCode, "code_request", "known", func(s *Shows) { s.Proves = nil }), []string{
			"flow login_by_code, node code_request, exit known: binds the subject without proving it (add subject to its Proves)",
			"flow login_by_code, node session: code_request.known -> login_code.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.skip -> session: nothing proves subject (lead that way over an edge that proves it, or declare what waives it)",
		}},
		{"the proof without a binding", shows(login, "password_form", OK, func(s *Shows) { s.Binds = false }), []string{
			"flow login, node password_form, exit ok: proves subject without binding one (set Binds: the verdict must bring the account)",
		}},
		{"a decision that binds", graph(shows(login, "account_due", "active", func(s *Shows) { s.Binds, s.Proves = true, []Proof{Subject, Active} }), func(g *Graph) {
			n := g.Nodes["password_form"]
			n.Stage.Exits = Exits{OK: {Proves: []Proof{First}}}
			g.Nodes["password_form"] = n
		}), []string{
			"flow login, node account_due, exit active: binds the subject, but a stage that decides has no verdict to bring it (bind where the client is asked)",
		}},
		{"pretending into a session", next(byCode, "pretend", Spent, "trust_due"), []string{
			"flow login_by_code, node pretend: pretend.spent -> trust_due.skip -> session: a run without a subject would be granted a session (lead what pretends to an end that grants nothing)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves subject (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves active (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves first (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves code (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves phone (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves email (lead that way over an edge that proves it, or declare what waives it)",
			"flow login_by_code, node session: code_request.unknown -> pretend.spent -> trust_due.skip -> session: nothing proves second (lead that way over an edge that proves it, or declare what waives it)",
		}},
		{"imitating no exit", shows(byCode, "code_request", "unknown", func(s *Shows) { s.Pretends = "found" }), []string{
			`flow login_by_code, node code_request, exit unknown: pretends to leave by "found", which is no exit of the stage (name the exit that a run with a subject takes)`,
		}},
		{"imitating itself", shows(byCode, "code_request", "unknown", func(s *Shows) { s.Pretends = "unknown" }), []string{
			"flow login_by_code, node code_request, exit unknown: imitates unknown, which leads to the pretending stage pretend itself (imitate the exit that a run with a subject takes)",
		}},
		{"imitating one that is never asked", graph(byCode, func(g *Graph) {
			g.Nodes = Nodes{"code_request": g.Nodes["code_request"], "pretend": g.Nodes["pretend"], "done": g.Nodes["done"]}
			g.Nodes["code_request"].Next["known"] = "done"
		}), []string{
			"flow login_by_code, node code_request, exit unknown: imitates known, behind which nobody is asked anything (such a run has nothing to look like: lead it to an end)",
		}},
		{"pretending and yet not", next(byCode, "code_request", "unknown", "refused"), []string{
			"flow login_by_code, node pretend: cannot be reached from the start (lead an exit there, or leave it out)",
			"flow login_by_code, node code_request, exit unknown: pretends, but leads to refused, which is no pretending stage (lead it to a stage with Pretending set)",
		}},
		{"pretending without saying what", shows(byCode, "code_request", "unknown", func(s *Shows) { s.Pretends = "" }), []string{
			"flow login_by_code, node code_request, exit unknown: leads to the pretending stage pretend without saying what to imitate (name an exit in Pretends)",
		}},
		{"pretending later than the start", graph(shows(byCode, "login_code", "gone", func(s *Shows) { s.Pretends = OK }), func(g *Graph) {
			g.Nodes["login_code"].Next["gone"] = "pretend"
		}), []string{
			"flow login_by_code, node login_code, exit gone: pretends, but does not leave the start (a run that has come further has a subject already)",
		}},
		{"pretending with a subject", shows(byCode, "code_request", "unknown", func(s *Shows) { s.Proves = []Proof{"acme.seen"} }), []string{
			"flow login_by_code, node code_request, exit unknown: pretends, and binds or proves something (a run that pretends has no subject: leave one of them out)",
		}},
		{"proving of nobody", shows(byCode, "pretend", Spent, func(s *Shows) { s.Proves = []Proof{"acme.seen"} }), []string{
			"flow login_by_code, node pretend, exit spent: binds or proves something of a run that only pretends (it has no subject: leave that out)",
		}},
		{"pretending without end", edit(byCode, "pretend", func(n *Node) {
			n.Stage.Exits, n.Next = Exits{OK: {}}, Next{OK: "done"}
		}), []string{
			"flow login_by_code, node pretend: pretends, and has no exit spent (a run leaves by it when its attempts are used up)",
		}},
		{"pretending under its own name", stage(byCode, "pretend", func(s *Stage) { s.Wire = "pretend" }), []string{
			"flow login_by_code, node pretend: pretends, and has a wire id (it shows itself under the ids it imitates: leave Wire empty)",
		}},
		{"starting as nobody", graph(byCode, func(g *Graph) {
			g.Start = "pretend"
			g.Nodes = Nodes{"pretend": g.Nodes["pretend"], "done": g.Nodes["done"]}
		}), []string{
			"flow login_by_code, node pretend: the start is a pretending stage (start where a subject can be found)",
		}},
	})
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
			var f Fault
			if !errors.As(r.Err(), &f) || f.Flow != c.graph.Flow {
				t.Errorf("the error does not unwrap to a fault of %s: %+v", c.graph.Flow, f)
			}
			if s := r.String(); !strings.Contains(s, ": refused\n") || !strings.Contains(s, "  fault: "+got[0]+"\n") {
				t.Errorf("the report does not say it:\n%s", s)
			}
		})
	}
}
