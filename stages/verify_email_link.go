package stages

import (
	"context"
	"strconv"

	"stagedoor/engine"
	"stagedoor/state"
)

// VerifyEmailByLink waits until the link in a mail was opened: here, with the key
// posted, or anywhere else, after which signing in again passes by.
func VerifyEmailByLink() engine.Stage {
	return engine.Stage{
		ID: "verify_email_link", Kind: engine.Asks, Wire: "verify_email", Title: "a link in the mail",
		Exits: engine.Exits{
			engine.OK:    {Proves: []engine.Proof{engine.Email}},
			"signed_out": {},
		},
		Because: map[engine.Reason]string{
			"ok":         "the key of the mail came back to the client that waits for it",
			"signed_out": "the key of the mail came back, and confirming an address does not sign in here",
		},
		Fields:  keyField(),
		Actions: infoAction(keyField()),
	}
}

// infoAction tells what a key or code stands for, without using it.
func infoAction(key []engine.Field) []engine.Action {
	return []engine.Action{{Name: "info", Fields: key}}
}

// keyField is the field for the key of a link.
func keyField() []engine.Field {
	return []engine.Field{{Name: "key", Type: engine.Text, Required: true, Help: "what the mail carried"}}
}

type emailLink struct{ *Env }

// Enter mails a link. Where the limit of mails to the address refuses, none is sent: the
// earlier links are still good.
func (l emailLink) Enter(a engine.Arrival) (engine.Entered, error) {
	address := a.Person.Email
	if a.Pretend {
		address = a.Run.Hint
	}
	in := engine.Entered{Takes: l.mailLimits(a.Person.Account, a.Person.Epoch, address, a.Client), DropIfLimited: true}
	switch {
	case a.Pretend || address == "":
	case a.Person.EmailTaken:
		in.Messages = insteadOfProof(a)
	default:
		account := &state.Account{ID: state.AccountID(a.Run.Subject), Username: a.Person.Name, Epoch: a.Person.Epoch}
		in.Messages = []engine.Message{l.linkFor(account, address, letter{signup: a.Facts.Signup, own: a.Person.EmailNamed}, a.Person.Proved, a.Client, a.Now)}
	}
	return in, nil
}

// Submit judges the key of a link. One that is good ends the wait, of whatever account it is;
// where so configured and it is the run's own account, the run goes on.
func (l emailLink) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	key, err := l.openEmailKey(ctx, s.Values.Text("key"), s.Now)
	if err != nil {
		return engine.Verdict{}, err
	}
	if key == nil {
		return wrong("key", "invalid_or_expired_key"), nil
	}
	if key, err = l.intendedKey(ctx, key, s); err != nil {
		return engine.Verdict{}, err
	}
	if key.account.Email(key.address).Taken {
		return wrong("key", "email_taken"), nil
	}
	v := engine.Verdict{Exit: "signed_out", About: engine.AccountID(key.account.ID), Epoch: key.account.Epoch, IfSpent: wrong("key", "invalid_or_expired_key").Errors}
	v.Writes, v.Messages = l.proveEmail(key.account, key.address, key.own, s)
	if s.Run != nil && state.AccountID(s.Run.Subject) == key.account.ID && l.LoginOnEmailConfirmation {
		v.Exit, v.Found = engine.OK, key.account
	}
	return v, nil
}

// intendedKey is what the key proves in the hands of this client. A client that has the
// letter receives what is sent to the address; where it waits in, or is signed in to, another
// account that has the address, it means that one: the letter may be of a stranger's sign-up.
func (l emailLink) intendedKey(ctx context.Context, key *emailKey, s engine.Submission) (*emailKey, error) {
	ids := []engine.AccountID{s.Client.Account}
	if s.Run != nil {
		ids = []engine.AccountID{s.Run.Subject, s.Client.Account}
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		if state.AccountID(id) == key.account.ID {
			return key, nil
		}
		account, err := l.account(ctx, id)
		if err != nil {
			return nil, err
		}
		if account == nil || !account.Active {
			continue
		}
		if e := account.Email(key.address); e != nil && !e.Verified {
			return &emailKey{account: account, address: key.address, own: true}, nil
		}
	}
	return key, nil
}

// Act tells what a key stands for without using it.
func (l emailLink) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid}, nil
	}
	key, err := l.openEmailKey(ctx, s.Values.Text("key"), s.Now)
	if err != nil {
		return engine.Acted{}, err
	}
	if key == nil {
		return engine.Acted{Errors: []engine.FieldError{{Param: "key", Code: "invalid_or_expired_key"}}}, nil
	}
	if key, err = l.intendedKey(ctx, key, s); err != nil {
		return engine.Acted{}, err
	}
	return engine.Acted{Keep: true, Reply: &state.Claim{Email: key.address, Account: key.account}}, nil
}

// mailLimits are the limits of mails that verify an address. They are counted for each
// account, so that a stranger's sign-up keeps the owner's letter from nobody, and anew where
// the earlier letters are void; besides by the client that has them sent to the address.
func (e *Env) mailLimits(account engine.AccountID, epoch int64, address string, c engine.Client) []engine.Take {
	if address == "" {
		return nil
	}
	of := string(account) + ":" + strconv.FormatInt(epoch, 10) + ":" + address
	return append(e.Rates.Takes("confirm_email", engine.Counted{IP: c.IP, User: c.Account, Key: e.limitKey(of)}),
		e.Rates.Takes("confirm_email_address", engine.Counted{IP: c.IP, User: c.Account, Key: e.limitKey(c.IP + ":" + address)})...)
}

// Predict: a link that is opened ends the wait, and signs in only where that is
// configured. An account without an address waits for nothing.
func (l emailLink) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	out := []engine.Case{noAddress()}
	c := engine.Case{Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing }}
	switch {
	case !l.LoginOnEmailConfirmation && at.Exit == engine.OK:
		c.Stays = "a link does not sign in"
	case at.Exit == engine.OK:
		c.Name = "its link"
	case l.LoginOnEmailConfirmation:
		c.Name = "the link of another account"
	}
	return append(out, c)
}
