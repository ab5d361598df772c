package stages

import (
	"context"

	"stagedoor/engine"
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
		Exit: engine.OK, Found: account,
		Methods: []engine.Method{{Method: "password", At: s.Now.UnixMilli(), Reauthenticated: true}},
	}, nil
}
