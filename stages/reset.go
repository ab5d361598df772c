package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
)

// newPassword judges a new password for an account, and what is to be stored of it.
func (e *Env) newPassword(ctx context.Context, a *state.Account, secret string) (state.SetPassword, []engine.FieldError, error) {
	var errs []engine.FieldError
	for _, code := range e.Policy.Check(secret, a) {
		errs = append(errs, engine.FieldError{Param: "password", Code: code})
	}
	if len(errs) > 0 {
		return state.SetPassword{}, errs, nil
	}
	hash, err := e.Hasher.Hash(ctx, secret)
	return state.SetPassword{Hash: hash, SignOut: true}, nil, err
}

// resetDone is the verdict of a reset. The person who resets a password has received what
// was sent to the address: what others may have set up ends.
func (e *Env) resetDone(a *state.Account, set state.SetPassword, prove state.ProveContact, hint string, s engine.Submission) engine.Verdict {
	prove.Recovers, prove.Own = true, state.AccountID(s.Client.Account) == a.ID
	v := engine.Verdict{
		Exit: engine.OK, Found: a, Hint: hint, Writes: []engine.Write{prove, set}, Epoch: a.Epoch,
	}
	if m, found := removedMail(a, prove, s); found {
		m.Data["password_set"] = "true" // it was chosen along with the proof
		v.Messages = append(v.Messages, m)
	}
	v.Messages = append(v.Messages, e.securityNotice(a, state.PasswordResetTemplate, s)...)
	if e.LoginOnPasswordReset {
		m := engine.Method{Method: "password_reset", At: s.Now.UnixMilli(), Email: hint}
		v.Methods = []engine.Method{m}
	}
	after := a.Clone()
	prove.Apply(after)
	tries := e.passwordTries(a.ID, "")
	for _, n := range namesOf(after) {
		tries = append(tries, e.failures(n, "")...)
	}
	v.Refunds = engine.Refunds(tries, engine.Take.ByKey)
	return v
}
