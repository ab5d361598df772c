package engine

import "testing"

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
		{"a lie that no longer needs a proof", shows(login, "factor_due", "proved", func(s *ExitSpec) { s.Needs = nil }), []string{
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
