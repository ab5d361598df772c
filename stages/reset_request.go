package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// ResetRequest asks for an address of the account, to reset its password by a code.
func ResetRequest() engine.Stage {
	return engine.Stage{
		ID: "reset_request", Kind: engine.Asks, Title: "whose password is forgotten",
		Exits: engine.Exits{
			"known":   {Binds: true, Proves: []engine.Proof{engine.Subject}},
			"unknown": {Pretends: "known"},
		},
		Because: map[engine.Reason]string{"known": "an account has the address", "unknown": "no account has the address"},
		Fields:  []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "a mail address of the account"}},
	}
}

type resetRequest struct{ *Env }

// Submit finds the account by its address.
func (r resetRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	email := s.Values.Text("email")
	account, err := r.find(ctx, state.KeyEmail, email)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account != nil && account.Active {
		return engine.Verdict{Exit: "known", Subject: engine.AccountID(account.ID), Epoch: account.Epoch, Found: account, Hint: email}, nil
	}
	if r.PreventEnumeration == Shown {
		return wrong("email", "unknown_email"), nil
	}
	return engine.Verdict{Exit: "unknown", Hint: email, Messages: r.unknownNotice(email)}, nil
}

// Predict: a password is reset by way of an address.
func (resetRequest) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return reachable(byEmail)
}
