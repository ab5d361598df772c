package stages

import (
	"context"
	"strings"

	"stagedoor/engine"
	"stagedoor/state"
)

// CodeRequest asks where to send a code to sign in with.
func CodeRequest(s Settings) engine.Stage {
	st := engine.Stage{
		ID: "code_request", Kind: engine.Asks, Title: "where to send a code",
		Exits: engine.Exits{
			"known":   {Binds: true, Proves: []engine.Proof{engine.Subject, engine.Asked}},
			"unknown": {Pretends: "known"},
		},
		Because: map[engine.Reason]string{"known": "the client asked for a code to sign in with", "unknown": "no account has the address or number"},
	}
	byPhone := s.allowed("phone")
	if !byPhone || s.allowed("email") {
		st.Fields = append(st.Fields, engine.Field{Name: "email", Type: engine.EmailIn, Required: !byPhone, Help: "a mail address of the account"})
	}
	if byPhone {
		st.Fields = append(st.Fields, engine.Field{Name: "phone", Type: engine.PhoneIn, Required: !s.allowed("email"), Help: "the phone number, in E.164"})
	}
	return st
}

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
		Fields: []engine.Field{{Name: "code", Type: engine.CodeIn, Required: true, Help: "the code from the message"}},
	}
	if s.CodeResend > 0 {
		st.Actions = []engine.Action{{Name: "resend", Max: s.CodeResend}}
	}
	return st
}

const loginPurpose = "login"

type codeRequest struct{ *Env }

// target is where a code is asked to go: the kind and the address or number.
func (codeRequest) target(s engine.Submission) named {
	if phone := s.Values.Text("phone"); phone != "" {
		return named{"phone", phone}
	}
	return named{"email", s.Values.Text("email")}
}

// Limits counts requests by where the code is to go.
func (r codeRequest) Limits(s engine.Submission) []engine.Take {
	t := r.target(s)
	if t.value == "" {
		return nil
	}
	return r.Rates.Takes("request_login_code", engine.Counted{IP: s.Client.IP, Key: r.limitKey(t.method + ":" + t.value)})
}

// Limited says what a client is told that has asked too often.
func (r codeRequest) Limited(s engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Param: r.target(s).method, Code: "too_many_login_attempts"}}
}

// Submit finds the account that a code is sent to. Where there is none the run pretends,
// unless accounts are no secret.
func (r codeRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	if s.Values.Text("email") != "" && s.Values.Text("phone") != "" {
		return engine.Verdict{Errors: []engine.FieldError{{Code: "select_only_one"}}}, nil
	}
	t := r.target(s)
	if t.value == "" {
		return engine.Verdict{Errors: []engine.FieldError{{Code: "required"}}}, nil
	}
	account, err := r.find(ctx, t.method, t.value)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account != nil && account.Active {
		return engine.Verdict{Exit: "known", Subject: account.ID, Epoch: account.Epoch, Found: account, Hint: t.value}, nil
	}
	if r.PreventEnumeration == Shown {
		return wrong(t.method, "unknown_"+t.method), nil
	}
	v := engine.Verdict{Exit: "unknown", Hint: t.value, Messages: r.unknownNotice(t.value)}
	return v, nil
}

// unknownNotice tells who reads an address that it has no account here.
func (e *Env) unknownNotice(to string) []engine.Message {
	if !e.NoticeUnknown {
		return nothing()
	}
	m := state.Message{Channel: state.ByMail, Template: state.UnknownAccountTemplate, To: to, Data: map[string]string{"email": to, "signup_url": e.SignupURL}}
	if !strings.Contains(to, "@") {
		m.Channel, m.Template = state.BySMS, state.PhoneUnknownTemplate
	}
	return []engine.Message{m}
}

// nothing is a message that reaches nobody. Where a message would go out if there were
// an account, a run without one stores this: a turn that writes takes longer than one
// that does not, which tells accounts from made-up ones.
func nothing() []engine.Message {
	return []engine.Message{state.Message{Channel: state.ToNobody, Template: state.NoTemplate}}
}

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
	in := engine.Entered{Hint: to, Data: Code{}}
	taken := to == a.Person.Email && a.Person.EmailTaken || to == a.Person.Phone && a.Person.PhoneTaken
	switch {
	case a.Pretend || to == "":
	case taken:
		in.Messages = untold(a)
	default:
		in.Data, in.Messages = c.send(a.Seed, to)
	}
	return in, nil
}

// untold is what is sent in place of what would prove an address or a number of another
// account. At a sign-up its owner has been told already.
func untold(a engine.Arrival) []engine.Message {
	if a.Facts.Signup {
		return nil
	}
	return nothing()
}

func (c loginCode) send(seed engine.Seed, to string) (Code, []engine.Message) {
	return c.sendCode(seed, loginPurpose, to, state.LoginCodeTemplate, state.PhoneLoginCodeTemplate)
}

// sendCode makes a code and the mail or text message that carries it.
func (e *Env) sendCode(seed engine.Seed, purpose, to string, mail, sms state.Template) (Code, []engine.Message) {
	code, data := e.codes().New(seed, purpose, to)
	m := state.Message{Channel: state.ByMail, Template: mail, To: to, Data: map[string]string{"code": code, "email": to}}
	if !strings.Contains(to, "@") {
		m.Channel, m.Template, m.Data = state.BySMS, sms, map[string]string{"code": code}
	}
	return data, []engine.Message{m}
}

// Submit judges the code. Whoever reads it owns the address or number it went to.
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
	if account == nil || !has(account, s.Run.Hint) {
		return wrong("code", "incorrect_code"), nil
	}
	v := engine.Verdict{Exit: engine.OK, Found: account}
	m := engine.Method{Method: "code", At: s.Now.UnixMilli()}
	if strings.Contains(s.Run.Hint, "@") {
		m.Email = s.Run.Hint
	} else {
		m.Phone = s.Run.Hint
	}
	v.Methods = []engine.Method{m}
	// Whoever asked for the code showed nothing else of the account; a code besides a first
	// factor comes back to the run that has shown it.
	v.Writes, v.Messages = c.shown(account, s.Run.Hint, s.Node != "login_code", s)
	return v, nil
}

// Act sends a new code in place of the old one.
func (c loginCode) Act(_ context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	out := engine.Acted{Data: Code{}, Messages: nothing()}
	var data Code
	if err := s.Data(&data); err != nil {
		return engine.Acted{}, err
	}
	if s.Run.Subject != 0 && data.Sent() {
		out.Data, out.Messages = c.send(s.Seed, s.Run.Hint)
	}
	return out, nil
}
