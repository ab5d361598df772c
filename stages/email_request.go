package stages

import (
	"context"

	"stagedoor/engine"
)

// EmailRequest takes the address that a signed-in account wants to verify.
func EmailRequest() engine.Stage {
	return engine.Stage{
		ID: "email_request", Kind: engine.Asks, Title: "an address to add",
		Exits:  engine.Exits{engine.OK: {}},
		Fields: []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "the address to add"}},
	}
}

type emailRequest struct{ *Env }

// Clean says whether the address can be added.
func (r emailRequest) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	_, errs, err := r.addable(ctx, s)
	return errs, err
}

// Submit takes an address that a signed-in account wants to add by code. A taken one
// goes the same way, with nothing in the mail that proves it.
func (r emailRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.account(ctx, s.Client.Account)
	if err != nil || account == nil {
		return wrong("email", "invalid"), err
	}
	return engine.Verdict{Exit: engine.OK, Hint: s.Values.Text("email"), Found: account}, nil
}
