package stages

import (
	"context"
	"encoding/json"

	"stagedoor/engine"
	"stagedoor/stages/internal/passkey"
	"stagedoor/state"
)

// MFAAuthenticate asks for a second factor: something else than what was shown already. A
// passkey that was only touched is something else when its authenticator verifies its holder.
func MFAAuthenticate() engine.Stage {
	return engine.Stage{
		ID: "mfa_authenticate", Kind: engine.Asks, Wire: "mfa_authenticate", Title: "a second factor",
		Exits:   engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}, Distinct: true}},
		Because: map[engine.Reason]string{"ok": "the second factor was right"},
		Fields: []engine.Field{
			{Name: "code", Type: engine.Secret, Lookup: true, Help: "a TOTP code, or a recovery code"},
			{Name: "credential", Type: engine.JSONIn, Help: "instead of a code: the PublicKeyCredential as JSON"},
		},
		Actions: optionsAction(), Uses: engine.SlotCeremony,
	}
}

// MFAReauthenticate asks the signed-in account for a second factor again.
func MFAReauthenticate() engine.Stage {
	return engine.Stage{
		ID: "mfa_reauthenticate", Kind: engine.Asks, Title: "a second factor, again",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Second}}},
		Fields: factorFields(),
	}
}

func factorFields() []engine.Field {
	return []engine.Field{{Name: "code", Type: engine.Secret, Required: true, Lookup: true, Help: "a TOTP code, or a recovery code"}}
}

// factorData is what the stage keeps: the types to offer.
type factorData struct {
	Types []string `json:"t"`
}

type factor struct{ *Env }

// Enter notes the types of authenticator the account has.
func (factor) Enter(a engine.Arrival) (engine.Entered, error) {
	return engine.Entered{Data: factorData{Types: a.Person.SecondFactors}}, nil
}

// Describe lists the types of authenticator.
func (factor) Describe(r engine.Run) map[string]any {
	var d factorData
	if err := json.Unmarshal(r.Data, &d); err != nil {
		return nil
	}
	return map[string]any{"types": d.Types}
}

// Limits counts tries of codes against the account, whatever client they come from. A
// signature cannot be guessed.
func (f factor) Limits(s engine.Submission) []engine.Take {
	if s.Values.Given("credential") {
		return nil
	}
	return f.Rates.Takes("login_failed", engine.Counted{IP: s.Client.IP, Key: f.MFA.LimitKey(state.AccountID(s.Subject()))})
}

// Limited says what a client is told that has tried too often.
func (factor) Limited(engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Param: "code", Code: "too_many_login_attempts"}}
}

// Act begins an assertion of the run's account.
func (f factor) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	return ceremonies(f).request(ctx, s, s.Subject())
}

// Submit judges a TOTP code, a recovery code or an assertion of the run's account.
func (f factor) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	if s.Values.Given("credential") {
		v, err := ceremonies(f).assert(ctx, s, s.Subject(), engine.Method{})
		if err == nil && v.Credential != "" && s.Run != nil && v.Credential == s.Run.Credential {
			return notCredential(passkey.Param, "the run has shown this very credential already, and needs another factor"), nil
		}
		return v, err
	}
	if s.Values.Text("code") == "" {
		return wrong("code", "required"), nil
	}
	account, err := f.account(ctx, s.Subject())
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil || !account.Active {
		return wrong("code", "incorrect_code"), nil
	}
	factor, spend, err := f.MFA.Check(account, s.Values.Text("code"), s.Now)
	if err != nil {
		return engine.Verdict{}, err
	}
	if factor == nil {
		return wrong("code", "incorrect_code"), nil
	}
	return engine.Verdict{
		Exit: engine.OK, Found: account, Writes: []engine.Write{spend}, IfSpent: wrong("code", "incorrect_code").Errors,
		Methods: []engine.Method{{
			Method: "mfa", At: s.Now.UnixMilli(), ID: factor.ID, Type: string(factor.Type),
			Reauthenticated: s.Node == "mfa_reauthenticate",
		}},
		Refunds: engine.Refunds(f.Limits(s), engine.Take.ByKey),
	}, nil
}
