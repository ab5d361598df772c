package stages

import (
	"context"

	"stagedoor/engine"
)

// EmailRecode is EmailResend where addresses are verified by code.
func EmailRecode() engine.Stage {
	return engine.Stage{
		ID: "email_recode", Kind: engine.Asks, Title: "an address to verify",
		Exits:  engine.Exits{engine.OK: {}},
		Fields: EmailRequest().Fields,
	}
}

type emailRecode struct{ emailResend }

// Submit lets a code be mailed to the address.
func (r emailRecode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.account(ctx, s.Client.Account)
	if err != nil || account == nil {
		return wrong("email", "unknown_email"), err
	}
	return engine.Verdict{Exit: engine.OK, Found: account, Hint: s.Values.Text("email")}, nil
}
