package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// Reauthenticate asks the signed-in account for its password again.
func Reauthenticate() engine.Stage {
	return engine.Stage{
		ID: "reauthenticate", Kind: engine.Asks, Title: "the password, again",
		Exits:  engine.Exits{engine.OK: {Proves: []engine.Proof{engine.Password}}},
		Fields: []engine.Field{{Name: "password", Type: engine.Secret, Required: true, Help: "the account's password"}},
	}
}

type reauthenticate struct{ *Env }

// Limits counts every try against the client and the account before the password is looked
// at; success gives them back.
func (r reauthenticate) Limits(s engine.Submission) []engine.Take {
	return r.passwordTries(state.AccountID(s.Client.Account), s.Client.IP)
}

// Limited says what a client is told that has tried too often.
func (reauthenticate) Limited(engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Param: "password", Code: "too_many_login_attempts"}}
}

// passwordTries is what wrong passwords of a signed-in account are counted by, and by the
// client's address unless that is "".
func (e *Env) passwordTries(account state.AccountID, ip string) []engine.Take {
	return e.Rates.Takes("login_failed", engine.Counted{IP: ip, Key: e.limitKey(accounts.PasswordLimit(account))})
}

// Submit judges the password of the account that is signed in.
func (r reauthenticate) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.account(ctx, s.Client.Account)
	if err != nil {
		return engine.Verdict{}, err
	}
	var hash string
	if account != nil {
		hash = account.PasswordHash
	}
	match, err := r.Hasher.Verify(ctx, hash, s.Values.Text("password"))
	if err != nil {
		return engine.Verdict{}, err
	}
	if !match.OK {
		return wrong("password", "incorrect_password"), nil
	}
	return engine.Verdict{
		Exit: engine.OK, Found: account, Refunds: engine.Refunds(r.Limits(s), nil),
		Methods: []engine.Method{{Method: "password", At: s.Now.UnixMilli(), Reauthenticated: true}},
	}, nil
}
