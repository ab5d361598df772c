package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// refusedBy makes a server whose extensions are refused, and returns why.
func refusedBy(t *testing.T, x ...engine.Extension) string {
	t.Helper()
	c, o := suite.LabConfig(t.TempDir(), "127.0.0.1:0"), server.Options{Mail: suite.NewMails(), Extend: func(server.Parts) []engine.Extension { return x }}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := server.Open(t.Context(), c, o)
	if err == nil {
		_ = s.Close(t.Context())
		t.Fatal("the server starts")
	}
	return err.Error()
}

// TestExtendFaults: what is wrong with several extensions is said together.
func TestExtendFaults(t *testing.T) {
	foreign := suite.Vip()
	foreign.Owner = "other"
	astray := engine.Extension{Owner: "acme", Splices: []engine.Splice{{Before: "sesion", Nodes: engine.Nodes{"acme.x": {}}}}}
	why := refusedBy(t, foreign, astray)
	for _, want := range []string{
		`extension other: the stage "acme.vip" does not carry its owner's name (call it "other.acme.vip")`,
		"extension acme: splice acme.x before sesion: no flow has a way to a node sesion",
	} {
		if !strings.Contains(why, want) {
			t.Errorf("nothing says %q:\n%s", want, why)
		}
	}
}

// TestPartsAreLate: a store that is asked while a stage is made says what is wrong; asked
// while it judges, it answers.
func TestPartsAreLate(t *testing.T) {
	var kept server.Parts
	l := suite.NewLab(t, suite.Dev, func(_ *config.Config, o *server.Options) {
		o.Extend = func(p server.Parts) []engine.Extension {
			kept = p
			early := map[string]error{}
			_, early["account"] = p.Accounts.Account(t.Context(), "1")
			_, early["find"] = p.Accounts.Find(t.Context(), state.Key{Kind: "id", Value: "1"})
			_, early["named"] = p.Accounts.Named(t.Context(), state.Key{Kind: "email", Value: "ada@example.com"})
			_, _, early["session"] = p.Sessions.Session(t.Context(), nil, time.Time{})
			_, early["touch"] = p.Sessions.Touch(t.Context(), 1, state.Seen{})
			_, early["sessions"] = p.Sessions.SessionsOf(t.Context(), "1", time.Time{})
			for what, err := range early {
				if !errors.Is(err, server.ErrNotOpen) {
					t.Errorf("%s before the start: %v", what, err)
				}
			}
			return nil
		}
	})
	l.Insider("ada@example.com")
	account, err := kept.Accounts.Find(t.Context(), state.Key{Kind: "email", Value: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	same, err := kept.Accounts.Account(t.Context(), account.ID)
	named, err2 := kept.Accounts.Named(t.Context(), state.Key{Kind: "email", Value: "ada@example.com"})
	sessions, err3 := kept.Sessions.SessionsOf(t.Context(), account.ID, l.Clock.Read())
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	if same.ID != account.ID || named.Account == nil || named.ID != account.ID || len(sessions) != 1 {
		t.Errorf("%s, %+v, %d sessions", same.ID, named, len(sessions))
	}
	if _, who, err := kept.Sessions.Session(t.Context(), sessions[0].TokenHash, l.Clock.Read()); err != nil || who.ID != account.ID {
		t.Errorf("the session: %v", err)
	}
	if _, err := kept.Sessions.Touch(t.Context(), sessions[0].ID, state.Seen{At: l.Clock.Read()}); err != nil {
		t.Error(err)
	}
	if kept.Keys == nil || kept.Settings.LoginTimeout == 0 {
		t.Errorf("the parts are %+v", kept)
	}
}

// poll is a flow of another package: a question, then another, and an answer of its own.
type poll struct{}

// Submit answers how often it was asked.
func (poll) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	v := engine.Verdict{Exit: engine.OK, Reply: map[string]string{"thanks": s.Values.Text("answer")}}
	if s.Run != nil && s.Client.Account != "" {
		v.Writes = []engine.Write{state.SetAttribute{Key: "acme.poll", Value: s.Values.Text("answer")}}
	}
	return v, nil
}

// Act tells what the question is.
func (poll) Act(context.Context, string, engine.Submission) (engine.Acted, error) {
	return engine.Acted{Keep: true, Reply: map[string]string{"question": "why?"}}, nil
}

// withPolls adds a poll for everybody and one of two questions for signed-in clients.
func withPolls(_ *config.Config, o *server.Options) {
	question := engine.Stage{
		ID: "acme.question", Kind: engine.Asks, Title: "a question", Exits: engine.Exits{engine.OK: {}},
		Fields:  []engine.Field{{Name: "answer", Type: engine.Text, Required: true, MaxLength: 20, Help: "what you think"}},
		Actions: []engine.Action{{Name: "question"}},
	}
	more := question
	more.ID, more.Wire = "acme.more", "acme.more"
	end := engine.Node{Stage: engine.Stage{ID: "acme.answered", Kind: engine.Ends}}
	o.Extend = func(server.Parts) []engine.Extension {
		return []engine.Extension{{
			Owner: "acme",
			Flows: []engine.Graph{
				{
					Flow: "acme.poll", Title: "answer a question", Offer: engine.Anonymous, Start: "question",
					Nodes: engine.Nodes{"question": {Stage: question, Next: engine.Next{engine.OK: "end"}}, "end": end},
				},
				{
					Flow: "acme.interview", Title: "answer two questions", OfSession: true, Start: "question", Slot: "acme.interview", Lifetime: time.Hour,
					Nodes: engine.Nodes{
						"question": {Stage: question, Next: engine.Next{engine.OK: "more"}},
						"more":     {Stage: more, Next: engine.Next{engine.OK: "end"}}, "end": end,
					},
				},
			},
			Handlers: map[engine.StageID]engine.Handler{"acme.question": poll{}, "acme.more": poll{}},
		}}
	}
}

// TestExtendFlows walks flows of another package over both contracts: one for everybody,
// and one of the session that waits in a slot of its own.
func TestExtendFlows(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		c := suite.NewLab(t, suite.Dev, withPolls).Client(kind)
		if r := c.Do("GET", "/auth/session", nil); !strings.Contains(r.Raw, `{"id":"acme.poll"}`) || strings.Contains(r.Raw, "acme.interview") {
			t.Errorf("offered is %s", r.Raw)
		}
		c.Do("POST", "/auth/stages/acme.poll", suite.M{}).Is(400, "answer:required")
		if r := c.Do("POST", "/auth/stages/acme.poll", suite.M{"answer": "42"}).Is(200); string(r.Data) != `{"thanks":"42"}` {
			t.Errorf("the flow answers %s", r.Raw)
		}
		if r := c.Do("POST", "/auth/stages/acme.poll/question", suite.M{}).Is(200); string(r.Data) != `{"question":"why?"}` {
			t.Errorf("the action answers %s", r.Raw)
		}
		c.Do("POST", "/auth/stages/acme.poll/answer", suite.M{}).Is(409)
		c.Do("POST", "/auth/stages/acme.interview", suite.M{"answer": "42"}).Is(401)
		c.Do("POST", "/auth/stages/acme.interview/question", suite.M{}).Is(401)
		c.Do("POST", "/auth/stages/acme.nothing", suite.M{"answer": "42"}).Is(409)
	})
	l := suite.NewLab(t, suite.Dev, withPolls)
	s := l.Somebody("ada@example.com")
	s.Send("POST", "/stages/acme.interview/", suite.M{"answer": "1"}).Is(401)
	if r := s.Send("POST", "/stages/acme.poll/", suite.M{"answer": "42"}).Is(200); !strings.Contains(r.Raw, `"flow":"acme.poll","result":{"thanks":"42"}`) {
		t.Errorf("the flow answers %s", r.Raw)
	}
	if r := s.Send("POST", "/stages/acme.poll/question/", suite.M{}).Is(200); !strings.Contains(r.Raw, `"result":{"question":"why?"}`) {
		t.Errorf("the action answers %s", r.Raw)
	}
	s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Entered("ada@example.com")
	first := s.Post("/stages/acme.interview/", suite.M{"answer": "1"}).Is(401)
	if !strings.Contains(first.Raw, `"flow":"acme.more","pending":true,"fields":[{"name":"answer","type":"text","required":true,"max_length":20,"help":"what you think"}],"actions":[{"name":"question"}]`) {
		t.Errorf("the stage says %s", first.Raw)
	}
	s.Post("/stages/acme.more/", suite.M{"answer": "2"}).Is(200)
	if n := l.Count(`SELECT count(*) FROM attributes WHERE name = 'acme.poll' AND value = '2'`); n != 1 {
		t.Errorf("%d attributes are stored", n)
	}
}

// TestExtendSession shows a signed-in headless client what waits in its session.
func TestExtendSession(t *testing.T) {
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.Dev, withPolls)
		l.Somebody("ada@example.com")
		c := l.Client(kind)
		c.Do("POST", "/auth/login", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(200)
		var data struct {
			Flows []struct {
				ID      string
				Pending bool `json:"is_pending"`
				Fields  []struct{ Name string }
				Actions []struct{ Name string }
			}
		}
		c.Do("POST", "/auth/stages/acme.interview", suite.M{"answer": "1"}).Is(200)
		r := c.Do("GET", "/auth/session", nil).Is(200)
		if err := json.Unmarshal(r.Data, &data); err != nil {
			t.Fatal(err)
		}
		if len(data.Flows) != 1 || data.Flows[0].ID != "acme.more" || !data.Flows[0].Pending || len(data.Flows[0].Fields) != 1 || len(data.Flows[0].Actions) != 1 {
			t.Errorf("what waits is %s", r.Raw)
		}
		c.Do("POST", "/auth/stages/acme.poll", suite.M{"answer": "42"}).Is(409)
		if r := c.Do("POST", "/auth/stages/acme.more", suite.M{"answer": "2"}).Is(200); string(r.Data) != `{"thanks":"2"}` {
			t.Errorf("the flow answers %s", r.Raw)
		}
		if r := c.Do("GET", "/auth/session", nil).Is(200); strings.Contains(r.Raw, "flows") {
			t.Errorf("afterwards %s", r.Raw)
		}
	})
}
