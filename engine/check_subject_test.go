package engine

import "testing"

func TestRefusalsOfBinding(t *testing.T) {
	login, byCode, change := checkLogin(), checkByCode(), checkChange()
	runRefusals(t, []refusal{
		{"a second binding", shows(login, "mfa_trust", OK, func(s *ExitSpec) { s.Binds, s.Proves = true, []Proof{Subject} }), []string{
			"flow login, node mfa_trust: password_form.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.offer -> mfa_trust.ok -> session: the subject is bound by password_form.ok and again by mfa_trust.ok (a run is about one account: bind it once)",
		}},
		{"a binding in a flow of the session", shows(change, "email_code", OK, func(s *ExitSpec) { s.Binds, s.Proves = true, []Proof{Subject, Email} }), []string{
			"flow change_email, node email_code, exit ok: binds a subject in a flow of the signed-in account (leave out Binds, or OfSession)",
		}},
		{"a binding without the proof", shows(byCode, "code_request", "known", func(s *ExitSpec) { s.Proves = nil }), []string{
			"flow login_by_code, node code_request, exit known: binds the subject without proving it (add subject to its Proves)",
			"flow login_by_code, node session: code_request.known -> login_code.ok -> account_due.active -> code_due.not_required -> phone_due.none -> email_due.off -> factor_due.none -> trust_due.skip -> session: nothing proves subject (lead that way over an edge that proves it, or declare what waives it)",
		}},
		{"the proof without a binding", shows(login, "password_form", OK, func(s *ExitSpec) { s.Binds = false }), []string{
			"flow login, node password_form, exit ok: proves subject without binding one (set Binds: the verdict must bring the account)",
		}},
		{"a decision that binds", graph(shows(login, "account_due", "active", func(s *ExitSpec) { s.Binds, s.Proves = true, []Proof{Subject, Active} }), func(g *Graph) {
			n := g.Nodes["password_form"]
			n.Stage.Exits = Exits{OK: {Proves: []Proof{First}}}
			g.Nodes["password_form"] = n
		}), []string{
			"flow login, node account_due, exit active: binds the subject, but a stage that decides has no verdict to bring it (bind where the client is asked)",
		}},
	})
}

func TestRefusalsOfPretending(t *testing.T) {
	byCode := checkByCode()
	runRefusals(t, []refusal{
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
		{"imitating no exit", shows(byCode, "code_request", "unknown", func(s *ExitSpec) { s.Pretends = "found" }), []string{
			`flow login_by_code, node code_request, exit unknown: pretends to leave by "found", which is no exit of the stage (name the exit that a run with a subject takes)`,
		}},
		{"imitating itself", shows(byCode, "code_request", "unknown", func(s *ExitSpec) { s.Pretends = "unknown" }), []string{
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
		{"pretending without saying what", shows(byCode, "code_request", "unknown", func(s *ExitSpec) { s.Pretends = "" }), []string{
			"flow login_by_code, node code_request, exit unknown: leads to the pretending stage pretend without saying what to imitate (name an exit in Pretends)",
		}},
		{"pretending later than the start", graph(shows(byCode, "login_code", "gone", func(s *ExitSpec) { s.Pretends = OK }), func(g *Graph) {
			g.Nodes["login_code"].Next["gone"] = "pretend"
		}), []string{
			"flow login_by_code, node login_code, exit gone: pretends, but does not leave the start (a run that has come further has a subject already)",
		}},
		{"pretending with a subject", shows(byCode, "code_request", "unknown", func(s *ExitSpec) { s.Proves = []Proof{"acme.seen"} }), []string{
			"flow login_by_code, node code_request, exit unknown: pretends, and binds or proves something (a run that pretends has no subject: leave one of them out)",
		}},
		{"proving of nobody", shows(byCode, "pretend", Spent, func(s *ExitSpec) { s.Proves = []Proof{"acme.seen"} }), []string{
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
