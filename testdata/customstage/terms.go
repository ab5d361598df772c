package acme

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// Terms asks everybody who signs in to accept the terms of service, once for each version.
// Which one was accepted is an attribute of the account.
func Terms(version, url string) engine.Extension {
	t := terms{version, url}
	return engine.Extension{
		Owner: "acme",
		Splices: []engine.Splice{{
			Before: "session",
			Start:  "acme.terms_due",
			Nodes: engine.Nodes{
				"acme.terms_due": {Stage: termsDue(), Next: engine.Next{"due": "acme.terms", "accepted": engine.Onward}},
				"acme.terms":     {Stage: termsForm(), Next: engine.Next{engine.OK: engine.Onward}},
			},
			Rules: []engine.Rule{{Proof: "acme.terms", WaivedBy: []engine.Edge{{Node: "acme.terms_due", Exit: "accepted"}}}},
		}},
		Handlers: map[engine.StageID]engine.Handler{"acme.terms": t},
		Deciders: map[engine.StageID]engine.Decider{"acme.terms_due": t},
	}
}

func termsDue() engine.Stage {
	return engine.Stage{
		ID: "acme.terms_due", Kind: engine.Decides, Title: "must the terms be accepted?",
		Exits: engine.Exits{"due": {}, "accepted": {}},
		Reads: []string{"Own"},
		Because: map[engine.Reason]string{
			"terms=due":      "the account has not accepted this version of the terms",
			"terms=accepted": "the account has accepted this version of the terms",
		},
	}
}

func termsForm() engine.Stage {
	return engine.Stage{
		ID: "acme.terms", Kind: engine.Asks, Wire: "acme.terms", Title: "the terms of service",
		Exits: engine.Exits{engine.OK: {Proves: []engine.Proof{"acme.terms"}}},
		Fields: []engine.Field{
			{Name: "accept", Type: engine.Bool, Required: true, Help: "true to accept the terms"},
			{Name: "version", Type: engine.Text, Required: true, MaxLength: 20, Help: "the version that was shown"},
		},
	}
}

// terms is the behaviour of both stages.
type terms struct{ version, url string }

// FactValues are what the decision can find.
func (t terms) FactValues() []string { return []string{"due", "accepted"} }

// LoadFact finds out whether the account has accepted this version.
func (t terms) LoadFact(_ context.Context, q engine.FactQuery) (string, error) {
	if q.Person.Attributes["acme.terms"] == t.version {
		return "accepted", nil
	}
	return "due", nil
}

// Decide leaves by the exit that has the name of the fact.
func (t terms) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	return engine.Exit(f.Own), engine.Reason("terms=" + f.Own)
}

// Describe tells the client what to show.
func (t terms) Describe(engine.Run) map[string]any {
	return map[string]any{"version": t.version, "url": t.url}
}

// Submit takes a yes to the version that holds. A no does not come here: a bool that is
// required must be true.
func (t terms) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	if s.Values.Text("version") != t.version {
		return engine.Verdict{Errors: []engine.FieldError{{Param: "version", Code: "outdated"}}}, nil
	}
	return engine.Verdict{Exit: engine.OK, Writes: []engine.Write{state.SetAttribute{Key: "acme.terms", Value: t.version}}}, nil
}
