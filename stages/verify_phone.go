package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// VerifyPhone waits for the code that was sent to a number, at sign-in. PhoneTries wrong codes
// end the sign-in, as PhoneLifetime does; neither a code that is sent again nor another number
// begins them anew. The account stays: its next sign-in sends another code.
func VerifyPhone(s Settings) engine.Stage {
	st := phoneStage(s)
	st.ID, st.Title = "verify_phone", "a code by text message"
	return st
}

// ChangePhone waits for the code that was sent to the number a signed-in account wants.
func ChangePhone(s Settings) engine.Stage {
	st := phoneStage(s)
	st.ID, st.Title = "change_phone", "a code by text message to the new number"
	return st
}

const phonePurpose = "verify_phone"

func phoneStage(s Settings) engine.Stage {
	st := engine.Stage{
		Kind: engine.Asks, Wire: "verify_phone", Tries: s.PhoneTries, Lifetime: s.PhoneLifetime,
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Phone}}},
		Fields: []engine.Field{{Name: "code", Type: engine.CodeIn, Required: true, Help: s.CodeFormats.Phone.help("the code from the message")}},
	}
	if s.PhoneResend > 0 {
		st.Actions = append(st.Actions, engine.Action{Name: "resend", Max: s.PhoneResend})
	}
	// A number that is missing can be named in any case.
	st.Actions = append(st.Actions, engine.Action{Name: "change", Max: max(1, s.PhoneChange), Fields: PhoneRequest().Fields})
	return st
}

// phoneData is what the stage keeps: the code.
type phoneData struct {
	Code
	// Taken is set where the number belongs to somebody else: no code is right.
	Taken bool `json:"k,omitempty"`
}

type phoneCode struct{ *Env }

// Enter sends a code to the number.
func (p phoneCode) Enter(a engine.Arrival) (engine.Entered, error) {
	to := a.Person.Phone
	if a.Pretend || a.Run.Slot == engine.SlotPhone {
		to = a.Run.Hint
	}
	in := engine.Entered{Hint: to, Takes: p.phoneLimits(to, a.Client), Data: phoneData{}}
	switch {
	case a.Pretend || to == "":
	case to == a.Person.Phone && a.Person.PhoneTaken:
		in.Data, in.Messages = phoneData{Taken: true}, p.insteadOfNumberProof(a)
	default:
		in.Data, in.Messages = p.send(a.Seed, to)
	}
	return in, nil
}

func (p phoneCode) send(seed engine.Seed, to string) (phoneData, []engine.Message) {
	data, messages := p.sendCode(seed, phonePurpose, to, state.LoginCodeTemplate, state.PhoneCodeTemplate)
	return phoneData{Code: data}, messages
}

func (p phoneCode) phoneLimits(to string, c engine.Client) []engine.Take {
	if to == "" {
		return nil
	}
	takes := p.Rates.Takes("verify_phone", engine.Counted{IP: c.IP, User: c.Account, Key: p.limitKey(to)})
	return append(takes, p.textLimits(to, c)...)
}

// Clean refuses every code for a number that is somebody else's.
func (p phoneCode) Clean(_ context.Context, s engine.Submission) ([]engine.FieldError, error) {
	var data phoneData
	if err := s.Data(&data); err != nil || !data.Taken || len(s.Invalid) > 0 {
		return nil, err
	}
	return []engine.FieldError{{Param: "code", Code: "incorrect_code"}}, nil
}

// Submit judges the code.
func (p phoneCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	var data phoneData
	if err := s.Data(&data); err != nil {
		return engine.Verdict{}, err
	}
	if !p.codes().Right(data.Code, s.Values.Text("code"), phonePurpose, s.Run.Hint) {
		return wrong("code", "incorrect_code"), nil
	}
	account, err := p.account(ctx, s.Run.Subject)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil {
		return wrong("code", "incorrect_code"), nil
	}
	if taken, err := p.numberElsewhere(ctx, account.ID, s.Run.Hint); err != nil || taken {
		return wrong("code", "phone_taken"), err
	}
	prove := state.ProveContact{Phone: s.Run.Hint, Own: true}
	v := engine.Verdict{
		Exit: engine.OK, Found: account, Writes: []engine.Write{prove}, Messages: removedNotice(account, prove, s),
	}
	if s.Run.Slot != engine.SlotPhone && account.LastLogin.IsZero() && !account.PhoneVerified {
		// A sign-up: what goes to its address has waited for the number.
		after := account.Clone()
		prove.Apply(after)
		v.Messages = append(v.Messages, p.addressMessages(after, p.verifyEmail(s.Run.Flow), s)...)
	}
	return v, nil
}

// Act sends the code again or changes the number.
func (p phoneCode) Act(ctx context.Context, action string, s engine.Submission) (engine.Acted, error) {
	if action == "resend" {
		out := engine.Acted{Takes: p.phoneLimits(s.Run.Hint, s.Client), Messages: toNobody()}
		var data phoneData
		if err := s.Data(&data); err != nil || s.Run.Subject == "" || !data.Sent() {
			return out, err
		}
		out.Data, out.Messages = p.send(s.Seed, s.Run.Hint)
		return out, nil
	}
	return p.change(ctx, s)
}

// change moves the wait to another number, until the account has signed in once, or to
// the first one. Where another account has verified that one, its owner is told, and no
// code is right.
func (p phoneCode) change(ctx context.Context, s engine.Submission) (engine.Acted, error) {
	account, err := p.account(ctx, s.Run.Subject)
	if err != nil || account == nil {
		return engine.Acted{Conflict: true}, err
	}
	if known := account.Phone != "" || s.Run.Slot == engine.SlotPhone; known && (p.PhoneChange == 0 || !account.LastLogin.IsZero()) {
		return engine.Acted{Conflict: true}, nil
	}
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid}, nil
	}
	to := s.Values.Text("phone")
	if to == s.Run.Hint {
		return engine.Acted{Errors: []engine.FieldError{{Param: "phone", Code: "same_as_current"}}}, nil
	}
	if errs := p.untexted(to); errs != nil {
		return engine.Acted{Errors: errs}, nil
	}
	taken, err := p.numberElsewhere(ctx, account.ID, to)
	if err != nil {
		return engine.Acted{}, err
	}
	out := engine.Acted{
		Hint: to, Takes: p.phoneLimits(to, s.Client), Reply: to, Writes: []engine.Write{state.SetPhone{Number: to}},
	}
	switch {
	case taken && p.PreventEnumeration == Shown:
		return engine.Acted{Errors: []engine.FieldError{{Param: "phone", Code: "phone_taken"}}}, nil
	case taken:
		out.Data = phoneData{Taken: true}
		out.Messages = []engine.Message{p.numberNotice(to)}
	default:
		out.Data, out.Messages = p.send(s.Seed, to)
	}
	return out, nil
}
