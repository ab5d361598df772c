package stages

import (
	"context"

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
	byEmail, byPhone := s.codesByMail(), s.allowed("phone")
	if byEmail {
		st.Fields = append(st.Fields, engine.Field{Name: "email", Type: engine.EmailIn, Required: !byPhone, Help: "a mail address of the account"})
	}
	if byPhone {
		st.Fields = append(st.Fields, engine.Field{Name: "phone", Type: engine.PhoneIn, Required: !byEmail, Help: "the phone number, in E.164"})
	}
	return st
}

// CodesSignIn are the contacts of an account to which one signs in with a code, of
// [state.KeyEmail] and [state.KeyPhone]; none where there are no such codes.
func (s *Settings) CodesSignIn() []string {
	if !s.LoginByCode || s.ProvidersOnly {
		return nil
	}
	var out []string
	if s.codesByMail() {
		out = append(out, state.KeyEmail)
	}
	if s.allowed("phone") {
		out = append(out, state.KeyPhone)
	}
	return out
}

type codeRequest struct{ *Env }

// oneTarget is where a code is asked to go, or what is wrong where that is not one place.
func oneTarget(s engine.Submission) (named, []engine.FieldError) {
	t := target(s)
	switch {
	case s.Values.Text("email") != "" && s.Values.Text("phone") != "":
		return t, []engine.FieldError{{Code: "select_only_one"}}
	case t.value == "":
		return t, []engine.FieldError{{Code: "required"}}
	}
	return t, nil
}

// target is where a code is asked to go: the kind and the address or number.
func target(s engine.Submission) named {
	if phone := s.Values.Text("phone"); phone != "" {
		return named{state.KeyPhone, phone}
	}
	return named{state.KeyEmail, s.Values.Text("email")}
}

// Limits counts requests by where the code is to go.
func (r codeRequest) Limits(s engine.Submission) []engine.Take {
	t := target(s)
	if t.value == "" {
		return nil
	}
	return r.codeLimits(t, s.Client.IP)
}

// codeLimits counts codes by where they go, and by the client's address unless that is "".
func (e *Env) codeLimits(to named, ip string) []engine.Take {
	return e.Rates.Takes("request_login_code", engine.Counted{IP: ip, Key: e.limitKey(to.method + ":" + to.value)})
}

// Limited says what a client is told that has asked too often.
func (r codeRequest) Limited(s engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Param: target(s).method, Code: "too_many_login_attempts"}}
}

// Submit finds the account that a code is sent to. Where there is none the run pretends,
// unless accounts are no secret.
func (r codeRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	t, errs := oneTarget(s)
	if len(errs) > 0 {
		return engine.Verdict{Errors: errs}, nil
	}
	if t.method == state.KeyPhone {
		if errs := r.untexted(t.value); errs != nil {
			return engine.Verdict{Errors: errs}, nil
		}
	}
	account, err := r.find(ctx, t.method, t.value)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account != nil && account.Active {
		return engine.Verdict{Exit: "known", Subject: engine.AccountID(account.ID), Epoch: account.Epoch, Found: account, Hint: t.value}, nil
	}
	if r.PreventEnumeration == Shown {
		return wrong(t.method, "unknown_"+t.method), nil
	}
	v := engine.Verdict{Exit: "unknown", Hint: t.value, Messages: r.unknownNotice(t.value)}
	return v, nil
}

// codesByMail reports whether a code can be asked for by an address.
func (s *Settings) codesByMail() bool { return s.allowed("email") || !s.allowed("phone") }

// Predict: a code goes to an address or a number by which an active account is found.
func (r codeRequest) Predict(engine.FlowID, engine.Edge) []engine.Case {
	switch mail, phone := r.codesByMail(), r.allowed("phone"); {
	case mail && phone:
		return reachable(func(f engine.Facts) bool { return byEmail(f) || byPhone(f) })
	case phone:
		return reachable(byPhone)
	}
	return reachable(byEmail)
}
