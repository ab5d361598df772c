package engine

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The sign-in tail and the ways into it, as the shipped flows have them. The tests hold
// Check against them and against every graph that is one edge away.

func asking(id StageID, exits Exits) Stage {
	return Stage{ID: id, Kind: Asks, Wire: string(id), Exits: exits}
}

func starting(id StageID, exits Exits) Stage {
	s := asking(id, exits)
	s.Wire = ""
	return s
}

func deciding(id StageID, exits Exits, reads ...string) Stage {
	return Stage{ID: id, Kind: Decides, Exits: exits, Reads: reads}
}

// checkTail is everything behind the first factor.
func checkTail() Nodes {
	return checkAddresses().With(Nodes{
		"factor_due": {
			Stage: deciding("factor_due", Exits{
				"due": {}, "none": {}, "trusted": {}, "presence": {Needs: []Proof{Assertion}}, "proved": {Needs: []Proof{Second}},
			}, "SecondFactor", "TrustsSecond", "ProvedSecond", "ProvedAssertion", "Presence"),
			Next: Next{
				"due": "mfa_authenticate", "none": "trust_due", "trusted": "trust_due",
				"presence": "trust_due", "proved": "trust_due",
			},
		},
		"mfa_authenticate": {
			Stage: asking("mfa_authenticate", Exits{OK: {Proves: []Proof{Second}}}),
			Next:  Next{OK: "trust_due"},
		},
		"trust_due": {
			Stage: deciding("trust_due", Exits{"offer": {}, "skip": {}}, "OfferTrust", "Browser"),
			Next:  Next{"offer": "mfa_trust", "skip": "session"},
		},
		"mfa_trust": {
			Stage: asking("mfa_trust", Exits{OK: {}}),
			Next:  Next{OK: "session"},
		},
		"session": {Stage: Stage{ID: "session", Kind: Ends, Grants: true}, Rules: checkRules()},
		"refused": {Stage: Stage{ID: "refused", Kind: Ends}},
		"done":    {Stage: Stage{ID: "done", Kind: Ends}},
	})
}

// checkAddresses is the part of the tail that looks at the account and its addresses.
func checkAddresses() Nodes {
	return Nodes{
		"account_due": {
			Stage: deciding("account_due", Exits{"active": {Proves: []Proof{Active}}, "disabled": {}}, "Active"),
			Next:  Next{"active": "code_due", "disabled": "refused"},
		},
		"code_due": {
			Stage: deciding("code_due", Exits{
				"required": {}, "not_required": {}, "trusted": {}, "proved": {Needs: []Proof{Code}}, "unreachable": {},
			}, "RequireCode", "TrustsCode", "ProvedCode", "Email", "Phone"),
			Next: Next{
				"required": "login_by_code", "not_required": "phone_due", "trusted": "phone_due",
				"proved": "phone_due", "unreachable": "refused",
			},
		},
		"login_by_code": {
			Stage: asking("login_by_code", Exits{OK: {Proves: []Proof{Code}}}),
			Next:  Next{OK: "phone_due"},
		},
		"phone_due": {
			Stage: deciding("phone_due", Exits{"unverified": {}, "verified": {}, "none": {}, "off": {}, "missing": {}},
				"Phone", "VerifyPhone", "RequirePhone"),
			Next: Next{
				"unverified": "verify_phone", "verified": "email_due", "none": "email_due",
				"off": "email_due", "missing": "refused",
			},
		},
		"verify_phone": {
			Stage: asking("verify_phone", Exits{OK: {Proves: []Proof{Phone}}}),
			Next:  Next{OK: "email_due"},
		},
		"email_due": {
			Stage: deciding("email_due", Exits{"unverified": {}, "verified": {}, "optional": {}, "off": {}},
				"Email", "VerifyEmail"),
			Next: Next{
				"unverified": "verify_email", "verified": "factor_due", "optional": "factor_due", "off": "factor_due",
			},
		},
		"verify_email": {
			Stage: asking("verify_email", Exits{OK: {Proves: []Proof{Email}}, "signed_out": {}}),
			Next:  Next{OK: "factor_due", "signed_out": "done"},
		},
	}
}

func checkRules() []Rule {
	waived := func(node NodeID, exits ...Exit) []Edge {
		var out []Edge
		for _, e := range exits {
			out = append(out, Edge{Node: node, Exit: e})
		}
		return out
	}
	return []Rule{
		{Proof: Subject},
		{Proof: Active},
		{Proof: First},
		{Proof: Code, WaivedBy: waived("code_due", "not_required", "trusted")},
		{Proof: Phone, WaivedBy: waived("phone_due", "verified", "none", "off")},
		{Proof: Email, WaivedBy: waived("email_due", "verified", "optional", "off")},
		{Proof: Second, WaivedBy: waived("factor_due", "none", "trusted", "presence")},
	}
}

// checkLogin enters the tail by a password.
func checkLogin() Graph {
	return Graph{
		Flow: "login", Start: "password_form", Slot: SlotLogin, Lifetime: 15 * time.Minute,
		Nodes: checkTail().With(Nodes{
			"password_form": {
				Stage: starting("password_form", Exits{OK: {Proves: []Proof{Subject, First, Password}, Binds: true}}),
				Next:  Next{OK: "account_due"},
			},
		}),
	}
}

// checkPasskey enters the tail by a passkey, with or without user verification.
func checkPasskey() Graph {
	g := checkLogin()
	g.Flow, g.Start = "mfa_login_webauthn", "assertion"
	delete(g.Nodes, "password_form")
	g.Nodes["assertion"] = Node{
		Stage: starting("assertion", Exits{
			"verified": {Proves: []Proof{Subject, First, Second, Assertion}, Binds: true},
			"present":  {Proves: []Proof{Subject, First, Assertion}, Binds: true},
		}),
		Next: Next{"verified": "account_due", "present": "account_due"},
	}
	return g
}

// checkByCode enters the tail by a code; a client that asks for one with an unknown address
// pretends.
func checkByCode() Graph {
	g := checkLogin()
	g.Flow, g.Start = "login_by_code", "code_request"
	delete(g.Nodes, "password_form")
	g.Nodes["code_request"] = Node{
		Stage: starting("code_request", Exits{"known": {Proves: []Proof{Subject}, Binds: true}, "unknown": {Pretends: "known"}}),
		Next:  Next{"known": "login_code", "unknown": "pretend"},
	}
	g.Nodes["login_code"] = Node{
		Stage: asking("login_code", Exits{OK: {Proves: []Proof{First, Code}}}),
		Next:  Next{OK: "account_due"},
	}
	g.Nodes["pretend"] = Node{
		Stage: Stage{ID: "pretend", Kind: Asks, Pretending: true, Exits: Exits{Spent: {}}},
		Next:  Next{Spent: "done"},
	}
	return g
}

// checkChange is a flow of the signed-in account.
func checkChange() Graph {
	return Graph{
		Flow: "change_email", Start: "email_request", Slot: SlotEmail, Lifetime: 15 * time.Minute, OfSession: true,
		Nodes: Nodes{
			"email_request": {Stage: starting("email_request", Exits{OK: {}}), Next: Next{OK: "email_code"}},
			"email_code":    {Stage: asking("email_code", Exits{OK: {Proves: []Proof{Email}}}), Next: Next{OK: "verified"}},
			"verified":      {Stage: Stage{ID: "verified", Kind: Ends}, Rules: []Rule{{Proof: Email}}},
		},
	}
}

func checkGraphs() []Graph {
	return []Graph{checkLogin(), checkPasskey(), checkByCode(), checkChange()}
}

// edit changes a node of the graph, in a copy that shares nothing with other fixtures.
func edit(g Graph, id NodeID, change func(*Node)) Graph {
	g = g.deep()
	n := g.Nodes[id]
	if n.Next == nil {
		n.Next = Next{}
	}
	if n.Stage.Exits == nil {
		n.Stage.Exits = Exits{}
	}
	change(&n)
	g.Nodes[id] = n
	return g
}

// randomGraph draws a small graph that need not make sense: any kinds, any edges among
// its nodes, proofs, needs, bindings and waivers anywhere.
func randomGraph(t *rapid.T) Graph {
	names := []NodeID{"a", "b", "c", "d", "e", "f", "g"}[:rapid.IntRange(2, 7).Draw(t, "nodes")]
	exits := []Exit{"w", "x", "y", "z"}
	proofs := []Proof{"p", "q", "r"}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(proofs), 0, 2, rapid.ID)
	g := Graph{Flow: "random", Start: "a", Nodes: Nodes{}, Slot: SlotLogin, Lifetime: time.Minute}
	var edges []Edge
	for i, id := range names {
		n := Node{Stage: Stage{ID: StageID(id), Kind: Ends}, Next: Next{}}
		if i < len(names)-1 {
			n.Stage = Stage{ID: StageID(id), Wire: string(id), Exits: Exits{}}
			n.Stage.Kind = rapid.SampledFrom([]Kind{Asks, Decides}).Draw(t, "kind")
			for _, exit := range exits[:rapid.IntRange(1, len(exits)).Draw(t, "exits")] {
				shows := ExitSpec{Binds: rapid.IntRange(0, 5).Draw(t, "binds") == 0}
				if rapid.IntRange(0, 3).Draw(t, "shows") == 0 {
					shows.Proves = some.Draw(t, "proves")
				}
				if rapid.IntRange(0, 3).Draw(t, "asks for") == 0 {
					shows.Needs = some.Draw(t, "needs")
				}
				n.Stage.Exits[exit] = shows
				n.Next[exit] = rapid.SampledFrom(names).Draw(t, "to")
				edges = append(edges, Edge{Node: id, Exit: exit})
			}
		}
		g.Nodes[id] = n
	}
	last := names[len(names)-1]
	n := g.Nodes[last]
	for _, p := range proofs {
		n.Rules = append(n.Rules, Rule{
			Proof: p, WaivedBy: rapid.SliceOfNDistinct(rapid.SampledFrom(edges), 0, 2, rapid.ID).Draw(t, "waivers"),
		})
	}
	g.Nodes[last] = n
	return g
}

func TestFixturesAreSound(t *testing.T) {
	for _, g := range checkGraphs() {
		r := Check(g)
		if !r.OK() {
			t.Errorf("%s", r)
		}
		for _, rule := range r.Rules {
			if !rule.Holds || rule.Path != nil {
				t.Errorf("%s: rule %s of %s does not hold", g.Flow, rule.Proof, rule.End)
			}
		}
	}
}

func TestEditLeavesTheFixtureAlone(t *testing.T) {
	g := checkLogin()
	before := g.Fingerprint()
	h := edit(g, "code_due", func(n *Node) {
		n.Next["trusted"] = "session"
		n.Stage.Exits["trusted"] = ExitSpec{Proves: []Proof{Second}}
	})
	if g.Fingerprint() != before || h.Fingerprint() == before {
		t.Error("the fixture was changed, or its copy was not")
	}
	if !slices.Equal(sorted(g.Nodes), slices.Sorted(maps.Keys(h.Nodes))) {
		t.Error("the copy has other nodes")
	}
}
