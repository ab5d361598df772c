package stages

import (
	"context"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

// VerifyEmailByCode waits for the code that was mailed to an address. The code lies in a
// slot of its own, so that it outlives a login that is replaced.
func VerifyEmailByCode(s Settings) engine.Stage {
	st := engine.Stage{
		ID: "verify_email_code", Kind: engine.Asks, Wire: "verify_email", Title: "a code from the mail",
		Exits:    engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Email}}},
		Fields:   codeKey(s.CodeFormats.Email),
		Slot:     engine.SlotEmail,
		Tries:    s.EmailTries,
		Lifetime: s.EmailLifetime,
		Actions:  infoAction(codeKey(s.CodeFormats.Email)),
	}
	if s.EmailResend > 0 {
		st.Actions = append(st.Actions, engine.Action{Name: "resend", Max: s.EmailResend})
	}
	if s.EmailChange > 0 {
		st.Actions = append(st.Actions, engine.Action{Name: "change", Max: s.EmailChange, Fields: []engine.Field{
			{Name: "email", Type: engine.EmailIn, Required: true, Help: "the address to verify instead"},
		}})
	}
	return st
}

const emailPurpose = "verify_email"

// emailWait is what the stage keeps.
type emailWait struct {
	Code
	// Disown is set where the reader of the letter may say that the account is not his, and
	// Epoch is the account's then: a resend reads nothing, so that it takes as long where
	// there is no account.
	Disown bool  `json:"d,omitempty"`
	Epoch  int64 `json:"e,omitempty"`
}

type emailCode struct{ *Env }

// Enter mails a code. A run that pretends gets none, and no code is right for it.
func (c emailCode) Enter(a engine.Arrival) (engine.Entered, error) {
	to := a.Person.Email
	if a.Run.Hint != "" && (a.Pretend || a.Run.Slot == engine.SlotEmail) {
		to = a.Run.Hint
	}
	in := engine.Entered{Hint: to, Takes: c.mailLimits(a.Person.Account, a.Person.Epoch, to, a.Client), Data: emailWait{Epoch: a.Person.Epoch}}
	switch {
	case a.Pretend || to == "":
	case to == a.Person.Email && a.Person.EmailTaken:
		in.Messages = insteadOfProof(a)
	default:
		account := &state.Account{ID: state.AccountID(a.Run.Subject), Username: a.Person.Name, Epoch: a.Person.Epoch}
		l := letter{signup: a.Facts.Signup, own: to == a.Person.Email && a.Person.EmailNamed}
		in.Data, in.Messages = c.send(account, to, l.disownable(a.Person.Proved), sender{a.Client, a.Now, a.Seed})
	}
	return in, nil
}

// sender is the turn that sends a code.
type sender struct {
	client engine.Client
	now    time.Time
	seed   engine.Seed
}

func senderOf(s engine.Submission) sender { return sender{s.Client, s.Now, s.Seed} }

// send makes a code and the mail that carries it. The mail says who asked for it, as
// those with links do.
func (c emailCode) send(a *state.Account, to string, disown bool, by sender) (emailWait, []engine.Message) {
	code, data := c.newCode(by.seed, emailPurpose, to)
	m := state.Message{Channel: state.ByMail, Template: state.EmailCodeTemplate, To: to, Data: map[string]string{
		"code": code, "email": to, "user": a.Snapshot().Display(), "at": by.now.UTC().Format(time.RFC3339), "ip": by.client.From(),
	}}
	if disown {
		c.offerDisown(m, a, by.now)
	}
	return emailWait{data, disown, a.Epoch}, []engine.Message{m}
}

// waits returns what the stage keeps: the run that holds the code, and the code's data.
func (c emailCode) waits(s engine.Submission) (*engine.Run, emailWait, error) {
	var data emailWait
	held := s.Held
	if held == nil {
		held = s.Run
	}
	return held, data, s.Data(&data)
}

// check judges a code. It returns the account whose address it proves.
func (c emailCode) check(ctx context.Context, s engine.Submission) (*state.Account, *engine.Run, []engine.FieldError, error) {
	held, data, err := c.waits(s)
	if err != nil {
		return nil, nil, nil, err
	}
	incorrect := []engine.FieldError{{Param: "key", Code: "incorrect_code"}}
	if !c.codes().Right(data.Code, s.Values.Text("key"), emailPurpose, held.Hint) {
		return nil, nil, incorrect, nil
	}
	account, err := c.account(ctx, held.Subject)
	if err != nil || account == nil {
		return nil, nil, incorrect, err
	}
	taken, err := c.taken(ctx, account, held.Hint)
	if err != nil || taken {
		return nil, nil, []engine.FieldError{{Param: "key", Code: "email_taken"}}, err
	}
	return account, held, nil, nil
}

// Submit judges the code.
func (c emailCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, held, errs, err := c.check(ctx, s)
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs}, err
	}
	v := engine.Verdict{Exit: engine.OK, About: engine.AccountID(account.ID), Epoch: account.Epoch, Found: account}
	v.Writes, v.Messages = c.proveEmail(account, held.Hint, true, s)
	return v, nil
}

// Act sends the code again, changes the address, or tells what the code stands for.
func (c emailCode) Act(ctx context.Context, action string, s engine.Submission) (engine.Acted, error) {
	switch action {
	case "info":
		return c.info(ctx, s)
	case "resend":
		return c.resend(s)
	}
	return c.change(ctx, s)
}

func (c emailCode) info(ctx context.Context, s engine.Submission) (engine.Acted, error) {
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid, Counts: true}, nil
	}
	account, held, errs, err := c.check(ctx, s)
	if err != nil || errs != nil {
		return engine.Acted{Errors: errs, Counts: true}, err
	}
	return engine.Acted{Keep: true, Reply: &state.Claim{Email: held.Hint, Account: account}}, nil
}

func (c emailCode) resend(s engine.Submission) (engine.Acted, error) {
	held, data, err := c.waits(s)
	if err != nil {
		return engine.Acted{}, err
	}
	out := engine.Acted{Takes: c.mailLimits(held.Subject, data.Epoch, held.Hint, s.Client), Messages: toNobody()}
	if held.Subject != "" && data.Sent() {
		account := &state.Account{ID: state.AccountID(held.Subject), Epoch: data.Epoch}
		out.Data, out.Messages = c.send(account, held.Hint, data.Disown, senderOf(s))
	}
	return out, nil
}

// change moves the wait to another address, until the account has signed in once. Where
// another account has verified that one, its owner is told, and no code is right.
func (c emailCode) change(ctx context.Context, s engine.Submission) (engine.Acted, error) {
	held, data, err := c.waits(s)
	if err != nil {
		return engine.Acted{}, err
	}
	account, err := c.account(ctx, held.Subject)
	if err != nil || account == nil || !account.LastLogin.IsZero() {
		return engine.Acted{Conflict: true}, err
	}
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid}, nil
	}
	to := s.Values.Text("email")
	if to == held.Hint {
		return engine.Acted{Errors: []engine.FieldError{{Param: "email", Code: "same_as_current"}}}, nil
	}
	taken, err := c.taken(ctx, account, to)
	if err != nil {
		return engine.Acted{}, err
	}
	out := engine.Acted{Hint: to, Takes: c.mailLimits(engine.AccountID(account.ID), account.Epoch, to, s.Client)}
	switch {
	case taken && c.PreventEnumeration == Shown:
		return engine.Acted{Errors: []engine.FieldError{{Param: "email", Code: "email_taken"}}}, nil
	case taken:
		out.Data, out.Messages = emailWait{Disown: data.Disown, Epoch: data.Epoch}, []engine.Message{c.takenNotice(to)}
	default:
		out.Data, out.Messages = c.send(account, to, data.Disown, senderOf(s))
	}
	out.Writes = []engine.Write{state.AddEmail{Address: to}}
	if old := account.Email(held.Hint); old != nil && !old.Verified {
		out.Writes = append(out.Writes, state.RemoveEmail{Address: old.Address})
	}
	after := account.Clone()
	for _, w := range out.Writes {
		w.(state.Write).Apply(after)
	}
	out.Reply = after.Emails
	// The answer calls no address primary before it is verified, but the person is called by
	// this one, as by the one it takes the place of.
	if p := account.Primary(); p == nil || p.Address == held.Hint {
		out.Writes = append(out.Writes, state.SetPrimaryEmail{Address: to})
	}
	return out, nil
}

// Predict: without an address there is no code, unless the client can name one.
func (c emailCode) Predict(engine.FlowID, engine.Edge) []engine.Case {
	if c.EmailChange > 0 {
		return []engine.Case{{}}
	}
	return []engine.Case{noAddress(), {Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing }}}
}
