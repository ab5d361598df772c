package bindings

import (
	"context"
	"regexp"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// person is somebody in front of an example: they see titles, fill fields and press buttons.
type person interface {
	// sees waits until what is shown contains a text, and returns all of it.
	sees(text string) string
	// gone waits until it does not any more.
	gone(text string)
	// fails waits until an error contains a text; works waits until what was done is done, and
	// fails the test where there is an error.
	fails(text string)
	works()
	// does fills fields, name by value in the order of the form, and presses a button.
	does(button string, values ...entry)
}

// entry is a value for a field: its name, and what is typed; "yes" ticks a box.
type entry struct{ field, value string }

// secret finds the key that an authenticator app is to be given.
var secret = regexp.MustCompile(`shows: ([A-Z2-7]{16,})`)

// walk goes through a journey that meets everything an example has: a mistake beside a field,
// a code that is sent again, a stage that the library does not know, a proof on the way to a
// second factor, and the second factor itself.
func walk(l *suite.Lab, p person, email string) {
	l.T.Helper()
	who := []entry{{"email", email}, {"password", suite.Password}}
	p.sees("Sign in")
	p.does("Sign in", who...)
	p.fails("is wrong")
	p.does("Sign up", who...)
	p.sees("Is this your address?")
	l.Mail(email)
	p.does("Send it again")
	p.works()
	p.does("Continue", entry{"key", "QQQQQQ"})
	p.fails("code")
	p.does("Continue", entry{"key", l.Code(email)})

	p.sees("One more step: acme.terms")
	p.does("Text")
	p.works()
	p.does("Continue", entry{"accept", "yes"}, entry{"name", "nobody"})
	p.fails("not valid")
	p.does("Continue", entry{"accept", "yes"}, entry{"name", "Ann"})
	p.sees("Hello, " + email)

	p.does("Add an authenticator app")
	key := secret.FindStringSubmatch(p.sees("Your authenticator app"))
	if key == nil {
		l.T.Fatal("no key is shown for the authenticator app")
	}
	l.Clock.Pass(6 * time.Minute) // the sign-in is no proof any more
	p.does("Activate", entry{"code", l.TOTP(key[1])})
	p.sees("Is it still you?")
	p.does("Confirm", entry{"password", "not " + suite.Password})
	p.fails("is wrong")
	p.does("Confirm", entry{"password", suite.Password})
	p.gone("Your authenticator app")
	p.sees("Hello, " + email)
	p.does("Sign out")

	p.sees("Sign in")
	p.does("Sign in", who...)
	p.sees("Your second factor")
	l.Clock.Pass(suite.Period)
	p.does("Continue", entry{"code", l.TOTP(key[1])})
	p.sees("One more step: acme.terms")
	p.does("Continue", entry{"accept", "yes"}, entry{"name", "Ann"})
	p.sees("Hello, " + email)
	if got := l.Count(`SELECT count(*) FROM sessions`); got == 0 {
		l.T.Error("nobody is signed in")
	}
}

// terms is a stage of another package: whoever signs in accepts something first.
type terms struct{}

// Submit lets pass who accepts, but for nobody.
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

// newLab starts a server with a stage of its own before every session, for pages of an origin.
func newLab(t *testing.T, origin string) *suite.Lab {
	return suite.NewLab(t, suite.ByCode, func(c *config.Config, o *server.Options) {
		c.CORSAllowedOrigins, c.CSRFTrustedOrigins = []string{origin}, []string{origin}
		o.Extend = func(server.Parts) []engine.Extension {
			stage := engine.Stage{
				ID: "acme.terms", Kind: engine.Asks, Wire: "acme.terms", Title: "terms", Exits: engine.Exits{engine.OK: {}},
				Fields: []engine.Field{
					{Name: "accept", Type: engine.Bool, Required: true, Help: "I accept the terms"},
					{Name: "name", Type: engine.Text, MaxLength: 10},
				},
				Actions: []engine.Action{{Name: "text"}},
			}
			return []engine.Extension{{
				Owner:    "acme",
				Splices:  []engine.Splice{{Before: "session", Nodes: engine.Nodes{"acme.terms": {Stage: stage, Next: engine.Next{engine.OK: engine.Onward}}}}},
				Handlers: map[engine.StageID]engine.Handler{"acme.terms": terms{}},
			}}
		}
	})
}
