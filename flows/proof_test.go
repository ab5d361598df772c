package flows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
)

// demands are what every session demands, spelt out once more: a change of the rules has
// to be made twice.
func demands() []engine.Rule {
	edges := func(node engine.NodeID, exits ...engine.Exit) []engine.Edge {
		var out []engine.Edge
		for _, x := range exits {
			out = append(out, engine.Edge{Node: node, Exit: x})
		}
		return out
	}
	return []engine.Rule{
		{Proof: "subject"},
		{Proof: "active"},
		{Proof: "first"},
		{Proof: "code", WaivedBy: edges("code_due", "not_required", "trusted")},
		{Proof: "phone", WaivedBy: edges("phone_due", "verified", "none", "off")},
		{Proof: "email", WaivedBy: edges("email_due", "verified", "optional", "off")},
		{Proof: "second", WaivedBy: edges("factor_due", "none", "trusted", "presence")},
	}
}

func TestEverySessionDemandsTheSame(t *testing.T) {
	graphs := granting()
	if len(graphs) < 10 {
		t.Fatalf("only %d graphs sign in", len(graphs))
	}
	for _, name := range sortedNames(graphs) {
		want := demands()
		if strings.HasPrefix(name, "mfa_signup_webauthn") {
			want = append(want, engine.Rule{Proof: "passkey_made"})
		}
		ends := 0
		for id, n := range graphs[name].Nodes {
			if !n.Stage.Grants {
				continue
			}
			ends++
			if id != "session" || n.Stage.ID != "session" {
				t.Errorf("%s grants a session at %s (stage %s)", name, id, n.Stage.ID)
			}
			if diff := cmp.Diff(want, n.Rules); diff != "" {
				t.Errorf("%s: want -, got +\n%s", name, diff)
			}
		}
		if ends != 1 {
			t.Errorf("%s grants at %d ends", name, ends)
		}
	}
}

// tail returns what follows account_due in a graph, with the passkey of a signup taken
// out again.
func tail(g engine.Graph) engine.Nodes {
	out := make(engine.Nodes)
	var walk func(engine.NodeID)
	walk = func(id engine.NodeID) {
		if _, seen := out[id]; seen {
			return
		}
		n := g.Nodes[id]
		next := make(engine.Next)
		for exit, to := range n.Next {
			if to == "mfa_signup_webauthn" {
				to = g.Nodes[to].Next[engine.OK]
			}
			next[exit] = to
		}
		out[id] = engine.Node{Stage: n.Stage, Next: next}
		for _, to := range next {
			walk(to)
		}
	}
	walk("account_due")
	return out
}

func TestEverySignInHasTheSameTail(t *testing.T) {
	graphs := granting()
	for _, name := range sortedNames(graphs) {
		g := graphs[name]
		variant := "link"
		if g.Nodes["verify_email"].Stage.ID == "verify_email_code" {
			variant = "code"
		}
		want := tail(graphs["login."+variant])
		if diff := cmp.Diff(want, tail(g)); diff != "" {
			t.Errorf("the tail of %s is not that of login: want -, got +\n%s", name, diff)
		}
		if len(want) < 13 {
			t.Errorf("the tail of login has only %d nodes", len(want))
		}
	}
}

// TestNothingEntersTheTailInTheMiddle: from outside the tail every way leads to its
// first decision.
func TestNothingEntersTheTailInTheMiddle(t *testing.T) {
	graphs := granting()
	for _, name := range sortedNames(graphs) {
		g := graphs[name]
		of := tail(g)
		for id, n := range g.Nodes {
			if _, in := of[id]; in || id == "mfa_signup_webauthn" {
				continue
			}
			for exit, to := range n.Next {
				_, in := of[to]
				if in && to != "account_due" && g.Nodes[to].Stage.Kind != engine.Ends || g.Nodes[to].Stage.Grants {
					t.Errorf("%s: %s.%s leads into the tail at %s", name, id, exit, to)
				}
			}
		}
	}
}

// walker is a run as far as one rule can tell it from another: where it stands, and what
// it has shown of that which any exit needs and which satisfies the rule, as bits.
type walker struct {
	at  engine.NodeID
	has uint64
}

// bits numbers the proofs that any exit of a graph needs. Bit 0 is for the rule.
func bits(g engine.Graph) map[engine.Proof]uint64 {
	out := make(map[engine.Proof]uint64)
	for _, n := range g.Nodes {
		for _, shows := range n.Stage.Exits {
			for _, p := range shows.Needs {
				if out[p] == 0 {
					out[p] = 2 << len(out)
				}
			}
		}
	}
	return out
}

// bypass walks, for each rule of each granting end, the product of the graph and what a
// run can have shown, with nothing but the meaning of exits and rules: a run takes an edge
// if it has what the exit needs, and satisfies the rule once an edge it takes proves or
// waives it. It returns the way of a run that reaches the end and does not.
func bypass(g engine.Graph) []engine.Edge {
	for id, n := range g.Nodes {
		if !n.Stage.Grants {
			continue
		}
		for _, r := range n.Rules {
			if way := around(g, id, r); way != nil {
				return way
			}
		}
	}
	return nil
}

func around(g engine.Graph, end engine.NodeID, r engine.Rule) []engine.Edge {
	type step struct {
		from walker
		by   engine.Edge
	}
	bit := bits(g)
	begin := walker{at: g.Start}
	came := map[walker]step{begin: {}}
	for queue := []walker{begin}; len(queue) > 0; queue = queue[1:] {
		w := queue[0]
		if w.at == end && w.has&1 == 0 {
			var way []engine.Edge
			for ; w != begin; w = came[w].from {
				way = append(way, came[w].by)
			}
			slices.Reverse(way)
			return way
		}
		n := g.Nodes[w.at]
		for exit, to := range n.Next {
			shows, e := n.Stage.Exits[exit], engine.Edge{Node: w.at, Exit: exit}
			if slices.ContainsFunc(shows.Needs, func(p engine.Proof) bool { return w.has&bit[p] == 0 }) {
				continue
			}
			next := walker{at: to, has: w.has}
			for _, p := range shows.Proves {
				next.has |= bit[p]
			}
			if slices.Contains(shows.Proves, r.Proof) || slices.Contains(r.WaivedBy, e) {
				next.has |= 1
			}
			if _, seen := came[next]; !seen {
				came[next] = step{w, e}
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func TestNoShippedGraphHasABypass(t *testing.T) {
	graphs := granting()
	for _, name := range sortedNames(graphs) {
		if way := bypass(graphs[name]); way != nil {
			t.Errorf("%s: %v", name, way)
		}
		if err := engine.Check(graphs[name]).Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheWalkerFindsABypass: the brute force is no brute force if it finds nothing.
func TestTheWalkerFindsABypass(t *testing.T) {
	for _, at := range []engine.Edge{{Node: "password_form", Exit: "ok"}, {Node: "factor_due", Exit: "due"}, {Node: "email_due", Exit: "unverified"}} {
		g := rewire(granting()["login.code"], at, "trust_due")
		if way := bypass(g); way == nil || !slices.Contains(way, at) {
			t.Errorf("%s to trust_due: the walker finds %v", at, way)
		}
	}
}

func rewire(g engine.Graph, at engine.Edge, to engine.NodeID) engine.Graph {
	c := g.Clone()
	c.Nodes[at.Node].Next[at.Exit] = to
	return c
}

// remove takes an edge out, and the exit with it where the stage is to forget it.
func remove(g engine.Graph, at engine.Edge, forget bool) engine.Graph {
	c := g.Clone()
	n := c.Nodes[at.Node]
	delete(n.Next, at.Exit)
	if forget {
		exits := make(engine.Exits)
		for exit, shows := range n.Stage.Exits {
			if exit != at.Exit {
				exits[exit] = shows
			}
		}
		n.Stage.Exits = exits
		c.Nodes[at.Node] = n
	}
	return c
}

// TestEveryMutation takes out and rewires every edge of every graph that signs in. What
// then lets a run through without its proofs must be refused, and every edge a stage
// declares must be there.
func TestEveryMutation(t *testing.T) {
	t.Parallel()
	var mutants, refused, bypasses int
	try := func(name string, at engine.Edge, what string, g engine.Graph) bool {
		mutants++
		way := bypass(g)
		ok := engine.Check(g).OK()
		if way != nil {
			bypasses++
		}
		if !ok {
			refused++
		}
		if way != nil && ok {
			t.Errorf("%s, %s %s: a run gets through by %v", name, at, what, way)
		}
		return ok
	}
	graphs := granting()
	for _, name := range sortedNames(graphs) {
		if t.Failed() {
			break
		}
		g := graphs[name]
		for id, n := range g.Nodes {
			for exit, was := range n.Next {
				at := engine.Edge{Node: id, Exit: exit}
				if try(name, at, "removed", remove(g, at, false)) {
					t.Errorf("%s: %s leads nowhere, and that is not refused", name, at)
				}
				try(name, at, "forgotten", remove(g, at, true))
				for to := range g.Nodes {
					if to != was {
						try(name, at, "to "+string(to), rewire(g, at, to))
					}
				}
			}
		}
	}
	if bypasses < 100 || refused == mutants {
		t.Errorf("%d bypasses among %d mutants, %d refused: the mutants say little", bypasses, mutants, refused)
	}
	t.Logf("%d mutants of %d graphs: %d let a run through, and all of these are among the %d refused", mutants, len(graphs), bypasses, refused)
}

// TestSplicedBypasses: the way around is shown, edge by edge.
func TestSplicedBypasses(t *testing.T) {
	for _, c := range []struct {
		graph string
		at    engine.Edge
		to    engine.NodeID
		want  []string
	}{
		{"login.link", engine.Edge{Node: "password_form", Exit: "ok"}, "session", []string{
			"password_form.ok -> session: nothing proves active", "password_form.ok -> session: nothing proves second",
		}},
		{"login.code", engine.Edge{Node: "factor_due", Exit: "due"}, "trust_due", []string{
			"email_due.off -> factor_due.due -> trust_due.offer -> mfa_trust.ok -> session: nothing proves second",
			"email_due.off -> factor_due.due -> trust_due.skip -> session: nothing proves second",
		}},
		{"login.code", engine.Edge{Node: "email_due", Exit: "unverified"}, "factor_due", []string{
			"email_due.unverified -> factor_due", "nothing proves email",
		}},
		{"signup.link", engine.Edge{Node: "phone_due", Exit: "unverified"}, "email_due", []string{
			"phone_due.unverified -> email_due", "nothing proves phone",
		}},
		{"login.link", engine.Edge{Node: "code_due", Exit: "required"}, "phone_due", []string{
			"code_due.required -> phone_due", "nothing proves code",
		}},
		{"login.link", engine.Edge{Node: "account_due", Exit: "disabled"}, "code_due", []string{
			"password_form.ok -> account_due.disabled -> code_due", "nothing proves active",
		}},
		{"login_by_code.link", engine.Edge{Node: "pretend", Exit: "spent"}, "account_due", []string{
			"a run without a subject would be granted a session",
		}},
		{"mfa_signup_webauthn.code", engine.Edge{Node: "trust_due", Exit: "skip"}, "session", []string{
			"trust_due.skip -> session: nothing proves passkey_made",
		}},
		{"password_reset_by_code.code", engine.Edge{Node: "reset_request", Exit: "known"}, "account_due", []string{
			"reset_request.known -> account_due.active", "nothing proves first",
		}},
		{"login_by_code.link", engine.Edge{Node: "code_request", Exit: "known"}, "account_due", []string{
			"code_request.known -> account_due.active", "nothing proves first",
		}},
		{"login_by_code.link", engine.Edge{Node: "code_request", Exit: "unknown"}, "account_due", []string{
			"leads to account_due, which is no pretending stage",
		}},
	} {
		g, ok := granting()[c.graph]
		if !ok {
			t.Fatalf("there is no graph %s", c.graph)
		}
		err := engine.Check(rewire(g, c.at, c.to)).Err()
		if err == nil {
			t.Errorf("%s: %s may lead to %s", c.graph, c.at, c.to)
			continue
		}
		found := false
		for _, want := range c.want {
			found = found || strings.Contains(err.Error(), want)
		}
		if !found {
			t.Errorf("%s: %s to %s is refused without showing any of %q:\n%v", c.graph, c.at, c.to, c.want, err)
		}
	}
}

// TestForgottenRules: an end that forgets a rule of every session is still refused, or
// it is the rules' own table above that tells.
func TestForgottenRules(t *testing.T) {
	g := granting()["login.code"]
	for i, r := range demands() {
		c := g.Clone()
		n := c.Nodes["session"]
		n.Rules = slices.Delete(slices.Clone(n.Rules), i, i+1)
		c.Nodes["session"] = n
		must := r.Proof == engine.Subject || r.Proof == engine.Active || r.Proof == engine.First
		if ok := engine.Check(c).OK(); ok == must {
			t.Errorf("without a rule for %s: passes %t", r.Proof, ok)
		}
	}
}
