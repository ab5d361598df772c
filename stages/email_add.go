package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// EmailAdd takes an address that a signed-in account wants to have, and mails a link.
func EmailAdd() engine.Stage {
	return engine.Stage{
		ID: "email_add", Kind: engine.Asks, Title: "an address to add",
		Exits:  engine.Exits{"sent": {}},
		Fields: EmailRequest().Fields,
	}
}

// addable says why an address cannot be added to the signed-in account.
func (e *Env) addable(ctx context.Context, s engine.Submission) (*state.Account, []engine.FieldError, error) {
	account, err := e.account(ctx, s.Client.Account)
	address := s.Values.Text("email")
	if err != nil || account == nil || address == "" {
		return account, nil, err
	}
	refuse := func(code string) (*state.Account, []engine.FieldError, error) {
		return account, []engine.FieldError{{Param: "email", Code: code}}, nil
	}
	if account.Email(address) != nil {
		return refuse("duplicate_email")
	}
	if e.PreventEnumeration == Shown {
		taken, err := e.verifiedElsewhere(ctx, account.ID, address)
		if err != nil {
			return nil, nil, err
		}
		if taken {
			return refuse("email_taken")
		}
	}
	if e.MaxEmails > 0 && !e.ReplaceEmail && len(account.Emails) >= e.MaxEmails {
		return refuse("max_email_addresses")
	}
	return account, nil, nil
}

type emailAdd struct{ *Env }

// Clean says whether the address can be added: unverified as it is at first, not beside a
// second factor. By code the account has it only once it is verified.
func (a emailAdd) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	account, errs, err := a.addable(ctx, s)
	if err == nil && len(errs) == 0 && account != nil && account.HasSecondFactor() && !a.UnverifiedWithMFA && s.Values.Text("email") != "" {
		errs = wrong("email", "add_email_blocked").Errors
	}
	return errs, err
}

// Submit adds the address and mails a link to it. Where an account has one address, the
// one it was changing to gives way.
func (a emailAdd) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := a.account(ctx, s.Client.Account)
	if err != nil || account == nil {
		return wrong("email", "invalid"), err
	}
	address := s.Values.Text("email")
	v := engine.Verdict{Exit: "sent", Found: account, Takes: a.mailLimits(engine.AccountID(account.ID), account.Epoch, address, s.Client), DropIfLimited: true}
	if a.ReplaceEmail {
		for _, old := range account.Emails {
			if !old.Verified && !old.Primary {
				v.Writes = append(v.Writes, state.RemoveEmail{Address: old.Address})
			}
		}
	}
	v.Writes = append(v.Writes, state.AddEmail{Address: address})
	v.Messages = []engine.Message{a.linkMessage(account, address, letter{}, s)}
	return v, nil
}
