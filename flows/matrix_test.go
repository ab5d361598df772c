package flows_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/engine"
	"stagedoor/flows"
	"stagedoor/stages"
)

// theatre runs the shipped graphs in the real engine, with their real decisions. The
// handlers are puppets that leave by the exit they are told to, and the facts are the
// test's: what a submission makes true is set before it.
type theatre struct {
	*engine.Engine
	env   *stages.Env
	facts engine.Facts
	exit  engine.Exit
}

func newTheatre(s stages.Settings) (*theatre, error) {
	th := &theatre{env: &stages.Env{Settings: s}}
	set := flows.Bind(flows.All(s), th.env.Handlers())
	for id := range set.Handlers {
		set.Handlers[id] = puppet{th}
	}
	compiled, err := engine.Compile(set)
	if err != nil {
		return nil, err
	}
	th.Engine, err = engine.New(engine.Config{
		Flows: compiled, Store: pliant{}, Ledger: pliant{}, Loader: th, Mint: func(string) []byte { return make([]byte, 16) },
	})
	return th, err
}

// Facts are the test's; the engine adds what the run has shown.
func (th *theatre) Facts(_ context.Context, q engine.FactQuery) (engine.Facts, engine.Person, error) {
	f, _ := th.env.FixedFacts(q.Flow)
	own := th.facts
	f.Active, f.Email, f.Phone, f.SecondFactor = own.Active, own.Email, own.Phone, own.SecondFactor
	f.TrustsCode, f.TrustsSecond, f.Browser = own.TrustsCode, own.TrustsSecond, own.Browser
	f.Binds, f.Bound = own.Binds, own.Bound
	f.Signup = q.Signup
	return f, engine.Person{Account: "7", Epoch: 1, Email: "ann@example.org"}, nil
}

// puppet leaves by the exit it is told to.
type puppet struct{ *theatre }

func (p puppet) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	v := engine.Verdict{Exit: p.exit}
	if s.Run == nil || s.Run.Subject == "" {
		v.Subject, v.Epoch = "7", 1
	}
	return v, nil
}

func (puppet) Act(context.Context, string, engine.Submission) (engine.Acted, error) {
	return engine.Acted{Keep: true}, nil
}

// pliant stores whatever it is given: there is one client, and it comes once at a time.
type pliant struct{}

func (pliant) Load(context.Context, engine.Key, []engine.Take, time.Time) (engine.Entry, *engine.Refusal, error) {
	return engine.Entry{}, nil, nil
}
func (pliant) Swap(context.Context, engine.Swap) (engine.Entry, bool, error) {
	return engine.Entry{}, true, nil
}
func (pliant) Take(context.Context, []engine.Take, time.Time) (*engine.Refusal, error) {
	return nil, nil
}
func (pliant) Commit(_ context.Context, b engine.Batch) (engine.Receipt, error) {
	return engine.Receipt{Account: "a", Session: "s", TTL: time.Hour, Epoch: 1}, nil
}
func (pliant) Release(context.Context, engine.Batch) error { return nil }
func (pliant) Abandon(context.Context, engine.Batch) error { return nil }

// walk drives one run from a way in to its end, choosing among what is foretold, and
// returns what was asked, where it ended, and what was chosen. It reports false where the
// facts cannot be.
func (th *theatre) walk(rt *rapid.T, w engine.Way) (asked []string, end string, chosen map[string]string, ok bool) {
	handlers := th.env.Handlers()
	f := th.Flows.Flow(w.Flow)
	node, turn := f.Graph.Start, engine.Turn{Now: time.Unix(1_900_000_000, 0), Client: engine.Client{Kind: "browser"}}
	chosen = make(map[string]string)
	for round := 0; ; round++ {
		exits := []engine.Exit{w.Start.Exit}
		if round > 0 {
			exits = nil
			for exit := range f.Graph.Nodes[node].Next {
				exits = append(exits, exit)
			}
			slices.Sort(exits)
		}
		type choice struct {
			exit engine.Exit
			engine.Case
		}
		var open []choice
		stays := ""
		for _, exit := range exits {
			cases := []engine.Case{{}}
			if teller, is := handlers[f.Graph.Nodes[node].Stage.ID].(engine.Predictor); is {
				cases = teller.Predict(w.Flow, engine.Edge{Node: node, Exit: exit})
			}
			for _, c := range cases {
				switch {
				case c.If != nil && !c.If(th.facts):
				case c.Cannot != "":
					return nil, "", nil, false
				case c.Stays != "":
					stays = string(node) + " stays"
				default:
					open = append(open, choice{exit, c})
				}
			}
		}
		if len(open) == 0 {
			return asked, stays, chosen, true
		}
		c := open[rapid.IntRange(0, len(open)-1).Draw(rt, "choice")]
		if len(open) > 1 {
			chosen[string(node)] = c.Name
			if c.Name == "" {
				chosen[string(node)] = string(c.exit)
			}
		}
		if round > 0 {
			asked = append(asked, string(node)+"."+string(c.exit))
		}
		th.become(c.Case)
		switch node {
		case "verify_email":
			th.facts.Email = engine.IsVerified
		case "verify_phone":
			th.facts.Phone = engine.IsVerified
		}
		th.exit = c.exit
		turn.Seed = engine.Seed{byte(round), 1}
		var ans engine.Answer
		var err error
		if round == 0 {
			ans, err = th.Start(context.Background(), w.Flow, turn)
		} else {
			ans, err = th.Submit(context.Background(), f.Graph.Nodes[node].Stage.Wire, turn)
		}
		if err != nil {
			rt.Fatalf("%s at %s by %s: %v", w.Flow, node, c.exit, err)
		}
		switch ans.Outcome {
		case engine.Granted, engine.Finished:
			return asked, string(ans.End), chosen, true
		case engine.Advanced:
			node, turn.Entry, turn.Key = ans.Run.Node, ans.Entry, ans.Key
		default:
			rt.Fatalf("%s at %s by %s: %s", w.Flow, node, c.exit, ans.Outcome)
		}
	}
}

// become makes true what a case says.
func (th *theatre) become(c engine.Case) {
	from, to := reflect.ValueOf(c.Then), reflect.ValueOf(&th.facts).Elem()
	for _, name := range c.Sets {
		to.FieldByName(name).Set(from.FieldByName(name))
	}
}

// word is how a matrix calls the value of a fact.
func word(name string, f engine.Facts) string {
	switch name {
	case "Email":
		return []string{"no address", "unverified address", "verified address"}[f.Email]
	case "Phone":
		return []string{"no number", "unverified number", "verified number"}[f.Phone]
	}
	words := map[string][2]string{
		"Active": {"disabled", "active account"}, "SecondFactor": {"no second factor", "second factor"},
		"TrustsCode": {"not trusted for codes", "trusted for codes"}, "TrustsSecond": {"not trusted", "trusted browser"},
		"Browser": {"app", "browser"}, "Signup": {"account there before", "new account"},
		"Binds": {"binds no sessions", "binds its sessions"}, "Bound": {"no key of its device", "key of its device"},
	}
	if reflect.ValueOf(f).FieldByName(name).Bool() {
		return words[name][1]
	}
	return words[name][0]
}

// row finds what the matrix says of somebody: the rows whose cases fit.
func row(w engine.Way, f engine.Facts, chosen map[string]string) []string {
	var out []string
	for _, r := range w.Rows {
		for _, c := range r.Cases {
			fits := true
			for name, value := range c.Facts {
				if chose, is := chosen[name]; is {
					fits = fits && chose == value
				} else if _, fact := reflect.TypeFor[engine.Facts]().FieldByName(name); fact {
					fits = fits && word(name, f) == value
				} else {
					fits = false
				}
			}
			if fits {
				out = append(out, said(r.Result))
			}
		}
	}
	return out
}

// said is a result as one text.
func said(r engine.Result) string {
	var asked []string
	for _, a := range r.Asked {
		asked = append(asked, string(a.Node)+"."+string(a.Exit))
	}
	end := string(r.End)
	if r.Stays != "" {
		end += " stays"
	}
	return strings.Join(append(asked, end), " ")
}

// TestMatrixAgreesWithTheEngine: whoever walks in, on whatever server, is asked by the
// engine exactly what the one row of the matrix says that is about them.
func TestMatrixAgreesWithTheEngine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := everything()
		for _, g := range toggles() {
			g.set(&s, rapid.Bool().Draw(rt, g.name))
		}
		s.LoginMethods = rapid.SampledFrom([][]string{{"email"}, {"phone"}, {"username"}, {"email", "phone"}}).Draw(rt, "methods")
		for _, field := range []string{"email", "phone"} {
			switch rapid.SampledFrom([]string{"not asked", "asked", "required"}).Draw(rt, field) {
			case "not asked":
				delete(s.SignupFields, field)
			case "asked":
				s.SignupFields[field] = false
			case "required":
				s.SignupFields[field] = true
			}
		}
		if _, asked := s.SignupFields["email"]; asked {
			s.Social.RequireEmail = rapid.Bool().Draw(rt, "address of a provider")
		}
		s.VerifyEmail = rapid.SampledFrom([]engine.Demand{engine.Off, engine.Optional, engine.Mandatory}).Draw(rt, "verification")
		if s.Social.VerifyEmail, s.Social.AutoSignup = s.VerifyEmail, rapid.Bool().Draw(rt, "auto"); rapid.Bool().Draw(rt, "social") {
			s.Social.SignupOpen = true
		}
		if code := rapid.Bool().Draw(rt, "code"); code {
			s.RequireCode = func(engine.FlowID) bool { return true }
		}
		th, err := newTheatre(s)
		if err != nil {
			rt.Fatal(err)
		}
		m := matrixOf(rt, s)
		for _, w := range m.Ways {
			f := engine.Facts{
				Active: rapid.IntRange(0, 5).Draw(rt, "active") > 0, SecondFactor: rapid.Bool().Draw(rt, "second factor"),
				Email: engine.Verified(rapid.IntRange(0, 2).Draw(rt, "email is")), Phone: engine.Verified(rapid.IntRange(0, 2).Draw(rt, "phone is")),
				Browser: rapid.Bool().Draw(rt, "browser"),
			}
			f.TrustsCode = f.Browser && s.TrustCode && rapid.Bool().Draw(rt, "trusts code")
			f.TrustsSecond = f.Browser && s.OfferTrust && rapid.Bool().Draw(rt, "trusts second")
			f.Binds = f.Browser && s.BindsSessions && rapid.Bool().Draw(rt, "binds")
			f.Bound = s.BindsSessions && rapid.Bool().Draw(rt, "bound")
			th.facts = f
			asked, end, chosen, ok := th.walk(rt, w)
			if !ok {
				continue
			}
			want := strings.Join(append(asked, end), " ")
			if got := row(w, f, chosen); !slices.Equal(got, []string{want}) {
				rt.Fatalf("%s for %+v, choosing %v:\nthe engine %s\nthe matrix %q\n%s", w.Name(), f, chosen, want, got, m)
			}
		}
	})
}

// fataller is a test, of this package or of rapid.
type fataller interface {
	Helper()
	Fatal(args ...any)
}

// matrixOf is the matrix of the shipped flows under settings.
func matrixOf(t fataller, s stages.Settings) engine.Matrix {
	t.Helper()
	env := &stages.Env{Settings: s}
	compiled, err := engine.Compile(flows.Bind(flows.All(s), env.Handlers()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := compiled.Matrix(env.FixedFacts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMatrixOfEverySetting: whatever is switched on there is a matrix, no way to a
// session asks a second factor of nobody that has one and shows none, and a matrix
// differs from itself in nothing.
func TestMatrixOfEverySetting(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("it computes for a minute, in one goroutine; without -race it does not")
	}
	for _, base := range bases() {
		for _, g := range toggles() {
			for _, on := range []bool{true, false} {
				s := base
				g.set(&s, on)
				m := matrixOf(t, s)
				if changes := engine.Compare(m, m); len(changes) > 0 {
					t.Errorf("%s %t: differs from itself: %+v", g.name, on, changes)
				}
				for _, w := range m.Ways {
					secondFactorHolds(t, fmt.Sprintf("%s %t, %s", g.name, on, w.Name()), w, s)
				}
			}
		}
	}
}

// secondFactorHolds: an account with a second factor gets a session only by showing it,
// by a passkey, or in a browser that is trusted.
func secondFactorHolds(t *testing.T, about string, w engine.Way, s stages.Settings) {
	for _, r := range w.Rows {
		var shown bool
		for _, a := range r.Asked {
			shown = shown || a.Node == "mfa_authenticate"
		}
		if !r.Grants || shown || w.Start.Exit == "verified" || w.Start.Exit == "present" && s.Presence {
			continue
		}
		for _, c := range r.Cases {
			if c.Facts["SecondFactor"] == "second factor" && c.Facts["TrustsSecond"] != "trusted browser" {
				t.Errorf("%s: %v signs in", about, c.Facts)
			}
		}
	}
}
