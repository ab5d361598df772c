package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// PasskeyLogin takes the assertion of a passkey: a first factor, and a second one where
// the authenticator verified its holder. It must have, unless presence is enough.
func PasskeyLogin() engine.Stage {
	shown := []engine.Proof{engine.Subject, engine.First, engine.Assertion}
	return engine.Stage{
		ID: "passkey_login", Kind: engine.Asks, Title: "a passkey",
		Exits: engine.Exits{
			"verified": {Binds: true, Proves: append([]engine.Proof{engine.Second}, shown...)},
			"present":  {Binds: true, Proves: shown},
		},
		Because: map[engine.Reason]string{
			"verified": "the passkey was used by who it knows", "present": "the passkey was used, and did not ask by whom",
		},
		Fields: []engine.Field{credentialField()}, Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

type passkeyLogin struct{ ceremonies }

// Act begins a passkey login of any account.
func (p passkeyLogin) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	options, session, err := p.passkeys.BeginDiscoverable(s.Seed.Bytes("challenge", 32), s.Now)
	return p.optionsReply(s, options, session, err)
}

// Submit finds the account that the passkey signs in to.
func (p passkeyLogin) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	find := func(ctx context.Context, id []byte) (*state.Account, error) {
		return p.find(ctx, state.KeyCredential, string(id))
	}
	got, err := p.passkeys.FinishDiscoverable(ctx, lastOptions(s), s.Values.JSON("credential"), find, s.Now)
	if err != nil {
		return refusedCredential(err, passkey.Param)
	}
	if !got.Account.Active {
		v := notCredential(passkey.Param, "the account is disabled")
		v.About = engine.AccountID(got.Account.ID)
		return v, nil
	}
	v := p.assertionVerdict(got, s, engine.Method{Passwordless: true})
	v.Subject, v.Epoch, v.Exit = engine.AccountID(got.Account.ID), got.Account.Epoch, "present"
	if got.UserVerified {
		v.Exit = "verified"
	}
	return v, nil
}

// Predict: the account has a passkey, which is a second factor, too. One that was only
// touched signs in where presence is enough.
func (p passkeyLogin) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	if at.Exit == "present" && !p.Presence {
		return []engine.Case{{Stays: "it did not verify its holder"}}
	}
	c := existingAccount()
	c.Sets, c.Then.SecondFactor = append(c.Sets, "SecondFactor"), true
	return []engine.Case{ifDisabled("answered like an unknown passkey"), ifActive(c)}
}
