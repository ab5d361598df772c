package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// WebAuthnAdd takes a new credential of the signed-in account.
func WebAuthnAdd() engine.Stage {
	return engine.Stage{
		ID: "webauthn_add", Kind: engine.Asks, Title: "a new WebAuthn credential",
		Exits: engine.Exits{engine.OK: {}},
		Fields: append(newCredential(), engine.Field{
			Name: "conditional", Type: engine.Bool, Help: "it was made for options that were asked for as conditional",
		}, credentialField()),
		Actions: optionsAction(
			engine.Field{Name: "passwordless", Type: engine.Bool, Help: "a passkey rather than a security key"},
			engine.Field{Name: "conditional", Type: engine.Bool, Help: "a passkey that the browser makes by itself, for mediation: conditional"},
		),
		Uses: engine.SlotCeremony,
	}
}

// withCodes is the write that adds the credential, and recovery codes where there are
// none.
func (c ceremonies) withCodes(a *state.Account, made *state.Authenticator, s engine.Submission) ([]engine.Write, bool, error) {
	writes := []engine.Write{state.AddAuthenticator{Authenticator: *made}}
	if a.Authenticator(state.RecoveryCodes) != nil {
		return writes, false, nil
	}
	codes, err := c.MFA.NewRecoveryCodes(s.Seed.ID("recovery codes"), s.Seed.Bytes("recovery codes", 32), s.Now)
	return append(writes, state.AddAuthenticator{Authenticator: codes}), true, err
}

type webauthnAdd struct{ ceremonies }

// Act begins the registration of a credential.
func (w webauthnAdd) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return w.create(ctx, s, s.Client.Account, passkey.Options{
		Passwordless: s.Values.Bool("passwordless"), Conditional: s.Values.Bool("conditional") && w.PasskeyUpgrade,
	})
}

// Submit adds the credential.
func (w webauthnAdd) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := w.account(ctx, s.Client.Account)
	if err != nil || a == nil {
		return notCredential("", "the account is gone"), err
	}
	made, v, err := w.register(a, s)
	if err != nil || made == nil {
		return v, err
	}
	if s.Values.Bool("conditional") && !made.Conditional {
		return notCredential("", "the options it answers were not those of a passkey that a browser makes by itself"), nil
	}
	writes, generated, err := w.withCodes(a, &made.Authenticator, s)
	v.Writes, v.Messages = writes, w.securityNotice(a, state.WebAuthnAddedTemplate, s)
	v.Reply = &state.Added{Authenticator: &made.Authenticator, Codes: generated}
	return v, err
}
