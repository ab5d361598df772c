package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestCoverIsExact holds descriptions against every single combination: each of those
// described is in one, none of the others is.
func TestCoverIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		sp := &space{index: make(map[string]int)}
		for v := range 2 + r.IntN(3) {
			sp.variable(fmt.Sprint("v", v), []string{"a", "b", "c"}[:2+r.IntN(2)])
		}
		full := sp.full()
		var on, off []region
		points := []region{{}}
		for v := range full {
			var next []region
			for _, p := range points {
				for i := range sp.vars[v].values {
					next = append(next, p.with(v, i))
				}
			}
			points = next
		}
		for _, p := range points {
			switch r.IntN(3) {
			case 0:
				on = append(on, p)
			case 1:
				off = append(off, p)
			}
		}
		got := cover(full, on, off)
		if len(got) > len(on) {
			t.Fatalf("%d descriptions of %d combinations", len(got), len(on))
		}
		for _, p := range on {
			if !slices.ContainsFunc(got, func(g region) bool { return g.holds(p, full) }) {
				t.Fatalf("%v is in none of %v", p, got)
			}
		}
		for _, p := range off {
			if slices.ContainsFunc(got, func(g region) bool { return g.meets(p, full) }) {
				t.Fatalf("%v is in one of %v", p, got)
			}
		}
	}
}

// TestCoverIsShort: what cannot be makes no description longer.
func TestCoverIsShort(t *testing.T) {
	sp := &space{index: make(map[string]int)}
	app, trusted := sp.variable("client", []string{"app", "browser"}), sp.variable("trust", []string{"no", "yes"})
	// An app that is trusted is left out.
	on := []region{region{}.with(app, 1).with(trusted, 1)}
	off := []region{region{}.with(app, 0).with(trusted, 0), region{}.with(app, 1).with(trusted, 0)}
	got := cover(sp.full(), on, off)
	if len(got) != 1 || sp.words(got[0]) != "client: browser, trust: yes" && sp.words(got[0]) != "trust: yes" {
		t.Errorf("got %d, %q", len(got), sp.words(got[0]))
	}
}

// TestJoin translates regions into a space of both, values by name.
func TestJoin(t *testing.T) {
	a, b := &space{index: make(map[string]int)}, &space{index: make(map[string]int)}
	a.variable("x", []string{"1", "2"})
	b.variable("y", []string{"p", "q"})
	b.variable("x", []string{"3", "2"})
	both, mine, theirs := a.join(b)
	if got := both.words(mine(region{}.with(0, 1))); got != "x: 2" {
		t.Errorf("mine: %q", got)
	}
	if got := both.words(theirs(region{}.with(0, 1).with(1, 0))); got != "x: 3, y: q" {
		t.Errorf("theirs: %q", got)
	}
	if got := both.full(); got[both.index["x"]] != 7 {
		t.Errorf("x has the values %b", got[both.index["x"]])
	}
}

// gate is a decider with a fact of its own, and a handler that foretells.
type gate struct{ values []string }

func (g gate) FactValues() []string                              { return g.values }
func (gate) LoadFact(context.Context, FactQuery) (string, error) { return "", nil }
func (gate) Decide(f Facts) (Exit, Reason)                       { return Exit(f.Own), Reason("own=" + f.Own) }
func (gate) Submit(context.Context, Submission) (Verdict, error) { return Verdict{}, nil }
func (gate) Predict(_ FlowID, at Edge) []Case {
	switch at.Exit {
	case "never":
		return []Case{{Stays: "nobody does"}}
	case "in":
		return []Case{
			{Reads: []string{"Active"}, If: func(f Facts) bool { return !f.Active }, Stays: "answered like a wrong name"},
			{Reads: []string{"Active"}, If: func(f Facts) bool { return f.Active }},
		}
	}
	return []Case{{}}
}

// gated is a way in past a decision of its own, and past a stage with two ways to agree.
func gated(values ...string) (Set, survey) {
	exits, next := Exits{}, Next{}
	for _, v := range values {
		exits[Exit(v)], next[Exit(v)] = ExitSpec{}, "active"
	}
	exits["old"], next["old"] = ExitSpec{}, "terms"
	g := Graph{Flow: "login", Title: "come in", Start: "form", Slot: SlotLogin, Lifetime: 1, Nodes: Nodes{
		"form": {Stage: Stage{ID: "form", Kind: Asks, Exits: Exits{
			"in": {Binds: true, Proves: []Proof{Subject, First}}, "unknown": {Pretends: "in"}, "never": {Binds: true, Proves: []Proof{Subject, First}},
		}}, Next: Next{"in": "terms_due", "unknown": "pretend", "never": "terms_due"}},
		"pretend":   {Stage: Stage{ID: "pretend", Kind: Asks, Pretending: true, Exits: Exits{Spent: {}}}, Next: Next{Spent: "out"}},
		"terms_due": {Stage: Stage{ID: "acme.terms_due", Kind: Decides, Reads: []string{"Own"}, Exits: exits}, Next: next},
		"terms": {Stage: Stage{ID: "acme.terms", Kind: Asks, Title: "the terms", Wire: "terms", Exits: Exits{"agree": {}, "later": {}, "decline": {}}},
			Next: Next{"agree": "terms_due", "later": "active", "decline": "out"}},
		"active": {Stage: Stage{ID: "active", Kind: Decides, Reads: []string{"Active"}, Exits: Exits{"yes": {Proves: []Proof{Active}}, "no": {}}},
			Next: Next{"yes": "session", "no": "out"}},
		"session": {Stage: Stage{ID: "session", Kind: Ends, Grants: true}, Rules: []Rule{{Proof: Subject}, {Proof: Active}, {Proof: First}}},
		"out":     {Stage: Stage{ID: "out", Kind: Ends}},
	}}
	is := gate{values: values}
	return Set{
		Graphs: []Graph{g}, Handlers: map[StageID]Handler{"form": is, "acme.terms": is},
		Deciders: map[StageID]Decider{"acme.terms_due": is, "active": DecideFunc(func(f Facts) (Exit, Reason) {
			if f.Active {
				return "yes", ""
			}
			return "no", ""
		})},
	}, survey{}
}

func gatedMatrix(t *testing.T, values ...string) Matrix {
	t.Helper()
	set, s := gated(values...)
	fs, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	m, err := fs.matrix(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMatrixOfOwnStages: facts and stages of outside packages take part; a stage that
// leads back to its decision ends, and exits that pretend are no way in.
func TestMatrixOfOwnStages(t *testing.T) {
	got := gatedMatrix(t, "new", "old").String()
	want := `login (in): come in
    terms_due: new                  session
    terms_due: old, terms: agree    terms (agree) -> session
    terms_due: old, terms: later    terms (later) -> session
    terms_due: old, terms: decline  terms (decline) -> out
    disabled                        stays at form: answered like a wrong name

login (never): come in
    everybody  stays at form: nobody does

stages that ask
    terms  the terms
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestMatrixRefuses: values that are too many, and a decider that takes an exit nobody
// can take, are told.
func TestMatrixRefuses(t *testing.T) {
	values := []string{"old"}
	for i := range maxValues {
		values = append(values, fmt.Sprint("v", i))
	}
	set, s := gated(values...)
	fs, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.matrix(s); err == nil || !strings.Contains(err.Error(), "terms_due has 65 values, and a matrix takes at most 64") {
		t.Errorf("65 values: %v", err)
	}
	set, s = gated("new", "old")
	set.Deciders["active"] = DecideFunc(func(Facts) (Exit, Reason) { return "sideways", "" })
	if fs, err = Compile(set); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.matrix(s); err == nil || !strings.Contains(err.Error(), `no exit "sideways"`) {
		t.Errorf("an exit there is not: %v", err)
	}
}

// TestMatrixFixesSettings: a fact that a survey fixes is not varied.
func TestMatrixFixesSettings(t *testing.T) {
	set, _ := gated("new", "old")
	fs, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	m, err := fs.matrix(survey{settings: func(FlowID) (Facts, []string) { return Facts{Active: true}, []string{"Active"} }, via: func(FlowID) []string { return []string{"a", "b"} }})
	if err != nil {
		t.Fatal(err)
	}
	if text := m.String(); strings.Contains(text, "disabled") || !strings.HasPrefix(text, "login (in) by a, b: come in\n") {
		t.Errorf("got\n%s", text)
	}
}

// TestMatrixVerbose prints the decisions with their reasons.
func TestMatrixVerbose(t *testing.T) {
	text := gatedMatrix(t, "new", "old").Verbose()
	for _, want := range []string{"        terms_due: old (own=old), new (own=new)\n", "        active: yes\n", "      terms (later) -> session\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
