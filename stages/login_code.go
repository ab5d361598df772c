package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// LoginCode asks for the code that the client asked for: a first factor.
func LoginCode(s Settings) engine.Stage {
	st := codeStage(s)
	st.ID, st.Title = "login_code", "the code that was asked for"
	st.Exits = engine.Exits{engine.OK: {Proves: []engine.Proof{engine.First, engine.Code}, Renews: true}}
	return st
}

// LoginByCode asks for a code besides the first factor.
func LoginByCode(s Settings) engine.Stage {
	st := codeStage(s)
	st.ID, st.Title = "login_by_code", "a code besides the first factor"
	st.Exits = engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Code}}}
	return st
}

// codeStage is what both have in common; a client answers them alike.
func codeStage(s Settings) engine.Stage {
	st := engine.Stage{
		Kind: engine.Asks, Wire: "login_by_code", Tries: s.CodeTries, Lifetime: s.CodeLifetime,
		Fields: []engine.Field{{Name: "code", Type: engine.CodeIn, Required: true, Help: s.CodeFormats.Login.help("the code from the message")}},
	}
	if s.CodeResend > 0 {
		st.Actions = []engine.Action{{Name: "resend", Max: s.CodeResend}}
	}
	return st
}

const loginPurpose = "login"

type loginCode struct{ *Env }

// Enter sends a code to where it was asked for, else to the address or number that
// matters.
func (c loginCode) Enter(a engine.Arrival) (engine.Entered, error) {
	to := a.Person.Email
	switch {
	case a.Run.Hint != "" && (a.Pretend || a.Facts.Asked):
		to = a.Run.Hint
	case to == "":
		to = a.Person.Phone
	}
	in := engine.Entered{Hint: to, Data: Code{}, Takes: c.textLimits(to, a.Client)}
	switch {
	case a.Pretend || to == "":
	case to == a.Person.Email && a.Person.EmailTaken:
		in.Messages = insteadOfProof(a)
	case to == a.Person.Phone && a.Person.PhoneTaken:
		in.Messages = c.insteadOfNumberProof(a)
	default:
		in.Data, in.Messages = c.send(a.Seed, to)
	}
	return in, nil
}

func (c loginCode) send(seed engine.Seed, to string) (Code, []engine.Message) {
	return c.sendCode(seed, loginPurpose, to, state.LoginCodeTemplate, state.PhoneLoginCodeTemplate)
}

// Submit judges the code, which proves the address or number it went to.
func (c loginCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	var data Code
	if err := s.Data(&data); err != nil {
		return engine.Verdict{}, err
	}
	if !c.codes().Right(data, s.Values.Text("code"), loginPurpose, s.Run.Hint) {
		return wrong("code", "incorrect_code"), nil
	}
	account, err := c.account(ctx, s.Run.Subject)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil || !hasContact(account, s.Run.Hint) {
		return wrong("code", "incorrect_code"), nil
	}
	v := engine.Verdict{Exit: engine.OK, Found: account, Methods: []engine.Method{codeMethod(s)}}
	// A client that asked for the code showed nothing else of the account; a code besides a first
	// factor comes back to the run that has shown it.
	v.Writes, v.Messages = c.proveContact(account, s.Run.Hint, s.Node != "login_code", s)
	return v, nil
}

// Act sends a new code in place of the old one.
func (c loginCode) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	out := engine.Acted{Data: Code{}, Messages: toNobody(), Takes: c.textLimits(s.Run.Hint, s.Client)}
	var data Code
	if err := s.Data(&data); err != nil {
		return engine.Acted{}, err
	}
	if s.Run.Subject != "" && data.Sent() {
		out.Data, out.Messages = c.send(s.Seed, s.Run.Hint)
	}
	return out, nil
}

// Predict: the code proves the address or the number it went to.
func (c loginCode) Predict(_ engine.FlowID, at engine.Edge) []engine.Case {
	mail := engine.Case{
		Reads: []string{"Email"}, If: func(f engine.Facts) bool { return f.Email != engine.Missing },
		Sets: []string{"Email"}, Then: engine.Facts{Email: engine.IsVerified},
	}
	text := engine.Case{
		Reads: []string{"Phone"}, If: func(f engine.Facts) bool { return f.Phone != engine.Missing },
		Sets: []string{"Phone"}, Then: engine.Facts{Phone: engine.IsVerified},
	}
	if at.Node != "login_code" {
		text.Reads, text.If = []string{"Email"}, func(f engine.Facts) bool { return f.Email == engine.Missing }
		return []engine.Case{mail, text}
	}
	switch {
	case !c.allowed("phone"):
		return firstProof(mail, byEmail)
	case !c.codesByMail():
		return firstProof(text, byPhone)
	}
	mail.Name, text.Name = "by mail", "by text message"
	return append(firstProof(mail, byEmail), firstProof(text, byPhone)...)
}
