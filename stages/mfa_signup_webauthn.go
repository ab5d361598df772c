package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// MFASignupWebAuthn takes the passkey of an account that has just been made.
func MFASignupWebAuthn() engine.Stage {
	return engine.Stage{
		ID: "mfa_signup_webauthn", Kind: engine.Asks, Wire: "mfa_signup_webauthn", Title: "the passkey of a new account",
		Exits:   engine.Exits{engine.OK: {Proves: []engine.Proof{PasskeyMade}}},
		Fields:  append(newCredential(), credentialField()),
		Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

// PasskeyMade is the proof that a passkey was made for the account in this run.
const PasskeyMade engine.Proof = "passkey_made"

type passkeySignup struct{ ceremonies }

// Act begins the registration of the passkey.
func (p passkeySignup) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return p.create(ctx, s, s.Run.Subject, passkey.Options{Passwordless: true})
}

// Submit adds the passkey to the account that was just made.
func (p passkeySignup) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := p.account(ctx, s.Run.Subject)
	if err != nil || a == nil {
		return notCredential("", "the account is gone"), err
	}
	made, v, err := p.register(a, s)
	if err != nil || made == nil {
		return v, err
	}
	v.Writes = []engine.Write{state.AddAuthenticator{Authenticator: made.Authenticator}}
	return v, nil
}
