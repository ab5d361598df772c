package stages

import (
	"context"

	"stagedoor/engine"
)

// EmailKey takes the key of a link in a client that waits for nothing.
func EmailKey() engine.Stage {
	return engine.Stage{
		ID: "email_key", Kind: engine.Asks, Title: "the key of a link",
		Exits:   engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Email}}},
		Fields:  keyField(),
		Actions: infoAction(keyField()),
	}
}

type emailKeyed struct{ emailLink }

// Submit judges the key of a link in a client that waits for nothing.
func (k emailKeyed) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	v, err := k.emailLink.Submit(ctx, s)
	if v.Exit != engine.Again {
		v.Exit = engine.OK
	}
	return v, err
}
