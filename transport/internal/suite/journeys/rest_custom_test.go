package journeys

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// terms is a stage of another package: whoever signs in accepts something first.
type terms struct{}

// Submit lets pass who accepts.
func (terms) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	if s.Values.Text("name") == "nobody" {
		return engine.Verdict{Errors: []engine.FieldError{{Param: "name", Code: "invalid"}}}, nil
	}
	return engine.Verdict{Exit: engine.OK}, nil
}

// Act answers what is to be accepted.
func (terms) Act(context.Context, string, engine.Submission) (engine.Acted, error) {
	return engine.Acted{Keep: true, Reply: map[string]string{"text": "be kind"}}, nil
}

// withTerms puts the stage before every session.
func withTerms(field string) suite.SetUp {
	return func(_ *config.Config, o *server.Options) {
		o.Extend = func(server.Parts) []engine.Extension {
			stage := engine.Stage{
				ID: "acme.terms", Kind: engine.Asks, Wire: "acme.terms", Title: "terms", Exits: engine.Exits{engine.OK: {}},
				Fields:  []engine.Field{{Name: "accept", Type: engine.Bool, Required: true}, {Name: field, Type: engine.Text, MaxLength: 10}},
				Actions: []engine.Action{{Name: "text"}},
			}
			return []engine.Extension{{
				Owner:    "acme",
				Splices:  []engine.Splice{{Before: "session", Nodes: engine.Nodes{"acme.terms": {Stage: stage, Next: engine.Next{engine.OK: engine.Onward}}}}},
				Handlers: map[engine.StageID]engine.Handler{"acme.terms": terms{}},
			}}
		}
	}
}

// TestRestCustomStage carries a stage of another package by the general route, by its
// declared fields, its action too, and writes it down.
func TestRestCustomStage(t *testing.T) {
	l := suite.NewLab(t, suite.Dev, withTerms("name"))
	s := l.Somebody("ada@example.com")
	run := s.Post("/login/", suite.M{"email": "ada@example.com", "password": suite.Password}).Is(401).Waits("acme.terms").FlowToken
	if r := s.Post("/stages/acme.terms/text/", suite.M{"token": run}).Is(200); !strings.Contains(r.Raw, `"text":"be kind"`) {
		t.Errorf("the action answers %s", r.Raw)
	}
	s.Post("/stages/acme.terms/nothing/", suite.M{"token": run}).Is(409)
	s.Post("/stages/acme.terms/", suite.M{"accept": true}).Is(400, "token:required")
	s.Post("/stages/acme.terms/", suite.M{"token": run}).Is(400, "accept:required")
	s.Post("/stages/acme.terms/", suite.M{"token": run, "accept": true, "name": strings.Repeat("x", 11)}).Is(400, "name:max_length")
	s.Post("/stages/acme.terms/", suite.M{"token": run, "accept": true, "name": "nobody"}).Is(400, "name:invalid")
	s.Post("/stages/mfa_authenticate/", suite.M{"token": run, "code": "123456"}).Is(409)
	s.Post("/stages/acme.terms", suite.M{"token": run, "accept": true}).Entered("ada@example.com")
	got, err := http.Get(l.URL + "/auth/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text := new(strings.Builder)
	if err := got.Write(text); err != nil || !strings.Contains(text.String(), "/auth/stages/acme.terms/text:") {
		t.Errorf("the stage is not written down: %v", err)
	}
}

// TestRestReservedField refuses a stage whose field could not be told from the run's
// token.
func TestRestReservedField(t *testing.T) {
	c, o := suite.LabConfig(t.TempDir(), "127.0.0.1:0"), server.Options{Mail: suite.NewMails()}
	suite.Dev(&c, &o)
	withTerms("token")(&c, &o)
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s, err := server.Open(t.Context(), c, o)
	if err == nil {
		_ = s.Close(t.Context())
		t.Fatal("the server starts")
	}
	if !strings.Contains(err.Error(), `stage acme.terms has a field "token"`) {
		t.Error(err)
	}
}
