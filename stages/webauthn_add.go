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
		Exits:   engine.Exits{engine.OK: {}},
		Fields:  append(newCredential(), credentialField()),
		Actions: optionsAction(engine.Field{Name: "passwordless", Type: engine.Bool, Help: "a passkey rather than a security key"}),
		Uses:    engine.SlotCeremony,
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
	return w.create(ctx, s, s.Client.Account, s.Values.Bool("passwordless"))
}

// Submit adds the credential.
func (w webauthnAdd) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	a, err := w.account(ctx, s.Client.Account)
	if err != nil || a == nil {
		return wrong("", passkey.Code), err
	}
	made, errs, err := w.register(a, s)
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs}, err
	}
	writes, generated, err := w.withCodes(a, made, s)
	return engine.Verdict{
		Exit: engine.OK, Found: a, Writes: writes, Messages: w.securityNotice(a, state.WebAuthnAddedTemplate, s),
		Reply: &state.Added{Authenticator: made, Codes: generated}, IfSpent: wrong("", passkey.Code).Errors,
	}, err
}
