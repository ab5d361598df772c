package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// VerificationRequest asks, in a client that waits for nothing, where a verification
// link is to be mailed.
func VerificationRequest() engine.Stage {
	return engine.Stage{
		ID: "verification_request", Kind: engine.Asks, Title: "an address to verify",
		Exits:  engine.Exits{"sent": {}},
		Fields: []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "a mail address of the account"}},
	}
}

type verificationRequest struct{ *Env }

// Submit mails a link to the address of the account that it leads to, if it is to be
// verified. The answer is the same where there is none, and where the limit of mails to
// the address leaves the mail out. The client is unknown here, so the letter is not the
// account's own: what the account carries ends with it.
func (r verificationRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	address := s.Values.Text("email")
	account, err := r.find(ctx, state.KeyEmail, address)
	if err != nil {
		return engine.Verdict{}, err
	}
	v := engine.Verdict{Exit: "sent", DropIfLimited: true}
	if account == nil || !account.Active {
		v.Takes = r.mailLimits("", 0, address, s.Client)
		return v, nil
	}
	v.Takes = r.mailLimits(engine.AccountID(account.ID), account.Epoch, address, s.Client)
	if e := account.Email(address); e != nil && !e.Verified {
		v.Messages = []engine.Message{r.linkMessage(account, address, letter{own: state.AccountID(s.Client.Account) == account.ID}, s)}
	}
	return v, nil
}
