package stages

import (
	"context"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// Password asks for a name and the password.
func Password(s Settings) engine.Stage {
	return engine.Stage{
		ID: "password", Kind: engine.Asks, Title: "name and password",
		Exits: engine.Exits{engine.OK: {
			Binds: true, Proves: []engine.Proof{engine.Subject, engine.First, engine.Password},
		}},
		Because: map[engine.Reason]string{"ok": "the password belongs to the account of that name"},
		Fields:  append(nameFields(s.LoginMethods), engine.Field{Name: "password", Type: engine.Secret, Required: true, Lookup: true, Help: "the password"}),
	}
}

// nameFields are the fields one can be found by. A single one is required.
func nameFields(methods []string) []engine.Field {
	var out []engine.Field
	for _, f := range []engine.Field{
		{Name: "email", Type: engine.EmailIn, Help: "a mail address of the account"},
		{Name: "username", Type: engine.Username, Lookup: true, Help: "the username"},
		{Name: "phone", Type: engine.PhoneIn, Help: "the phone number, in E.164"},
	} {
		for _, m := range methods {
			if m == f.Name {
				f.Required = len(methods) == 1
				out = append(out, f)
			}
		}
	}
	return out
}

type password struct{ *Env }

// named is what a client says it is.
type named struct{ method, value string }

// name returns the one name that was given, or false where none or several were.
func (p password) name(s engine.Submission) (named, bool) {
	var got []named
	for _, m := range p.LoginMethods {
		if s.Values.Given(m) {
			got = append(got, named{m, s.Values.Text(m)})
		}
	}
	if len(got) != 1 {
		return named{}, false
	}
	return got[0], true
}

// Limits counts every try against the client and the name before the password is looked
// at; success gives them back.
func (p password) Limits(s engine.Submission) []engine.Take {
	n, ok := p.name(s)
	if !ok {
		return nil
	}
	return p.failures(p.readings(n)[0], s.Client.IP)
}

// readings are the names that a client may mean: an address typed where a username is asked
// for is read as an address first, and counted as one. Old accounts may have it as a username.
func (p password) readings(n named) []named {
	if n.method == state.KeyUsername && p.allowed("email") && addressLike(n.value) {
		return []named{{state.KeyEmail, n.value}, n}
	}
	return []named{n}
}

// anyHolder finds the account of the password by the first of the names that leads to it. All
// are tried where none does, so that it takes as long for a name that nobody has.
func (p password) anyHolder(ctx context.Context, names []named, secret string) (*state.Account, accounts.Match, error) {
	for _, n := range names {
		account, match, err := p.holder(ctx, n, secret)
		if err != nil || account != nil && match.OK {
			return account, match, err
		}
	}
	return nil, accounts.Match{}, nil
}

// failures is what wrong passwords under a name are counted by, and by the client's address
// unless that is "".
func (e *Env) failures(n named, ip string) []engine.Take {
	return e.Rates.Takes("login_failed", engine.Counted{IP: ip, Key: e.limitKey(n.method + ":" + foldName(n))})
}

// Limited says what a client is told that has tried too often.
func (password) Limited(engine.Submission) []engine.FieldError {
	return []engine.FieldError{{Code: "too_many_login_attempts"}}
}

// Submit judges a name and a password. An unknown name costs as much as a known one.
func (p password) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	n, ok := p.name(s)
	if !ok {
		return engine.Verdict{Errors: []engine.FieldError{{Code: "invalid_login"}}}, nil
	}
	secret := s.Values.Text("password")
	account, match, err := p.anyHolder(ctx, p.readings(n), secret)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil || !match.OK || !account.Active {
		return wrong("password", n.method+"_password_mismatch"), nil
	}
	v := engine.Verdict{
		Exit: engine.OK, Subject: engine.AccountID(account.ID), Epoch: account.Epoch, Found: account,
		Methods: []engine.Method{passwordMethod(n, s)}, Refunds: engine.Refunds(p.Limits(s), nil),
	}
	if n.method != "username" {
		v.Hint = n.value
	}
	if match.Stale {
		// The password is at hand only now; the upgrade gives way to any change made since.
		if fresh, err := p.Hasher.Hash(ctx, secret); err == nil {
			v.Writes = append(v.Writes, state.SetPassword{Hash: fresh, Replaces: account.PasswordHash})
		}
	}
	return v, nil
}

// holder finds the account of the name and the password: the one that the name leads to,
// or one that claims the name without having verified it.
func (p password) holder(ctx context.Context, n named, secret string) (*state.Account, accounts.Match, error) {
	all, err := p.Accounts.Named(ctx, state.Key{Kind: n.method, Value: foldName(n)})
	if err != nil {
		return nil, accounts.Match{}, err
	}
	tried := all.Others
	switch {
	case all.Account == nil:
		tried = append([]state.Claimant{{}}, tried...)
	case p.hides(n.method) && !verified(all.Account, n):
		// As long as it would take if another account had verified the name.
		tried = append([]state.Claimant{{}, {Account: all.ID, PasswordHash: all.PasswordHash}}, tried...)
	default:
		tried = append([]state.Claimant{{Account: all.ID, PasswordHash: all.PasswordHash}}, tried...)
	}
	for _, c := range tried {
		match, err := p.Hasher.Verify(ctx, c.PasswordHash, secret)
		switch {
		case err != nil:
			return nil, accounts.Match{}, err
		case !match.OK:
			continue
		case all.Account != nil && c.Account == all.ID:
			return all.Account, match, nil
		}
		account, err := p.account(ctx, engine.AccountID(c.Account))
		if account == nil || account.PasswordHash != c.PasswordHash {
			return nil, accounts.Match{}, err
		}
		return account, match, nil
	}
	return nil, accounts.Match{}, nil
}

// verified reports whether the account has verified the name, or it needs no proof.
func verified(a *state.Account, n named) bool {
	switch n.method {
	case state.KeyEmail:
		m := a.Email(n.value)
		return m != nil && m.Verified
	case state.KeyPhone:
		return a.PhoneVerified
	}
	return true
}

// passwordMethod is how the log of authentications tells of the password.
func passwordMethod(n named, s engine.Submission) engine.Method {
	m := engine.Method{Method: "password", At: s.Now.UnixMilli()}
	switch n.method {
	case state.KeyEmail:
		m.Email = n.value
	case state.KeyUsername:
		m.Username = n.value
	}
	return m
}

// Predict: a disabled account has no password that is right.
func (password) Predict(engine.FlowID, engine.Edge) []engine.Case {
	return []engine.Case{ifDisabled("answered like a wrong password"), ifActive(existingAccount())}
}
