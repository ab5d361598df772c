package stages_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errDown = errors.New("down")

// world is the environment of the handlers on accounts in memory.
type world struct {
	*stages.Env
	t    testing.TB
	book *book
	// seeds counts those that were drawn.
	seeds byte
}

// book is accounts in memory; a store that is down answers err.
type book struct {
	list []*state.Account
	err  error
}

func (b *book) Account(_ context.Context, id state.AccountID) (*state.Account, error) {
	return b.first(func(a *state.Account) bool { return a.ID == id })
}

func (b *book) first(is func(*state.Account) bool) (*state.Account, error) {
	if b.err != nil {
		return nil, b.err
	}
	if i := slices.IndexFunc(b.list, is); i >= 0 {
		return b.seen(b.list[i]), nil
	}
	return nil, state.ErrNotFound
}

// seen is an account as stores read it: with what others have verified.
func (b *book) seen(a *state.Account) *state.Account {
	out := a.Clone()
	others := func(k state.Key) bool {
		return slices.ContainsFunc(b.list, func(o *state.Account) bool { return o.ID != a.ID && verified(o, k) })
	}
	for i := range out.Emails {
		out.Emails[i].Taken = others(state.Key{Kind: "email", Value: out.Emails[i].Address})
	}
	out.PhoneTaken = out.Phone != "" && others(state.Key{Kind: "phone", Value: out.Phone})
	return out
}

// Find leads to the account that has verified an address or a number, else to one that has
// proved nothing.
func (b *book) Find(_ context.Context, k state.Key) (*state.Account, error) {
	if k.Kind == "username" {
		return b.first(func(a *state.Account) bool { return strings.EqualFold(a.Username, k.Value) })
	}
	if a, err := b.first(func(a *state.Account) bool { return verified(a, k) }); err == nil {
		return a, nil
	}
	return b.first(func(a *state.Account) bool { return claims(a, k) && !a.Proved() })
}

func claims(a *state.Account, k state.Key) bool {
	return k.Kind == "phone" && a.Phone == k.Value || k.Kind == "email" && a.Email(k.Value) != nil
}

func verified(a *state.Account, k state.Key) bool {
	return claims(a, k) && (k.Kind == "phone" && a.PhoneVerified || k.Kind == "email" && a.Email(k.Value).Verified)
}

func (b *book) Named(ctx context.Context, k state.Key) (out state.Named, err error) {
	out.Account, err = b.Find(ctx, k)
	if errors.Is(err, state.ErrNotFound) {
		err = nil
	}
	for _, a := range b.list {
		if claims(a, k) && !verified(a, k) && (out.Account == nil || out.ID != a.ID) {
			out.Others = append(out.Others, state.Claimant{Account: a.ID, PasswordHash: a.PasswordHash})
		}
	}
	return out, err
}

// newWorld knows ann, with a verified and an unverified address, a name and a number.
func newWorld(t testing.TB) *world {
	t.Helper()
	keys, err := state.NewKeyring(rand.Reader, bytes.Repeat([]byte{7}, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := accounts.NewHasher(accounts.HashConfig{MemoryKiB: 8, Time: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := accounts.NewPolicy(0)
	if err != nil {
		t.Fatal(err)
	}
	config := accounts.MFAConfig{Issuer: "x", Period: 30 * time.Second, Digits: 6, RecoveryCount: 3, RecoveryDigits: 8}
	mfa, err := accounts.NewMFA(config, keys)
	if err != nil {
		t.Fatal(err)
	}
	s := stages.Settings{
		LoginMethods: []string{"email", "username", "phone"}, SignupFields: map[string]bool{"email": true, "password": true},
		VerifyEmail: engine.Mandatory, PreventEnumeration: stages.Hidden, UsernameMin: 1, UsernameBlacklist: []string{"Admin"},
		EmailLifetime: 15 * time.Minute, KeyLifetime: time.Hour, PhoneLifetime: 15 * time.Minute, CodeLifetime: 3 * time.Minute,
		ResetLifetime: 3 * time.Minute, ResetKeyLifetime: time.Hour, TrustLifetime: 24 * time.Hour, LoginTimeout: 15 * time.Minute,
		ConfirmURL: "https://x/verify/{key}", ResetKeyURL: "https://x/reset/{key}", MFA: config,
		Rates: engine.Rates{
			"login_failed":  {{Max: 5, Per: time.Minute, By: "ip"}, {Max: 3, Per: time.Minute, By: "key"}},
			"confirm_email": {{Max: 1, Per: time.Minute, By: "key"}},
			"verify_phone":  {{Max: 1, Per: time.Minute, By: "key"}}, "request_login_code": {{Max: 3, Per: time.Minute, By: "key"}},
		},
	}
	w := &world{t: t, book: &book{}}
	w.Env = &stages.Env{Settings: s, Accounts: w.book, Hasher: hasher, Policy: policy, Keys: keys, MFA: mfa}
	w.book.list = []*state.Account{{
		ID: "7", Username: "Ann", Active: true, Epoch: 3, PasswordHash: w.hash("correct horse"), Phone: "+31600000001", PhoneVerified: true,
		Emails: []state.Email{{Address: "ann@x.org", Verified: true, Primary: true}, {Address: "new@x.org"}},
	}, {
		ID: "8", Username: "bob", Active: true, PasswordHash: w.hash("other staple"), Phone: "+31600000002",
		Emails: []state.Email{{Address: "bob@x.org", Primary: true}},
	}}
	return w
}

func (w *world) ann() *state.Account { return w.book.list[0] }
func (w *world) bob() *state.Account { return w.book.list[1] }

func (w *world) hash(secret string) string {
	h, err := w.Hasher.Hash(context.Background(), secret)
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// submission is one with a seed of its own.
func (w *world) submission(values engine.MapValues) engine.Submission {
	w.seeds++
	return engine.Submission{Values: values, Now: noon, Seed: engine.Seed{w.seeds}, Client: engine.Client{Kind: "browser", IP: "192.0.2.1"}}
}

// submit lets the handler of a stage judge, after the look it takes at single fields.
func (w *world) submit(stage engine.StageID, s engine.Submission) engine.Verdict {
	w.t.Helper()
	h := w.Handlers()[stage]
	if c, ok := h.(engine.Cleaner); ok {
		errs, err := c.Clean(context.Background(), s)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(errs) > 0 {
			return engine.Verdict{Errors: errs}
		}
	}
	v, err := h.Submit(context.Background(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// kept returns the run with what its stage keeps.
func kept(t testing.TB, run engine.Run, data any, hint string) engine.Run {
	t.Helper()
	if data != nil {
		b, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		run.Data = b
	}
	if hint != "" {
		run.Hint = hint
	}
	return run
}

// enter lets a run arrive at a stage, and returns it as it waits there.
func (w *world) enter(stage engine.StageID, a engine.Arrival) (engine.Run, engine.Entered) {
	w.t.Helper()
	w.seeds++
	a.Now, a.Seed = noon, engine.Seed{w.seeds}
	in, err := w.Handlers()[stage].(engine.Enterer).Enter(a)
	if err != nil {
		w.t.Fatal(err)
	}
	run := a.Run
	return kept(w.t, run, in.Data, in.Hint), in
}

// act carries out an action.
func (w *world) act(stage engine.StageID, name string, s engine.Submission) engine.Acted {
	w.t.Helper()
	s.Action = name
	got, err := w.Handlers()[stage].(engine.Actor).Act(context.Background(), name, s)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// wantErrors compares what is wrong, as "param:code", with an empty param left out.
func (w *world) wantErrors(what string, got []engine.FieldError, want ...string) {
	w.t.Helper()
	var list []string
	for _, e := range got {
		list = append(list, strings.TrimPrefix(e.Param+":"+e.Code, ":"))
	}
	if !slices.Equal(list, want) {
		w.t.Errorf("%s: wrong is %q, want %q", what, list, want)
	}
}

// wantWrites compares what is to be stored.
func (w *world) wantWrites(what string, got []engine.Write, want ...engine.Write) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s: writes, want -, got +\n%s", what, diff)
	}
}

// wantMessages compares templates and readers, as "template to".
func (w *world) wantMessages(what string, got []engine.Message, want ...string) {
	w.t.Helper()
	var list []string
	for _, one := range got {
		m := one.(state.Message)
		list = append(list, fmt.Sprintf("%s %s to %s", m.Channel, m.Template, m.To))
	}
	if !slices.Equal(list, want) {
		w.t.Errorf("%s: messages %q, want %q", what, list, want)
	}
}

// noMessage is what is stored in place of a message where there is nobody to read it.
const noMessage = "nobody nothing to "

// codeOf returns the code that a message carries.
func codeOf(t testing.TB, list []engine.Message) string {
	t.Helper()
	if len(list) != 1 || len(dataOf(t, list)["code"]) != 9 {
		t.Fatalf("no code in %+v", list)
	}
	return dataOf(t, list)["code"]
}

// dataOf returns what the first message carries.
func dataOf(t testing.TB, list []engine.Message) map[string]string {
	t.Helper()
	if len(list) == 0 {
		t.Fatal("no message")
	}
	return list[0].(state.Message).Data
}

// down checks that a handler whose store is down judges nothing.
func (w *world) down(stage engine.StageID, s engine.Submission) {
	w.t.Helper()
	w.book.err = errDown
	defer func() { w.book.err = nil }()
	v, err := w.Handlers()[stage].Submit(context.Background(), s)
	if !errors.Is(err, errDown) || v.Exit != engine.Again {
		w.t.Errorf("%s, store down: exit %q, error %v", stage, v.Exit, err)
	}
}
