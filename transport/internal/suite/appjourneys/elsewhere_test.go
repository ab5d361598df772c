package appjourneys

import (
	"context"
	"encoding/json"

	"github.com/chromedp/chromedp"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// recoveryCode is the first of the codes that are left.
func recoveryCode(c *suite.Client) string {
	c.T.Helper()
	var got struct {
		Codes []string `json:"unused_codes"`
	}
	if err := json.Unmarshal(c.Do("GET", "/account/authenticators/recovery-codes", nil).Is(200).Data, &got); err != nil || len(got.Codes) == 0 {
		c.T.Fatalf("no recovery codes: %v", err)
	}
	return got.Codes[0]
}

// withoutPage is for what a development server has besides the app.
func withoutPage(c *config.Config, _ *server.Options) { c.SocialAccount.AutoSignup = false }

// dummy fills the page of the provider dummy in.
func (w *walker) dummy(email, button string) {
	w.T.Helper()
	w.Do("the other site asks", suite.Shown("input[name=email_verified]"), chromedp.SetValue(chromedp.CSS("input[name=email]"), email),
		suite.Click("input[name=email_verified]"), suite.Click("button[value="+button+"]"))
}

// anotherSite signs up by another site, in again, and disconnects and connects it.
func anotherSite(w *walker) {
	w.Open("/account/login")
	w.Look("login-provider")
	w.Press("Continue with Dummy")
	w.dummy("ann@example.org", "cancel")
	w.At("/account/login", "Sign in")
	w.Sees("You came back without signing in. Nothing has changed.")
	w.Look("login-cancelled")
	w.Open("/account/provider/callback?error=unknown")
	w.At("/account/provider/callback", "That did not work")
	w.Look("callback")
	w.Press("Back to sign-in")
	w.Press("Continue with Dummy")
	w.dummy("ann@example.org", "login")
	w.At("/account/step", "Almost done")
	w.Sees("You come from Dummy.")
	w.Look("provider-signup")
	w.Fill("E-mail address", "ann")
	w.Press("Create account")
	w.Complains("E-mail address", "This is not an e-mail address.")
	w.Reload()
	w.Press("Create account") // with what the other site said
	w.At("/account/", "Hello, ann")
	w.Press("Connections")
	w.At("/account/providers", "Connections")
	w.Sees("Dummy")
	w.Look("providers")
	w.Sees("It is your only way in: it cannot be disconnected.")
	w.Press("Set a password first")
	w.Fill("New password", pass)
	w.Press("Set password")
	w.Sees("Your password is set.")
	w.Press("Connections")
	w.Press("Disconnect")
	w.Press("Disconnect")
	w.Sees("Dummy is disconnected.")
	w.Look("providers-none")
	w.Press("Connect Dummy")
	w.dummy("ann@example.org", "login")
	w.At("/account/providers", "Connections")
	w.Sees("Disconnect")
}

// terms is a stage of another package: whoever signs in accepts something first.
type terms struct{}

// Submit lets pass who accepts, but nobody.
func (terms) Submit(_ context.Context, s engine.Submission) (engine.Verdict, error) {
	if s.Values.Text("nickname") == "nobody" {
		return engine.Verdict{Errors: []engine.FieldError{{Param: "nickname", Code: "invalid"}}}, nil
	}
	return engine.Verdict{Exit: engine.OK}, nil
}

// Act answers what is to be accepted.
func (terms) Act(context.Context, string, engine.Submission) (engine.Acted, error) {
	return engine.Acted{Keep: true, Reply: map[string]string{"text": "Be kind to each other."}}, nil
}

// withTerms puts the stage before every session.
func withTerms(_ *config.Config, o *server.Options) {
	o.Extend = func(server.Parts) []engine.Extension {
		stage := engine.Stage{
			ID: "acme.house_rules", Kind: engine.Asks, Wire: "acme.house_rules", Title: "rules", Exits: engine.Exits{engine.OK: {}},
			Fields: []engine.Field{
				{Name: "nickname", Type: engine.Text, MaxLength: 10, Required: true, Help: "How others call you."}, {Name: "accept", Type: engine.Bool, Required: true},
			},
			Actions: []engine.Action{{Name: "read_them"}},
		}
		return []engine.Extension{{
			Owner:    "acme",
			Splices:  []engine.Splice{{Before: "session", Nodes: engine.Nodes{"acme.house_rules": {Stage: stage, Next: engine.Next{engine.OK: engine.Onward}}}}},
			Handlers: map[engine.StageID]engine.Handler{"acme.house_rules": terms{}},
		}}
	}
}

// ownStage passes a stage that the app has never heard of, by what the server says of it.
func ownStage(w *walker) {
	w.account()
	w.signIn()
	w.At("/account/step", "House rules")
	w.Look("own-stage")
	w.Press("Read them")
	w.Sees("Be kind to each other.")
	w.Fill("Nickname", "nobody")
	w.Press("Continue")
	w.Complains("Accept", "")
	w.Check("Accept")
	w.Press("Continue")
	w.Complains("Nickname", "not valid")
	w.Fill("Nickname", "annie")
	w.Press("Continue")
	w.At("/account/", "Hello, ann")
}
