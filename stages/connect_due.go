package stages

import (
	"context"

	"stagedoor/engine"
)

// Recent is the proof that whose session it is was proved again shortly before, where that is
// asked for.
const Recent engine.Proof = "recent"

// ConnectDue asks whether a provider's account may be connected to the one that is
// signed in.
func ConnectDue() engine.Stage {
	return engine.Stage{
		ID: "connect_due", Kind: engine.Decides, Title: "may it be connected?",
		Exits: engine.Exits{"recent": {Proves: []engine.Proof{Recent}}, "not_recent": {}, "anonymous": {}, "taken": {}},
		Reads: []string{"Own"},
		Because: map[engine.Reason]string{
			"connect=recent":     "who is signed in has proved it lately",
			"connect=not_recent": "who is signed in must prove it again first",
			"connect=anonymous":  "nobody is signed in whose account it could be connected to",
			"connect=taken":      "the provider's account is connected to another account",
		},
	}
}

// connecting is the account at a provider that a signed-in client wants, as connect_due
// looks at it.
type connecting struct{ due engine.Exit }

type connectDue struct{}

// FactValues lists the exits.
func (connectDue) FactValues() []string {
	return []string{"recent", "not_recent", "anonymous", "taken"}
}

// LoadFact tells what the handler found out; without one nobody is signed in.
func (connectDue) LoadFact(_ context.Context, q engine.FactQuery) (string, error) {
	if c, ok := q.Found.(*connecting); ok {
		return string(c.due), nil
	}
	return "anonymous", nil
}

// Decide leaves by the exit the fact names.
func (connectDue) Decide(f engine.Facts) (engine.Exit, engine.Reason) {
	return engine.Exit(f.Own), engine.Reason("connect=" + f.Own)
}

// FoundAccount marks what the verdict hands to the loader.
func (*connecting) FoundAccount() {}
