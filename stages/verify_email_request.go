package stages

import (
	"context"

	"stagedoor/engine"
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

// Submit mails a link to every account that waits for the address to be verified. The
// answer is the same where there is none, and where the limit of mails to the address
// leaves the mail out.
func (r verificationRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	address := s.Values.Text("email")
	owners, err := r.Accounts.Owners(ctx, address)
	if err != nil {
		return engine.Verdict{}, err
	}
	v := engine.Verdict{Exit: "sent", Takes: r.mailLimits(address, s.Client), Soft: true}
	for _, id := range owners {
		account, err := r.account(ctx, id)
		if err != nil {
			return engine.Verdict{}, err
		}
		if account == nil || !account.Active {
			continue
		}
		if e := account.Email(address); e != nil && !e.Verified {
			v.Messages = append(v.Messages, r.linkMessage(account, address, false, s.Now))
		}
	}
	return v, nil
}
