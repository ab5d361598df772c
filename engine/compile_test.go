package engine

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// okHandler lets every submission pass; actingHandler has actions too.
type okHandler struct{}

func (okHandler) Submit(context.Context, Submission) (Verdict, error) { return Verdict{Exit: OK}, nil }

type actingHandler struct{ okHandler }

func (actingHandler) Act(context.Context, string, Submission) (Acted, error) { return Acted{}, nil }

// boundSet is the fixtures with behaviour bound to every stage.
func boundSet() Set {
	s := Set{Graphs: checkGraphs(), Handlers: map[StageID]Handler{}, Deciders: map[StageID]Decider{}}
	for _, g := range s.Graphs {
		for _, n := range g.Nodes {
			switch {
			case n.Stage.Kind == Asks && !n.Stage.Pretending:
				s.Handlers[n.Stage.ID] = okHandler{}
			case n.Stage.Kind == Decides:
				s.Deciders[n.Stage.ID] = DecideFunc(func(Facts) (Exit, Reason) { return Exit(n.Stage.ID), "" })
			}
		}
	}
	return s
}

func TestCompile(t *testing.T) {
	set := boundSet()
	flows, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	var ids []FlowID
	for _, f := range flows.All() {
		ids = append(ids, f.Graph.Flow)
		if flows.Flow(f.Graph.Flow) != f {
			t.Errorf("%s is not found under its id", f.Graph.Flow)
		}
	}
	if want := []FlowID{"change_email", "login", "login_by_code", "mfa_login_webauthn"}; !slices.Equal(ids, want) {
		t.Errorf("the flows are %v, want %v", ids, want)
	}
	if flows.Flow("nothing") != nil {
		t.Error("a flow was found that nobody declared")
	}
	var stages []StageID
	for _, s := range flows.Stages() {
		stages = append(stages, s.ID)
	}
	if len(stages) != 22 || !slices.IsSorted(stages) || len(slices.Compact(stages)) != 22 {
		t.Errorf("%d stages: %v", len(stages), stages)
	}
}

func TestCompiledFlow(t *testing.T) {
	flows, err := Compile(boundSet())
	if err != nil {
		t.Fatal(err)
	}
	f := flows.Flow("login")
	if f.Fingerprint != checkLogin().Fingerprint() {
		t.Errorf("the print is %s, the graph's %s", f.Fingerprint, checkLogin().Fingerprint())
	}
	if n, ok := f.Node("trust_due"); !ok || n.Stage.ID != "trust_due" || n.Next["skip"] != "session" {
		t.Errorf("node trust_due is %+v, %v", n, ok)
	}
	if n, ok := f.Node("pretend"); ok {
		t.Errorf("login has a node pretend: %+v", n)
	}
	for wire, want := range map[string]NodeID{"verify_email": "verify_email", "password_form": "", "": "", "trust_due": ""} {
		if id, ok := f.ByWire(wire); id != want || ok != (want != "") {
			t.Errorf("wire id %q is node %q, %v", wire, id, ok)
		}
	}
	if exit, _ := f.decider("code_due").Decide(Facts{}); exit != "code_due" {
		t.Errorf("code_due has the decider of %s", exit)
	}
	if f.decider("verify_email") != nil || f.handler("code_due") != nil || f.handler("session") != nil {
		t.Error("a node has behaviour that is not of its kind")
	}
	if f.handler("verify_email") != (okHandler{}) || flows.Flow("login_by_code").handler("pretend") != nil {
		t.Error("a node has a handler that is not its own")
	}
	if got := f.reads("trust_due"); len(got) != 2 {
		t.Errorf("trust_due reads %v", got)
	}
	if to, err := f.fire("trust_due", "skip"); err != nil || to != "session" {
		t.Errorf("trust_due.skip leads to %q, %v", to, err)
	}
}

// TestReadsNameTheFields holds the indexes a flow keeps against the names.
func TestReadsNameTheFields(t *testing.T) {
	flows, err := Compile(boundSet())
	if err != nil {
		t.Fatal(err)
	}
	f := flows.Flow("login")
	full := Facts{
		Email: IsVerified, Phone: Unverified, Active: true, RequireCode: true, TrustsCode: true, ProvedCode: true,
		OfferTrust: true, Browser: true, SecondFactor: true, Signup: true, Own: "x",
	}
	for id, want := range map[NodeID]Facts{
		"account_due": {Active: true},
		"trust_due":   {OfferTrust: true, Browser: true},
		"code_due":    {RequireCode: true, TrustsCode: true, ProvedCode: true, Email: IsVerified, Phone: Unverified},
		"session":     {},
	} {
		if got := mask(full, f.reads(id)); got != want {
			t.Errorf("%s sees %+v, want %+v", id, got, want)
		}
	}
}

// TestCompiledDoesNotChange changes everything Compile was handed and everything that
// its results hand out.
func TestCompiledDoesNotChange(t *testing.T) {
	set := boundSet()
	flows, err := Compile(set)
	if err != nil {
		t.Fatal(err)
	}
	print := flows.Flow("login").Graph.Fingerprint()
	for _, g := range set.Graphs {
		g.Nodes["trust_due"] = Node{}
		if n, ok := g.Nodes["code_due"]; ok {
			n.Next["required"] = "session"
			n.Stage.Exits["proved"].Needs[0] = "acme.other"
			n.Stage.Exits["required"] = ExitSpec{}
			n.Stage.Reads[0] = "Active"
		}
		if n, ok := g.Nodes["session"]; ok {
			g.Nodes["mfa_authenticate"].Stage.Exits[OK].Proves[0] = "acme.other"
			n.Rules[3].WaivedBy[0] = Edge{}
			n.Rules[0] = Rule{}
		}
	}
	clear(set.Handlers)
	clear(set.Deciders)
	flows.All()[0] = nil
	flows.Stages()[0] = Stage{}
	f := flows.Flow("login")
	if got := f.Graph.Fingerprint(); got != print || got != f.Fingerprint {
		t.Errorf("the graph changed: its print is %s, was %s", got, print)
	}
	if f.handler("verify_email") == nil || f.decider("code_due") == nil || flows.All()[0] == nil || flows.Stages()[0].ID == "" {
		t.Error("what was compiled changed")
	}
}

type setRefusal struct {
	name   string
	change func(*Set)
	// want is every fault, in order.
	want []string
}

func TestCompileRefusesGraphs(t *testing.T) {
	runSetRefusals(t, []setRefusal{
		{"a graph that Check refuses", func(s *Set) { delete(s.Graphs[0].Nodes["code_due"].Next, "proved") }, []string{
			"flow login, node code_due, exit proved: leads nowhere (every exit the stage declares needs a node in Next)",
		}},
		{"two graphs of one flow", func(s *Set) { s.Graphs[1].Flow = "login" }, []string{
			"flow login: two graphs have this flow id (give one of them its own)",
		}},
		{"one stage in two ways", func(s *Set) {
			s.Graphs[1] = stage(s.Graphs[1], "verify_email", func(s *Stage) { s.Tries = 3 })
			s.Graphs[2] = stage(s.Graphs[2], "verify_email", func(s *Stage) { s.Fields = []Field{{Name: "code"}} })
		}, []string{
			"stage verify_email: flow mfa_login_webauthn declares it otherwise than flow login: Tries differs (one id is one stage)",
			"stage verify_email: flow login_by_code declares it otherwise than flow login: Fields differs (one id is one stage)",
		}},
		{"one wire id for two stages", func(s *Set) {
			s.Graphs[3] = stage(s.Graphs[3], "email_code", func(s *Stage) { s.Wire, s.Fields = "verify_email", []Field{{Name: "code"}} })
		}, []string{
			"stage verify_email: has the wire id verify_email of stage email_code (a client could not tell them apart)",
		}},
		{"several faults together", func(s *Set) {
			s.Graphs[0].Nodes["account_due"].Next["disabled"] = "nowhere"
			s.Graphs[3].Slot = ""
			delete(s.Handlers, "mfa_trust")
			delete(s.Deciders, "trust_due")
		}, []string{
			`flow login, node account_due, exit disabled: leads to "nowhere", which is no node of the graph (name one of its nodes)`,
			"flow change_email, node email_code: a run waits here, and the graph has no slot to keep it in (name one in the graph's Slot)",
			"stage mfa_trust: asks, and has no handler (bind one in Handlers)",
			"stage trust_due: decides, and has no decider (bind one in Deciders)",
		}},
	})
}

func TestCompileRefusesHandlers(t *testing.T) {
	runSetRefusals(t, []setRefusal{
		{"an asking stage without a handler", func(s *Set) { delete(s.Handlers, "verify_email") }, []string{
			"stage verify_email: asks, and has no handler (bind one in Handlers)",
		}},
		{"a handler that is nil", func(s *Set) { s.Handlers["verify_email"] = nil }, []string{
			"stage verify_email: asks, and has no handler (bind one in Handlers)",
		}},
		{"actions of a handler that has none", func(s *Set) {
			s.Graphs[3] = stage(s.Graphs[3], "email_code", func(s *Stage) { s.Actions = []Action{{Name: "resend"}} })
		}, []string{
			"stage email_code: declares the action resend, and its handler engine.okHandler is no Actor (give it an Act method)",
		}},
		{"behaviour bound to nothing", func(s *Set) {
			s.Handlers["verify_mail"] = okHandler{}
			s.Deciders["mail_due"] = DecideFunc(func(Facts) (Exit, Reason) { return OK, "" })
		}, []string{
			"stage verify_mail: a handler is bound to it, and it stands in no graph (misspelt, or a graph left out)",
			"stage mail_due: a decider is bound to it, and it stands in no graph (misspelt, or a graph left out)",
		}},
		{"behaviour of another kind", func(s *Set) {
			s.Handlers["email_due"] = okHandler{}
			s.Deciders["verify_email"] = DecideFunc(func(Facts) (Exit, Reason) { return OK, "" })
			s.Handlers["session"] = okHandler{}
		}, []string{
			"stage email_due: decides, and a handler is bound to it (only a stage that asks has one)",
			"stage session: ends, and a handler is bound to it (only a stage that asks has one)",
			"stage verify_email: asks, and a decider is bound to it (only a stage that decides has one)",
		}},
	})
}

func TestCompileRefusesDeciders(t *testing.T) {
	runSetRefusals(t, []setRefusal{
		{"a deciding stage without a decider", func(s *Set) { delete(s.Deciders, "email_due") }, []string{
			"stage email_due: decides, and has no decider (bind one in Deciders)",
		}},
		{"a decider that is nil", func(s *Set) { s.Deciders["email_due"] = DecideFunc(nil) }, []string{
			"stage email_due: decides, and has no decider (bind one in Deciders)",
		}},
		{"a fact that is none", func(s *Set) {
			s.Graphs[3] = readingGraph("Mood", "Active", "Active")
			s.Deciders["mood_due"] = DecideFunc(func(Facts) (Exit, Reason) { return OK, "" })
			delete(s.Handlers, "email_code")
		}, []string{
			`stage mood_due: reads "Mood", which is no fact (see Facts)`,
			"stage mood_due: reads Active twice (leave one out)",
		}},
		{"a fact of its own that nobody loads", func(s *Set) {
			s.Graphs[3] = readingGraph("Own")
			s.Deciders["mood_due"] = DecideFunc(func(Facts) (Exit, Reason) { return OK, "" })
			delete(s.Handlers, "email_code")
		}, []string{
			"stage mood_due: reads Own, and its decider engine.DecideFunc is no FactLoader (give it a fact, or do not read it)",
		}},
		{"a fact of its own that nobody reads", func(s *Set) {
			s.Graphs[3] = readingGraph("Active")
			s.Deciders["mood_due"] = countryDecider{[]string{"near"}}
			delete(s.Handlers, "email_code")
		}, []string{
			"stage mood_due: its decider engine.countryDecider loads a fact that the stage does not read (add Own to its Reads)",
		}},
		{"a fact of its own without values", func(s *Set) {
			s.Graphs[3] = readingGraph("Own")
			s.Deciders["mood_due"] = countryDecider{}
			delete(s.Handlers, "email_code")
		}, []string{
			"stage mood_due: the fact of its decider engine.countryDecider has no values (name them in FactValues)",
		}},
	})
}

func runSetRefusals(t *testing.T, cases []setRefusal) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			set := boundSet()
			c.change(&set)
			flows, err := Compile(set)
			if flows != nil || err == nil {
				t.Fatal("it was compiled")
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

// readingGraph is a flow whose one decision reads the named facts.
func readingGraph(reads ...string) Graph {
	return Graph{
		Flow: "mood", Start: "email_request",
		Nodes: Nodes{
			"email_request": {Stage: starting("email_request", Exits{OK: {}}), Next: Next{OK: "mood_due"}},
			"mood_due":      {Stage: deciding("mood_due", Exits{OK: {}}, reads...), Next: Next{OK: "done"}},
			"done":          {Stage: Stage{ID: "done", Kind: Ends}},
		},
	}
}

func TestCompileLetsAnActorAct(t *testing.T) {
	set := boundSet()
	set.Graphs[3] = stage(set.Graphs[3], "email_code", func(s *Stage) { s.Actions = []Action{{Name: "resend"}} })
	set.Handlers["email_code"] = actingHandler{}
	if _, err := Compile(set); err != nil {
		t.Error(err)
	}
}

// TestCompileComparesWhatCounts takes an empty list and none for the same.
func TestCompileComparesWhatCounts(t *testing.T) {
	set := boundSet()
	n := set.Graphs[1].Nodes["done"]
	n.Stage.Exits, n.Stage.Fields, n.Stage.Actions, n.Stage.Reads = Exits{}, []Field{}, []Action{}, []string{}
	set.Graphs[1].Nodes["done"] = n
	if _, err := Compile(set); err != nil {
		t.Error(err)
	}
}

func TestCompileNothing(t *testing.T) {
	flows, err := Compile(Set{})
	if err != nil || len(flows.All()) != 0 || len(flows.Stages()) != 0 || flows.Flow("") != nil {
		t.Errorf("an empty set compiles to %+v, %v", flows, err)
	}
}
