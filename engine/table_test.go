package engine

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const byCodeTable = `login_by_code: 17 stages, 33 edges, starts at code_request

code_request (asks)      known -> login_code (binds subject)   unknown -> pretend (pretends known)
login_code (asks)        ok -> account_due (proves first, code)
account_due (decides)    active -> code_due (proves active)   disabled -> refused
code_due (decides)       required -> login_by_code   not_required, trusted -> phone_due   proved -> phone_due (needs code)   unreachable -> refused
login_by_code (asks)     ok -> phone_due (proves code)
phone_due (decides)      unverified -> verify_phone   none, off, verified -> email_due   missing -> refused
verify_phone (asks)      ok -> email_due (proves phone)
email_due (decides)      unverified -> verify_email   off, optional, verified -> factor_due
verify_email (asks)      ok -> factor_due (proves email)   signed_out -> done
factor_due (decides)     due -> mfa_authenticate   none, trusted -> trust_due   presence -> trust_due (needs assertion)   proved -> trust_due (needs second)
mfa_authenticate (asks)  ok -> trust_due (proves second)
trust_due (decides)      offer -> mfa_trust   skip -> session
mfa_trust (asks)         ok -> session
pretend (pretends)       spent -> done
session (grants)
    subject  by code_request.known
    active   by account_due.active
    first    by login_code.ok
    code     by login_code.ok, login_by_code.ok, unless code_due.{not_required, trusted}
    phone    by verify_phone.ok, unless phone_due.{verified, none, off}
    email    by verify_email.ok, unless email_due.{verified, optional, off}
    second   by mfa_authenticate.ok, unless factor_due.{none, trusted, presence}
refused (ends)
done (ends)
`

const oddTable = `change_email: 4 stages, 3 edges, starts at email_request

email_request (asks)                     ok -> code
code (email_code, asks as verify_email)  ok -> verified (proves email)
verified (ends)
    email       by code.ok
    acme.never  by nothing, unless email_request.ok
stray (acme.stray, asks)                 ok -> stray (binds subject; proves acme.a; needs acme.b, acme.c)
`

func TestTables(t *testing.T) {
	odd := checkChange()
	code := odd.Nodes["email_code"]
	code.Stage.Wire = "verify_email"
	odd.Nodes["code"] = code
	delete(odd.Nodes, "email_code")
	odd.Nodes["email_request"].Next[OK] = "code"
	odd.Nodes["verified"] = Node{Stage: odd.Nodes["verified"].Stage, Rules: []Rule{
		{Proof: Email}, {Proof: "acme.never", WaivedBy: []Edge{{"email_request", OK}}},
	}}
	odd.Nodes["stray"] = Node{
		Stage: Stage{ID: "acme.stray", Kind: Asks, Exits: Exits{OK: {Binds: true, Proves: []Proof{Subject, "acme.a"}, Needs: []Proof{"acme.b", "acme.c"}}}},
		Next:  Next{OK: "stray"},
	}
	for _, c := range []struct {
		name, want string
		graph      Graph
	}{
		{"login by code", byCodeTable, checkByCode()},
		{"stages under other names, and one that is not reached", oddTable, odd},
		{"nothing at all", "none: 0 stages, 0 edges, starts at \n\n", Graph{Flow: "none"}},
	} {
		if got := c.graph.Table(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestTableNamesEverythingOnce(t *testing.T) {
	line := regexp.MustCompile(`(?m)^([a-z]+) \((asks|decides|ends)\)`)
	rapid.Check(t, func(rt *rapid.T) {
		g := randomGraph(rt)
		table := g.Table()
		if again := g.deep().Table(); again != table {
			rt.Fatalf("two tables of one graph differ\n%s\n%s", table, again)
		}
		var nodes []NodeID
		for _, m := range line.FindAllStringSubmatch(table, -1) {
			nodes = append(nodes, NodeID(m[1]))
		}
		slices.Sort(nodes)
		if !slices.Equal(nodes, sorted(g.Nodes)) {
			rt.Fatalf("the table names %v\n%s", nodes, table)
		}
		var exits int
		for _, l := range strings.Split(table, "\n") {
			for _, group := range strings.Split(l, "   ") {
				if names, _, ok := strings.Cut(group, " -> "); ok {
					exits += strings.Count(names, ", ") + 1
				}
			}
			if strings.TrimRight(l, " ") != l {
				rt.Fatalf("space at the end of %q", l)
			}
		}
		var want int
		for _, n := range g.Nodes {
			want += len(n.Next)
		}
		if exits != want {
			rt.Fatalf("the table has %d exits, the graph %d\n%s", exits, want, table)
		}
	})
}

func TestReadingOrder(t *testing.T) {
	for _, g := range checkGraphs() {
		order := g.readingOrder()
		at := make(map[NodeID]int, len(order))
		for i, id := range order {
			at[id] = i
		}
		if len(at) != len(g.Nodes) || order[0] != g.Start {
			t.Errorf("%s: the order is %v", g.Flow, order)
		}
		for id, n := range g.Nodes {
			for exit, to := range n.Next {
				if at[to] <= at[id] {
					t.Errorf("%s: %s.%s leads back to %s in %v", g.Flow, id, exit, to, order)
				}
			}
		}
	}
}

func TestPrintIgnoresWords(t *testing.T) {
	g := checkLogin()
	was := g.Fingerprint()
	if !regexp.MustCompile(`^[0-9a-f]{8}$`).MatchString(was) {
		t.Fatalf("the print is %q", was)
	}
	reordered := rules(g, func(r []Rule) []Rule {
		slices.Reverse(r)
		for _, one := range r {
			slices.Reverse(one.WaivedBy)
		}
		return r
	})
	for name, same := range map[string]Graph{
		"a copy":             g.deep(),
		"a title":            graph(g, func(g *Graph) { g.Title = "Sign in" }),
		"a stage's title":    stage(g, "done", func(s *Stage) { s.Title = "Done" }),
		"an offer":           graph(g, func(g *Graph) { g.Offer = Anonymous }),
		"limits":             stage(g, "mfa_trust", func(s *Stage) { s.Tries, s.Fields = 3, []Field{{Name: "trust"}} }),
		"the order of rules": reordered,
		"the order of proofs": shows(g, "password_form", OK, func(s *ExitSpec) {
			slices.Reverse(s.Proves)
		}),
	} {
		if got := same.Fingerprint(); got != was {
			t.Errorf("%s changes the print from %s to %s", name, was, got)
		}
	}
	if g.Fingerprint() != was || g.Nodes["session"].Rules[0].Proof != Subject {
		t.Error("printing changed the graph")
	}
}

func TestPrintChangesWithTheGraph(t *testing.T) {
	g := checkByCode()
	prints := map[string]string{g.Fingerprint(): "the graph itself"}
	for name, other := range map[string]Graph{
		"the flow":            graph(g, func(g *Graph) { g.Flow = "login" }),
		"the start":           graph(g, func(g *Graph) { g.Start = "login_code" }),
		"the slot":            graph(g, func(g *Graph) { g.Slot = SlotEmail }),
		"whose it is":         graph(g, func(g *Graph) { g.OfSession = true }),
		"one more node":       graph(g, func(g *Graph) { g.Nodes["more"] = Node{} }),
		"one fewer":           graph(g, func(g *Graph) { delete(g.Nodes, "done") }),
		"an edge":             next(g, "trust_due", "skip", "mfa_trust"),
		"an exit":             next(g, "trust_due", "later", "mfa_trust"),
		"an exit declared":    stage(g, "trust_due", func(s *Stage) { s.Exits["later"] = ExitSpec{} }),
		"a proof":             shows(g, "mfa_trust", OK, func(s *ExitSpec) { s.Proves = []Proof{Second} }),
		"a need":              shows(g, "mfa_trust", OK, func(s *ExitSpec) { s.Needs = []Proof{Second} }),
		"a binding":           shows(g, "mfa_trust", OK, func(s *ExitSpec) { s.Binds = true }),
		"an imitation":        shows(g, "code_request", "unknown", func(s *ExitSpec) { s.Pretends = "unknown" }),
		"a kind":              stage(g, "mfa_trust", func(s *Stage) { s.Kind = Decides }),
		"a stage":             stage(g, "mfa_trust", func(s *Stage) { s.ID = "acme.trust" }),
		"a slot of a stage":   stage(g, "mfa_trust", func(s *Stage) { s.Slot = SlotEmail }),
		"what grants":         stage(g, "done", func(s *Stage) { s.Grants = true }),
		"who pretends":        stage(g, "mfa_trust", func(s *Stage) { s.Pretending = true }),
		"one fewer rule":      rules(g, func(r []Rule) []Rule { return r[1:] }),
		"one more rule":       rules(g, func(r []Rule) []Rule { return append(r, Rule{Proof: "acme.a"}) }),
		"a rule's proof":      rules(g, func(r []Rule) []Rule { r[0].Proof = "acme.a"; return r }),
		"a waiver":            rules(g, func(r []Rule) []Rule { r[0].WaivedBy = []Edge{{"a.b", "c"}}; return r }),
		"a like one":          rules(g, func(r []Rule) []Rule { r[0].WaivedBy = []Edge{{"a", "b.c"}}; return r }),
		"waivers of others":   rules(g, func(r []Rule) []Rule { r[1].WaivedBy = []Edge{{"a", "b.c"}}; return r }),
		"a proof made a need": shows(g, "login_code", OK, func(s *ExitSpec) { s.Needs, s.Proves = s.Proves, nil }),
	} {
		if twin, taken := prints[other.Fingerprint()]; taken {
			t.Errorf("%s: has the print of: %s", name, twin)
		}
		prints[other.Fingerprint()] = name
	}
}
