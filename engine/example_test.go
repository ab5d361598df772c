package engine_test

import (
	"context"
	"fmt"
	"time"

	"stagedoor/engine"
)

// accept is the behaviour of a stage that everybody passes.
type accept struct{}

// Submit lets every submission pass.
func (accept) Submit(context.Context, engine.Submission) (engine.Verdict, error) {
	return engine.Verdict{Exit: engine.OK}, nil
}

// shop is a small set: a door that everybody knows the key of.
func shop() engine.Set {
	door := engine.Stage{ID: "door", Kind: engine.Asks, Exits: engine.Exits{
		engine.OK: {Binds: true, Proves: []engine.Proof{engine.Subject, engine.Active, engine.First}},
	}}
	return engine.Set{
		Graphs: []engine.Graph{{
			Flow: "login", Start: "door", Slot: engine.SlotLogin, Lifetime: 15 * time.Minute,
			Nodes: engine.Nodes{
				"door": {Stage: door, Next: engine.Next{engine.OK: "session"}},
				"session": {
					Stage: engine.Stage{ID: "session", Kind: engine.Ends, Grants: true},
					Rules: []engine.Rule{{Proof: engine.Subject}, {Proof: engine.Active}, {Proof: engine.First}},
				},
			},
		}},
		Handlers: map[engine.StageID]engine.Handler{"door": accept{}},
	}
}

// terms is an extension of an outside package.
func terms() engine.Extension {
	form := engine.Stage{
		ID: "acme.terms", Kind: engine.Asks, Wire: "acme.terms", Title: "the terms of service",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{"acme.terms"}}},
		Fields: []engine.Field{{Name: "accept", Type: engine.Bool, Required: true}},
	}
	return engine.Extension{
		Owner: "acme",
		Splices: []engine.Splice{{
			Before: "session",
			Nodes:  engine.Nodes{"acme.terms": {Stage: form, Next: engine.Next{engine.OK: engine.Onward}}},
			Rules:  []engine.Rule{{Proof: "acme.terms"}},
		}},
		Handlers: map[engine.StageID]engine.Handler{"acme.terms": accept{}},
	}
}

// A stage before every session, with the rule that no session is without it.
func ExampleSet_Extend() {
	set := shop()
	if err := set.Extend(terms()); err != nil {
		fmt.Println(err)
		return
	}
	flows, err := engine.Compile(set)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(flows.Flow("login").Graph.Table())
	// Output:
	// login: 3 stages, 2 edges, starts at door
	//
	// door (asks)        ok -> acme.terms (binds subject; proves active, first)
	// acme.terms (asks)  ok -> session (proves acme.terms)
	// session (grants)
	//     subject     by door.ok
	//     active      by door.ok
	//     first       by door.ok
	//     acme.terms  by acme.terms.ok
}

// A second extension that leads past what the first one demands is refused, with the way.
func ExampleCompile_bypass() {
	set := shop()
	friends := engine.Extension{
		Owner: "other",
		Splices: []engine.Splice{{Before: "acme.terms", Nodes: engine.Nodes{"other.friends": {
			Stage: engine.Stage{ID: "other.friends", Kind: engine.Decides, Exits: engine.Exits{"friend": {}, "stranger": {}}},
			Next:  engine.Next{"friend": "session", "stranger": engine.Onward},
		}}}},
		Deciders: map[engine.StageID]engine.Decider{"other.friends": engine.DecideFunc(func(engine.Facts) (engine.Exit, engine.Reason) {
			return "stranger", "nobody=known"
		})},
	}
	if err := set.Extend(terms(), friends); err != nil {
		fmt.Println(err)
		return
	}
	_, err := engine.Compile(set)
	fmt.Println(err)
	// Output:
	// flow login, node session: door.ok -> other.friends.friend -> session: nothing proves acme.terms (lead that way over an edge that proves it, or declare what waives it)
}

// The proof of a graph, rule by rule.
func ExampleCheck() {
	report := engine.Check(shop().Graphs[0])
	fmt.Println(report.OK())
	for _, rule := range report.Rules {
		fmt.Println(rule.Proof, rule.Holds, rule.ProvedBy)
	}
	// Output:
	// true
	// subject true [door.ok]
	// active true [door.ok]
	// first true [door.ok]
}
