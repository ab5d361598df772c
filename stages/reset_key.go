package stages

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
)

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
		Actions: infoAction(keyField()),
	}
}

// resetKeyEnd is what stands in a key behind the account: a time and a MAC.
const resetKeyEnd = 8 + 16

// NewResetKey makes the key of a reset link: the account, the time, and a MAC over both,
// the address it is mailed to, and what changes with a reset, a sign-in, other addresses, or
// the end of all that began before. Nothing of it is stored.
func (e *Env) NewResetKey(a *state.Account, address string, now time.Time) string {
	b := a.ID.Bytes()
	b = binary.BigEndian.AppendUint64(b, uint64(now.UnixMilli()))
	b = append(b, e.Keys.MAC(resets, resetParts(b, a, address)...)[:16]...)
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// resets is what the MAC of a reset link is for.
const resets = "reset key"

// resetParts are what that covers.
func resetParts(head []byte, a *state.Account, address string) [][]byte {
	parts := [][]byte{
		head, []byte(address), []byte(a.PasswordHash),
		[]byte(strconv.FormatInt(a.LastLogin.UnixMicro(), 10)), []byte(strconv.FormatInt(a.Epoch, 10)),
	}
	for _, m := range a.Emails {
		parts = append(parts, []byte(m.Address))
	}
	return parts
}

// openResetKey returns the account of a good key and the address it was mailed to, or
// nil.
func (e *Env) openResetKey(ctx context.Context, key string, now time.Time) (*state.Account, string, error) {
	body, ok := strings.CutPrefix(key, keyPrefix)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !ok || err != nil || len(raw) <= resetKeyEnd {
		return nil, "", nil
	}
	id, head, mac := raw[:len(raw)-resetKeyEnd], raw[:len(raw)-16], raw[len(raw)-16:]
	at := int64(binary.BigEndian.Uint64(head[len(id):]))
	if age := now.UnixMilli() - at; age < 0 || age > e.ResetKeyLifetime.Milliseconds() {
		return nil, "", nil
	}
	account, err := e.account(ctx, engine.AccountID(state.AccountIDOf(id)))
	if err != nil || account == nil || !account.Active {
		return nil, "", err
	}
	for _, m := range account.Emails {
		if e.Keys.Matches(mac, resets, resetParts(head, account, m.Address)...) && !m.Taken {
			return account, m.Address, nil
		}
	}
	return nil, "", nil
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
	v.Subject, v.IfSpent = engine.AccountID(account.ID), wrong("key", "invalid_password_reset").Errors
	return v, nil
}

// Act tells which account the key is for.
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

// Predict: a link was mailed to an address, and a new password voids what was trusted.
func (resetKey) Predict(engine.FlowID, engine.Edge) []engine.Case {
	c := existingAccount()
	c.Sets = append(c.Sets, "TrustsCode", "TrustsSecond")
	cases := reachable(byEmail)
	cases = cases[:len(cases)-1]
	for _, one := range firstProof(c, byEmail) {
		if len(one.Sets) > len(c.Sets) {
			// A reset link proves the address and verifies it not.
			one.Sets, one.Then.Email = slices.Clone(one.Sets), engine.Unverified
		}
		cases = append(cases, ifActive(one))
	}
	return cases
}
