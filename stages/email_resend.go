package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// EmailResend takes an address of the signed-in account that is to be verified, and
// mails a link.
func EmailResend() engine.Stage {
	return engine.Stage{
		ID: "email_resend", Kind: engine.Asks, Title: "an address to verify",
		Exits:  engine.Exits{"sent": {}},
		Fields: EmailRequest().Fields,
	}
}

type emailResend struct{ *Env }

// Clean says whether the address is the account's.
func (r emailResend) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	address := s.Values.Text("email")
	account, err := r.account(ctx, s.Client.Account)
	if err != nil || account == nil || address == "" || account.Email(address) != nil {
		return nil, err
	}
	return []engine.FieldError{{Param: "email", Code: "unknown_email"}}, nil
}

// Submit mails a link to the address.
func (r emailResend) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.account(ctx, s.Client.Account)
	if err != nil || account == nil {
		return wrong("email", "unknown_email"), err
	}
	address := s.Values.Text("email")
	return engine.Verdict{
		Exit: "sent", Found: account, Takes: r.mailLimits(engine.AccountID(account.ID), account.Epoch, address, s.Client),
		Messages: []engine.Message{r.linkMessage(account, address, letter{own: account.Email(address).Endorsement != state.Unendorsed}, s)},
	}, nil
}
