package stages

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// ResetRequest asks whose password is to be reset, by a code.
func ResetRequest() engine.Stage {
	return engine.Stage{
		ID: "reset_request", Kind: engine.Asks, Title: "whose password is forgotten",
		Exits: engine.Exits{
			"known":   {Binds: true, Proves: []engine.Proof{engine.Subject}},
			"unknown": {Pretends: "known"},
		},
		Because: map[engine.Reason]string{"known": "an account has the address", "unknown": "no account has the address"},
		Fields:  []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "a mail address of the account"}},
	}
}

// ResetCode asks for the code from the mail and a new password.
func ResetCode(s Settings) engine.Stage {
	return engine.Stage{
		ID: "reset_code", Kind: engine.Asks, Wire: "password_reset_by_code", Title: "the code and a new password",
		Exits: engine.Exits{engine.OK: {Proves: []engine.Proof{engine.First, engine.Reset}, Moves: engine.SlotLogin}},
		Fields: []engine.Field{
			{Name: "key", Type: engine.CodeIn, Required: true, Help: "the code from the mail"},
			{Name: "password", Type: engine.Secret, Required: true, Help: "the new password"},
		},
		Actions: infoAction(engine.CodeIn),
		Tries:   s.ResetTries, Lifetime: s.ResetLifetime,
	}
}

// ResetKey asks for the key of the link and a new password.
func ResetKey() engine.Stage {
	return engine.Stage{
		ID: "reset_key", Kind: engine.Asks, Title: "the key of the link and a new password",
		Exits: engine.Exits{engine.OK: {
			Binds: true, Proves: []engine.Proof{engine.Subject, engine.First, engine.Reset},
		}},
		Fields: []engine.Field{
			{Name: "key", Type: engine.Text, Required: true, Help: "what the link carried"},
			{Name: "password", Type: engine.Secret, Required: true, Help: "the new password"},
		},
		Actions: infoAction(engine.Text),
	}
}

// ResetLink asks whose password is to be reset, and mails a link.
func ResetLink() engine.Stage {
	return engine.Stage{
		ID: "reset_link", Kind: engine.Asks, Title: "whose password is forgotten",
		Exits:  engine.Exits{"sent": {}},
		Fields: []engine.Field{{Name: "email", Type: engine.EmailIn, Required: true, Help: "a mail address of the account"}},
	}
}

// LoginOnReset asks whether a reset signs in.
func LoginOnReset() engine.Stage {
	return engine.Stage{
		ID: "login_on_reset", Kind: engine.Decides, Title: "does a reset sign in?",
		Exits: engine.Exits{"yes": {}, "no": {}},
		Reads: []string{"LoginOnReset"},
		Because: map[engine.Reason]string{
			"setting=on": "a new password signs in here", "setting=off": "a new password does not sign in here",
		},
	}
}

func loginOnReset(f engine.Facts) (engine.Exit, engine.Reason) {
	if f.LoginOnReset {
		return "yes", "setting=on"
	}
	return "no", "setting=off"
}

// PasswordSet is the end of a reset that does not sign in.
func PasswordSet() engine.Stage {
	return engine.Stage{ID: "password_set", Kind: engine.Ends, Title: "the password is new"}
}

const resetPurpose = "reset"

type resetRequest struct{ *Env }

// Submit finds the account whose password is to be reset.
func (r resetRequest) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	email := s.Values.Text("email")
	account, err := r.find(ctx, "email", email)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account != nil && account.Active {
		return engine.Verdict{Exit: "known", Subject: account.ID, Epoch: account.Epoch, Found: account, Hint: email}, nil
	}
	if r.PreventEnumeration == Shown {
		return wrong("email", "unknown_email"), nil
	}
	return engine.Verdict{Exit: "unknown", Hint: email, Messages: r.unknownNotice(email)}, nil
}

type resetLink struct{ *Env }

// Submit mails a link to the account of the address, or tells its reader that there is
// none. The answer is the same.
func (r resetLink) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	email := s.Values.Text("email")
	account, err := r.find(ctx, "email", email)
	if err != nil {
		return engine.Verdict{}, err
	}
	switch {
	case account != nil && account.Active:
		key := r.NewResetKey(account, email, s.Now)
		return engine.Verdict{Exit: "sent", Messages: []engine.Message{state.Message{
			Channel: state.ByMail, Template: state.PasswordResetKeyTemplate, To: email, Data: map[string]string{
				"key": key, "url": strings.ReplaceAll(r.ResetKeyURL, "{key}", key), "email": email, "user": account.Snapshot().Display(),
			},
		}}}, nil
	case r.PreventEnumeration == Shown:
		return wrong("email", "unknown_email"), nil
	}
	return engine.Verdict{Exit: "sent", Messages: r.unknownNotice(email)}, nil
}

// NewResetKey makes the key of a reset link: the account, the time, and a MAC over both,
// the address it is mailed to, and what a reset, a sign-in, a change of addresses or
// whatever ends all that began before changes. Nothing of it is stored.
func (e *Env) NewResetKey(a *state.Account, address string, now time.Time) string {
	b := make([]byte, 0, 32)
	b = binary.BigEndian.AppendUint64(b, uint64(a.ID))
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, e.resetMAC(b, a, address)...)
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func (e *Env) resetMAC(head []byte, a *state.Account, address string) []byte {
	parts := [][]byte{
		head, []byte(address), []byte(a.PasswordHash),
		[]byte(strconv.FormatInt(a.LastLogin.UnixMicro(), 10)), []byte(strconv.FormatInt(a.Epoch, 10)),
	}
	for _, m := range a.Emails {
		parts = append(parts, []byte(m.Address))
	}
	return e.Keys.MAC("reset key", parts...)[:16]
}

// openResetKey returns the account of a good key and the address it was mailed to, or
// nil.
func (e *Env) openResetKey(ctx context.Context, key string, now time.Time) (*state.Account, string, error) {
	body, ok := strings.CutPrefix(key, keyPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) != 32 {
		return nil, "", nil
	}
	at := int64(binary.BigEndian.Uint64(raw[8:]))
	if age := now.UnixMilli() - at; age < 0 || age > e.ResetKeyLifetime.Milliseconds() {
		return nil, "", nil
	}
	account, err := e.account(ctx, int64(binary.BigEndian.Uint64(raw)))
	if err != nil || account == nil || !account.Active {
		return nil, "", err
	}
	for _, m := range account.Emails {
		if hmac.Equal(raw[16:], e.resetMAC(raw[:16], account, m.Address)) && !m.Taken {
			return account, m.Address, nil
		}
	}
	return nil, "", nil
}

// newPassword judges a new password for an account, and what is to be stored of it.
func (e *Env) newPassword(ctx context.Context, a *state.Account, secret string) (state.SetPassword, []engine.FieldError, error) {
	var errs []engine.FieldError
	for _, code := range e.Policy.Check(secret, accounts.AttributesOf(a)...) {
		errs = append(errs, engine.FieldError{Param: "password", Code: code})
	}
	if len(errs) > 0 {
		return state.SetPassword{}, errs, nil
	}
	hash, err := e.Hasher.Hash(ctx, secret)
	return state.SetPassword{Hash: hash, SignOut: true}, nil, err
}

// resetDone is what a reset stores and says. Whoever resets a password has received what
// was sent to the address: what others may have set up ends.
func (e *Env) resetDone(a *state.Account, set state.SetPassword, prove state.ProveContact, hint string, s engine.Submission) engine.Verdict {
	prove.Recovers, prove.Own = true, s.Client.Account == a.ID
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
	for _, n := range namesOf(after) {
		for _, t := range e.failures(n, "") {
			v.Refunds = append(v.Refunds, engine.Refund{Take: t, All: true})
		}
	}
	return v
}

// securityNotice mails the owner that something about security has changed.
func (e *Env) securityNotice(a *state.Account, template state.Template, s engine.Submission) []engine.Message {
	to := a.Primary()
	if !e.Notices || to == nil {
		return nil
	}
	return []engine.Message{state.Message{Channel: state.ByMail, Template: template, To: to.Address, Data: map[string]string{
		"user": a.Snapshot().Display(), "email": to.Address, "at": s.Now.UTC().Format(time.RFC3339),
		"ip": s.Client.IP, "user_agent": s.Client.UserAgent,
	}}}
}

type resetKey struct{ *Env }

// Clean also tells of a bad key where something else is wrong.
func (r resetKey) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	if len(s.Invalid) == 0 || s.Values.Text("key") == "" {
		return nil, nil
	}
	account, _, err := r.openResetKey(ctx, s.Values.Text("key"), s.Now)
	if account != nil || err != nil {
		return nil, err
	}
	return []engine.FieldError{{Param: "key", Code: "invalid_password_reset"}}, nil
}

// Submit judges the key of a link and sets the new password.
func (r resetKey) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, address, err := r.openResetKey(ctx, s.Values.Text("key"), s.Now)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil {
		return wrong("key", "invalid_password_reset"), nil
	}
	set, errs, err := r.newPassword(ctx, account, s.Values.Text("password"))
	if err != nil || errs != nil {
		return engine.Verdict{Errors: errs}, err
	}
	v := r.resetDone(account, set, state.ProveContact{Email: address, Reached: true}, "", s)
	v.Subject, v.IfSpent = account.ID, wrong("key", "invalid_password_reset").Errors
	return v, nil
}

// Act tells whose password the key resets.
func (r resetKey) Act(ctx context.Context, _ string, s engine.Submission) (engine.Acted, error) {
	if len(s.Invalid) > 0 {
		return engine.Acted{Errors: s.Invalid}, nil
	}
	account, _, err := r.openResetKey(ctx, s.Values.Text("key"), s.Now)
	if err != nil {
		return engine.Acted{}, err
	}
	if account == nil {
		return engine.Acted{Errors: []engine.FieldError{{Param: "key", Code: "invalid_password_reset"}}}, nil
	}
	return engine.Acted{Keep: true, Reply: &state.Claim{Account: account}}, nil
}

type resetCode struct{ *Env }

// Clean also tells of a wrong code where something else is wrong.
func (r resetCode) Clean(ctx context.Context, s engine.Submission) ([]engine.FieldError, error) {
	if len(s.Invalid) == 0 || s.Values.Text("key") == "" {
		return nil, nil
	}
	account, err := r.check(ctx, s)
	if account != nil || err != nil {
		return nil, err
	}
	return []engine.FieldError{{Param: "key", Code: "incorrect_code"}}, nil
}

// Enter mails the code.
func (r resetCode) Enter(a engine.Arrival) (engine.Entered, error) {
	in := engine.Entered{Hint: a.Run.Hint, Data: Code{}}
	if !a.Pretend {
		in.Data, in.Messages = r.sendCode(a.Seed, resetPurpose, a.Run.Hint, state.PasswordResetCodeTemplate, state.PhoneLoginCodeTemplate)
	}
	return in, nil
}

// check judges the code and returns the account it is about, nil for a wrong code.
func (r resetCode) check(ctx context.Context, s engine.Submission) (*state.Account, error) {
	var data Code
	if err := s.Data(&data); err != nil {
		return nil, err
	}
	if !r.codes().Right(data, s.Values.Text("key"), resetPurpose, s.Run.Hint) {
		return nil, nil
	}
	account, err := r.account(ctx, s.Run.Subject)
	if account == nil || err != nil || !account.Active || account.Epoch != s.Run.Epoch || !has(account, s.Run.Hint) {
		return nil, err
	}
	return account, nil
}

// Submit judges the code and sets the new password. A password that is turned down does
// not use up an attempt.
func (r resetCode) Submit(ctx context.Context, s engine.Submission) (engine.Verdict, error) {
	account, err := r.check(ctx, s)
	if err != nil {
		return engine.Verdict{}, err
	}
	if account == nil {
		return wrong("key", "incorrect_code"), nil
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

// Act tells whose password the code resets. Who has the code owns the address, and that
// counts from here on.
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
	writes, messages := r.shown(account, s.Run.Hint, false, s)
	return engine.Acted{
		Keep: len(writes) == 0, Writes: writes, Messages: messages, Reply: &state.Claim{Account: account},
	}, nil
}
