package stages

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stagedoor/engine"
	"stagedoor/state"
)

// SignupForm asks for what an account is made of.
func SignupForm(s Settings) engine.Stage {
	return engine.Stage{
		ID: "signup_form", Kind: engine.Asks, Title: "a new account",
		Exits: engine.Exits{
			"created": {Binds: true, Proves: []engine.Proof{engine.Subject, engine.First}},
		},
		Because: map[engine.Reason]string{"created": "the account was made"},
		Fields:  signupFields(s, true),
	}
}

// PasskeyForm asks for what an account without a password is made of.
func PasskeyForm(s Settings) engine.Stage {
	st := SignupForm(s)
	st.ID, st.Title, st.Fields = "passkey_form", "a new account with a passkey", signupFields(s, false)
	return st
}

// signupFields are the fields of a signup in the order faults are told.
func signupFields(s Settings, withPassword bool) []engine.Field {
	var out []engine.Field
	for _, f := range []engine.Field{
		{Name: "username", Type: engine.Username, MinLength: s.UsernameMin, MaxLength: 150, Help: "a name to sign in with"},
		{Name: "email", Type: engine.EmailIn, Help: "a mail address"},
		{Name: "phone", Type: engine.PhoneIn, Help: "a phone number, in E.164"},
		{Name: "password", Type: engine.Secret, Help: "a password"},
	} {
		required, asked := s.SignupFields[f.Name]
		if asked && (withPassword || f.Name != "password") {
			f.Required = required
			out = append(out, f)
		}
	}
	return out
}

type signup struct{ *Env }

// Clean says of single fields whether they can be had.
func (f signup) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	var errs []engine.FieldError
	refuse := func(param, code string) { errs = append(errs, engine.FieldError{Param: param, Code: code}) }
	if name := s.Values.Text("username"); name != "" {
		if slices.ContainsFunc(f.UsernameBlacklist, func(b string) bool { return strings.EqualFold(b, name) }) || f.shadows(name, s.Values.Text("email")) {
			refuse("username", "username_blacklisted")
		} else if taken, err := f.find(ctx, state.KeyUsername, strings.ToLower(name)); err != nil {
			return nil, err
		} else if taken != nil {
			refuse("username", "username_taken")
		}
	}
	if email := s.Values.Text("email"); email != "" && !f.hidesEmail() && f.PreventEnumeration != Strict {
		taken, err := f.verifiedElsewhere(ctx, "", email)
		if err != nil {
			return nil, err
		}
		if taken {
			refuse("email", "email_taken")
		}
	}
	errs = append(errs, f.untexted(s.Values.Text("phone"))...)
	if phone := s.Values.Text("phone"); phone != "" && !f.hidesPhone() {
		taken, err := f.numberElsewhere(ctx, "", phone)
		if err != nil {
			return nil, err
		}
		if taken {
			refuse("phone", "phone_taken")
		}
	}
	if secret := s.Values.Text("password"); secret != "" {
		for _, code := range f.Policy.Check(secret, nil) {
			refuse("password", code)
		}
	}
	return errs, nil
}

// hidesEmail reports whether a taken address can be hidden: only where every signup must
// verify its address does one that never can look like any other.
func (e *Env) hidesEmail() bool {
	return e.PreventEnumeration != Shown && e.VerifyEmail == engine.Mandatory
}

func (e *Env) hidesPhone() bool { return e.PreventEnumeration != Shown && e.VerifyPhone }

// hides reports whether a kind of name does not show whether it is taken.
func (e *Env) hides(method string) bool {
	switch method {
	case state.KeyEmail:
		return e.hidesEmail() || e.PreventEnumeration == Strict
	case state.KeyPhone:
		return e.hidesPhone()
	}
	return false
}

// Submit makes the account, also where another one has verified the address or the
// number: only a real account behaves like one in every respect, at a later sign-in with
// its password, too. Its owner is told instead of being sent a link or a code, and it can
// never verify what is somebody else's.
func (f signup) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := f.newAccount(ctx, s)
	if err != nil {
		return engine.Verdict{}, err
	}
	email := s.Values.Text("email")
	if email != "" {
		if account.Emails[0].Taken, err = f.verifiedElsewhere(ctx, "", email); err != nil {
			return engine.Verdict{}, err
		}
	}
	if account.PhoneTaken, err = f.numberElsewhere(ctx, "", account.Phone); err != nil {
		return engine.Verdict{}, err
	}
	return engine.Verdict{
		Exit: "created", Signup: true, Subject: engine.AccountID(account.ID), Writes: []engine.Write{state.CreateAccount{Account: account}},
		Messages: f.signupMessages(&account, f.VerifyEmail, s),
	}, nil
}

// signupMessages are what goes out when an account is made: a notice to the owner of an address
// that is taken, or the link of an address that need not be verified before it is used.
// Anything else is the business of the stage that waits for it: what goes to a number, its caps
// included, and what goes to the address waits until the number is verified, where that comes first.
func (e *Env) signupMessages(a *state.Account, verify engine.Demand, s engine.Submission) []engine.Message {
	if e.VerifyPhone && a.Phone != "" && !a.PhoneVerified {
		return nil
	}
	return e.addressMessages(a, verify, s)
}

// addressMessages are what goes to the address of a new account.
func (e *Env) addressMessages(a *state.Account, verify engine.Demand, s engine.Submission) []engine.Message {
	to := a.Primary()
	switch {
	case to == nil || a.HasVerifiedEmail():
	case to.Taken:
		return []engine.Message{e.takenNotice(to.Address)}
	case verify == engine.Optional:
		return []engine.Message{e.linkMessage(a, to.Address, letter{signup: true, own: true}, s)}
	}
	return nil
}

// newAccount is the account as it would be made.
func (f signup) newAccount(ctx context.Context, s engine.Submission) (state.Account, error) {
	a := state.Account{
		ID: state.AccountID(s.Seed.Account()), Active: true, Phone: s.Values.Text("phone"), CreatedAt: s.Now,
	}
	email := s.Values.Text("email")
	if email != "" {
		a.Emails = []state.Email{{Address: email, Primary: true}}
	}
	if secret := s.Values.Text("password"); secret != "" {
		var err error
		if a.PasswordHash, err = f.Hasher.Hash(ctx, secret); err != nil {
			return a, err
		}
	}
	var err error
	a.Username, err = f.username(ctx, s.Values.Text("username"), []string{email}, s.Seed)
	return a, err
}

// username is the one that was asked for, or one made of the first of texts that has something
// in it: of an address its local part, with digits behind it where that is taken.
func (e *Env) username(ctx context.Context, asked string, texts []string, seed engine.Seed) (string, error) {
	if asked != "" {
		if !e.KeepUsernameCase {
			asked = strings.ToLower(asked)
		}
		return asked, nil
	}
	base := e.usernameBase(append(texts, "user"))
	for i, name := range []string{base, base + digits(seed, 1), base + digits(seed, 2)} {
		if i == 0 && len(base) < e.UsernameMin {
			continue
		}
		taken, err := e.find(ctx, state.KeyUsername, name)
		if err != nil || taken == nil {
			return name, err
		}
	}
	return base + digits(seed, 9), nil
}

// usernameBase is what the first of the texts that is long enough has of small letters, digits
// and what may stand between them, 140 bytes at most; else the first that has any.
func (e *Env) usernameBase(texts []string) string {
	short := ""
	for _, text := range texts {
		text, _, _ = strings.Cut(strings.ToLower(norm.NFKD.String(text)), "@")
		base := strings.Map(func(r rune) rune {
			if r < utf8.RuneSelf && (r == '.' || r == '+' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z') {
				return r
			}
			return -1
		}, strings.Join(strings.Fields(text), "_"))
		base = base[:min(len(base), 140)]
		refused := slices.ContainsFunc(e.UsernameBlacklist, func(b string) bool { return strings.EqualFold(b, base) })
		switch {
		case refused || base == "":
		case len(base) >= e.UsernameMin:
			return base
		case short == "":
			short = base
		}
	}
	return short
}

// digits are random digits, the more the higher n.
func digits(seed engine.Seed, n int) string {
	b := seed.Bytes("username "+string(rune('0'+n)), 3*n)
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return string(b)
}

// Predict: a new account has what the form asks for, and nothing of it is verified.
func (f signup) Predict(engine.FlowID, engine.Edge) []engine.Case {
	if !f.SignupOpen {
		return []engine.Case{{Stays: "sign-up is closed"}}
	}
	c := newAccountCase()
	var out []engine.Case
	contact := func(field, fact string, is func(engine.Facts) engine.Verified, set func(engine.Verified)) {
		required, asked := f.SignupFields[field]
		switch {
		case !asked:
			c.Sets = append(c.Sets, fact)
		case required:
			c.Sets = append(c.Sets, fact)
			set(engine.Unverified)
		default:
			out = append(out, impossible(fact, func(f engine.Facts) bool { return is(f) == engine.IsVerified }, "nothing of a new account is verified"))
		}
	}
	contact("email", "Email", emailOf, func(v engine.Verified) { c.Then.Email = v })
	contact("phone", "Phone", phoneOf, func(v engine.Verified) { c.Then.Phone = v })
	return append(out, c)
}
