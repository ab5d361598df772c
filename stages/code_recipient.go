package stages

import (
	"context"
	"strings"

	"stagedoor/engine"
)

// CodeRecipient asks which of its verified addresses and numbers the signed-in account gets
// a code at, to reauthenticate with.
func CodeRecipient() engine.Stage {
	return engine.Stage{
		ID: "code_recipient", Kind: engine.Asks, Title: "where to send a code",
		Exits:   engine.Exits{engine.OK: {}},
		Because: map[engine.Reason]string{"ok": "the account has verified the address or number"},
		Fields: []engine.Field{
			{Name: "email", Type: engine.EmailIn, Help: "a verified mail address of the account"},
			{Name: "phone", Type: engine.PhoneIn, Help: "or its verified phone number, in E.164"},
		},
	}
}

type codeRecipient struct{ *Env }

// Submit finds the address or number among those that the account has verified.
func (r codeRecipient) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	t, errs := oneTarget(s)
	if len(errs) > 0 {
		return engine.Verdict{Errors: errs}, nil
	}
	account, err := r.account(ctx, s.Client.Account)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account != nil {
		for _, to := range account.Snapshot().Recipients() {
			if strings.EqualFold(to, t.value) {
				return engine.Verdict{Exit: engine.OK, Found: account, Hint: to}, nil
			}
		}
	}
	return wrong(t.method, "unknown_"+t.method), nil
}
