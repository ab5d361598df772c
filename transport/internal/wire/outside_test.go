package wire

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

// generalFlows are flows of every kind: of this server and of an outside package, of the
// session and not, and some that a key starts.
func generalFlows(t *testing.T) *engine.Flows {
	t.Helper()
	var set engine.Set
	set.Handlers = map[engine.StageID]engine.Handler{"ask": pass{}}
	for _, g := range []engine.Graph{
		{Flow: "login", Offer: engine.Anonymous}, {Flow: "acme.poll"}, {Flow: "acme.leave", OfSession: true}, {Flow: "acme.badge"},
		{Flow: "disown", Offer: engine.ByKey}, {Flow: "acme.undo", Offer: engine.ByKey}, {Flow: "acme.mine", Offer: engine.ByKey, OfSession: true},
	} {
		g.Start, g.Nodes = "ask", engine.Nodes{
			"ask": {Stage: engine.Stage{ID: "ask", Kind: engine.Asks, Exits: engine.Exits{engine.OK: {}}}, Next: engine.Next{engine.OK: "end"}},
			"end": {Stage: engine.Stage{ID: "end", Kind: engine.Ends}},
		}
		set.Graphs = append(set.Graphs, g)
	}
	flows, err := engine.Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	return flows
}

// TestGeneralFlow finds flows that have no route of their own, each for the clients that
// may start it.
func TestGeneralFlow(t *testing.T) {
	flows := generalFlows(t)
	for _, c := range []struct {
		id       string
		signedIn bool
		want     bool
	}{
		{"acme.poll", false, true}, {"acme.poll", true, false}, {"acme.leave", true, true}, {"acme.leave", false, false},
		{"login", false, false}, {"acme.none", false, false}, {"", false, false},
		{"disown", false, true}, {"disown", true, true}, {"acme.undo", false, true}, {"acme.undo", true, true},
		{"acme.mine", false, false}, {"acme.mine", true, true},
	} {
		if f := GeneralFlow(flows, c.id, c.signedIn); (f != nil) != c.want || f != nil && string(f.Graph.Flow) != c.id {
			t.Errorf("%q, signed in %v: found %v", c.id, c.signedIn, f != nil)
		}
	}
}

// TestEnded knows the end of a flow of the general route from all else.
func TestEnded(t *testing.T) {
	flows := generalFlows(t)
	for _, c := range []struct {
		ans  engine.Answer
		want bool
	}{
		{engine.Answer{Outcome: engine.Finished, Flow: "acme.poll", End: "end"}, true},
		{engine.Answer{Outcome: engine.Finished, Flow: "login", End: "refused"}, false},
		{engine.Answer{Outcome: engine.Finished, Flow: "acme.poll"}, false},
		{engine.Answer{Outcome: engine.Finished, Flow: "disown", End: "end"}, true},
		{engine.Answer{Outcome: engine.Finished, Flow: "nothing", End: "end"}, false},
		{engine.Answer{Outcome: engine.Granted, Flow: "acme.badge", End: "session"}, false},
		{engine.Answer{Outcome: engine.Advanced, Flow: "acme.poll"}, false},
	} {
		if Ended(flows, c.ans) != c.want {
			t.Errorf("%+v: %v", c.ans, !c.want)
		}
	}
}
