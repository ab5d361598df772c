package transport

import (
	"encoding/json"
	"testing"

	"stagedoor/engine"
)

// TestViews describes what a stage asks for as clients read it.
func TestViews(t *testing.T) {
	fields := []engine.Field{
		{Name: "accept", Type: engine.Bool, Required: true, Help: "true to go on"},
		{Name: "name", Type: engine.Text, MinLength: 2, MaxLength: 40},
	}
	for want, v := range map[string]any{
		`[{"name":"accept","type":"bool","required":true,"help":"true to go on"},{"name":"name","type":"text","min_length":2,"max_length":40}]`: ViewFields(fields),
		`[]`: ViewFields(nil),
		`[{"name":"resend"},{"name":"change","fields":[{"name":"accept","type":"bool","required":true,"help":"true to go on"}]}]`: ViewActions([]engine.Action{
			{Name: "resend"}, {Name: "change", Fields: fields[:1]},
		}),
		`null`: ViewActions(nil),
	} {
		if got, err := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// pass lets every submission pass.
type pass struct{ engine.Handler }

// TestOutsideFlow finds flows of outside packages only, and each for who may start it.
func TestOutsideFlow(t *testing.T) {
	var set engine.Set
	set.Handlers = map[engine.StageID]engine.Handler{"ask": pass{}}
	for id, session := range map[engine.FlowID]bool{"login": false, "acme.poll": false, "acme.leave": true} {
		set.Graphs = append(set.Graphs, engine.Graph{Flow: id, OfSession: session, Start: "ask", Nodes: engine.Nodes{
			"ask": {Stage: engine.Stage{ID: "ask", Kind: engine.Asks, Exits: engine.Exits{engine.OK: {}}}, Next: engine.Next{engine.OK: "end"}},
			"end": {Stage: engine.Stage{ID: "end", Kind: engine.Ends}},
		}})
	}
	flows, err := engine.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id       string
		signedIn bool
		want     bool
	}{
		{"acme.poll", false, true}, {"acme.poll", true, false}, {"acme.leave", true, true}, {"acme.leave", false, false},
		{"login", false, false}, {"acme.none", false, false}, {"", false, false},
	} {
		if f := OutsideFlow(flows, c.id, c.signedIn); (f != nil) != c.want || f != nil && string(f.Graph.Flow) != c.id {
			t.Errorf("%q, signed in %v: found %v", c.id, c.signedIn, f != nil)
		}
	}
}

// TestEnded knows the end of an outside package's flow from all else.
func TestEnded(t *testing.T) {
	for _, c := range []struct {
		ans  engine.Answer
		want bool
	}{
		{engine.Answer{Outcome: engine.Finished, Flow: "acme.poll", End: "end"}, true},
		{engine.Answer{Outcome: engine.Finished, Flow: "login", End: "refused"}, false},
		{engine.Answer{Outcome: engine.Finished, Flow: "acme.poll"}, false},
		{engine.Answer{Outcome: engine.Granted, Flow: "acme.badge", End: "session"}, false},
		{engine.Answer{Outcome: engine.Advanced, Flow: "acme.poll"}, false},
	} {
		if Ended(c.ans) != c.want {
			t.Errorf("%+v: %v", c.ans, !c.want)
		}
	}
}
