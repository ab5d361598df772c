package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// ResetCode asks for the code from the mail and a new password.
func ResetCode(s Settings) engine.Stage {
	return engine.Stage{
		ID: "reset_code", Kind: engine.Asks, Wire: "password_reset_by_code", Title: "the code and a new password",
		Exits: engine.Exits{engine.OK: {Proves: []engine.Proof{engine.First, engine.Reset}, Moves: engine.SlotLogin}},
		Fields: []engine.Field{
			{Name: "key", Type: engine.CodeIn, Required: true, Help: s.CodeFormats.Reset.help("the code from the mail")},
			{Name: "password", Type: engine.Secret, Required: true, Help: "the new password"},
		},
		Actions: infoAction(codeKey(s.CodeFormats.Reset)),
		Tries:   s.ResetTries, Lifetime: s.ResetLifetime,
	}
}

const resetPurpose = "reset"

// resetData is what the stage keeps: the code, and whether it has come back, which gives the
// person as long again to think of a password.
type resetData struct {
	Code
	Shown bool `json:"o,omitempty"`
}

type resetCode struct{ *Env }

// Clean also tells of a wrong code where something else is wrong, and of a bad password where
// the code is missing.
func (r resetCode) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	switch {
	case len(s.Invalid) == 0:
		return nil, nil
	case s.Values.Text("key") == "":
		return r.badPassword(s), nil
	}
	account, err := r.check(ctx, s)
	if account != nil || err != nil {
		return nil, err
	}
	return []engine.FieldError{{Param: "key", Code: "incorrect_code"}}, nil
}

// Enter mails the code.
func (r resetCode) Enter(a engine.Arrival) (engine.Entered, error) {
	in := engine.Entered{Hint: a.Run.Hint, Data: resetData{}, Takes: r.textLimits(a.Run.Hint, a.Client)}
	if !a.Pretend {
		var code Code
		code, in.Messages = r.sendCode(a.Seed, resetPurpose, a.Run.Hint, state.PasswordResetCodeTemplate, state.PhoneLoginCodeTemplate)
		in.Data = resetData{Code: code}
	}
	return in, nil
}

// shown judges the code and returns the account it is about, nil for a wrong code. Its epoch is
// for the caller to look at.
func (r resetCode) shown(ctx context.Context, s engine.Submission) (*state.Account, error) {
	var data resetData
	if err := s.Data(&data); err != nil {
		return nil, err
	}
	if !r.codes().Right(data.Code, s.Values.Text("key"), resetPurpose, s.Run.Hint) {
		return nil, nil
	}
	account, err := r.account(ctx, s.Run.Subject)
	if account == nil || err != nil || !account.Active || !hasContact(account, s.Run.Hint) {
		return nil, err
	}
	return account, nil
}

// check is [resetCode.shown] of an account whose epoch has not moved since the run began.
func (r resetCode) check(ctx context.Context, s engine.Submission) (*state.Account, error) {
	account, err := r.shown(ctx, s)
	if account == nil || err != nil || account.Epoch != s.Run.Epoch {
		return nil, err
	}
	return account, nil
}

// checkOrRepeat is [resetCode.check], or of a submission that has been stored, and whose answer was
// lost: the epoch has moved, by this very run, and the password is set. Whether it was this run
// the ledger knows.
func (r resetCode) checkOrRepeat(ctx context.Context, s engine.Submission) (*state.Account, error) {
	account, err := r.shown(ctx, s)
	if account == nil || err != nil || account.Epoch == s.Run.Epoch {
		return account, err
	}
	match, err := r.Hasher.Verify(ctx, account.PasswordHash, s.Values.Text("password"))
	if err != nil || !match.OK {
		return nil, err
	}
	return account, nil
}

// wrongCode tells of a wrong code and of what is wrong with the password besides.
func (r resetCode) wrongCode(s engine.Submission) engine.Verdict {
	v := wrong("key", "incorrect_code")
	v.Errors = append(v.Errors, r.badPassword(s)...)
	return v
}

// badPassword says what is wrong with a new password whose code is not right. Nothing of the
// account is looked at for that: whether there is one must not show.
func (r resetCode) badPassword(s engine.Submission) []engine.FieldError {
	var out []engine.FieldError
	secret := s.Values.Text("password")
	if secret == "" {
		return nil
	}
	asked := &state.Account{Emails: []state.Email{{Address: s.Run.Hint}}}
	for _, code := range r.Policy.Check(secret, asked) {
		out = append(out, engine.FieldError{Param: "password", Code: code})
	}
	return out
}

// Submit judges the code and sets the new password. A password that is turned down does
// not use up an attempt.
func (r resetCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.checkOrRepeat(ctx, s)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil {
		return r.wrongCode(s), nil
	}
	set, errs, err := r.newPassword(ctx, account, s.Values.Text("password"))
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs, Uncounted: true}, err
	}
	// The code came back: it verifies the address, and where accounts have one address only,
	// it takes the place of the others.
	prove := state.ProveContact{Email: s.Run.Hint, Replace: r.ReplaceEmail && !account.Email(s.Run.Hint).Verified}
	return r.resetDone(account, set, prove, s.Run.Hint, s), nil
}

// Act tells which account the code is for. The code proves the address, and that counts
// from here on. The first time it begins the stage's time anew.
func (r resetCode) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid, Counts: true}, nil
	}
	account, err := r.check(ctx, s)
	if err != nil {
		return engine.Acted{}, err
	}
	if account == nil {
		return engine.Acted{Errors: []engine.FieldError{{Param: "key", Code: "incorrect_code"}}, Counts: true}, nil
	}
	var data resetData
	if err := s.Data(&data); err != nil {
		return engine.Acted{}, err
	}
	writes, messages := r.proveContact(account, s.Run.Hint, false, s)
	out := engine.Acted{
		Keep: data.Shown && len(writes) == 0, Writes: writes, Messages: messages, Reply: &state.Claim{Account: account},
	}
	if !data.Shown {
		out.Data, out.Renew = resetData{Code: data.Code, Shown: true}, true
	}
	return out, nil
}

// Predict: the code verifies the address, and a new password voids what was trusted.
func (resetCode) Predict(engine.FlowID, engine.Edge) []engine.Case {
	c := engine.Case{Sets: []string{"Email", "TrustsCode", "TrustsSecond"}, Then: engine.Facts{Email: engine.IsVerified}}
	return firstProof(c, byEmail)
}
