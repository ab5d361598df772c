package stages

import (
	"context"

	"stagedoor/engine"
)

// WebAuthnReauthenticate asks the signed-in account for one of its credentials again.
func WebAuthnReauthenticate() engine.Stage {
	return engine.Stage{
		ID: "webauthn_reauthenticate", Kind: engine.Asks, Title: "a WebAuthn credential, again",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}}},
		Fields: []engine.Field{credentialField()}, Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

type webauthnReauthenticate struct{ ceremonies }

// Act begins an assertion of the signed-in account.
func (r webauthnReauthenticate) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return r.request(ctx, s, s.Client.Account)
}

// Submit judges the assertion.
func (r webauthnReauthenticate) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	return r.assert(ctx, s, s.Client.Account, engine.Method{Reauthenticated: true})
}
