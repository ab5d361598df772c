package stages_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/stages"
	"stagedoor/state"
)

func TestFacts(t *testing.T) {
	for _, c := range []struct {
		name  string
		query engine.FactQuery
		email engine.Verified
		phone engine.Verified
		to    string
	}{
		{"the primary address", engine.FactQuery{Subject: "7"}, engine.IsVerified, engine.IsVerified, "ann@x.org"},
		{"the one signed in with", engine.FactQuery{Subject: "7", Hint: "new@x.org"}, engine.Unverified, engine.IsVerified, "new@x.org"},
		{"a verified one", engine.FactQuery{Subject: "7", Hint: "ann@x.org"}, engine.IsVerified, engine.IsVerified, "ann@x.org"},
		{"one of somebody else", engine.FactQuery{Subject: "7", Hint: "bob@x.org"}, engine.IsVerified, engine.IsVerified, "ann@x.org"},
		{"nothing verified", engine.FactQuery{Subject: "8"}, engine.Unverified, engine.Unverified, "bob@x.org"},
		{"nobody", engine.FactQuery{}, engine.Missing, engine.Missing, ""},
		{"an account that is gone", engine.FactQuery{Subject: "99"}, engine.Missing, engine.Missing, ""},
		{"with the turn's own writes", engine.FactQuery{Subject: "8", Writes: []engine.Write{
			state.ProveContact{Email: "bob@x.org"}, state.ProveContact{Phone: "+3"},
		}}, engine.IsVerified, engine.IsVerified, "bob@x.org"},
		{"of a signup", engine.FactQuery{Subject: "5", Signup: true, Writes: []engine.Write{
			state.CreateAccount{Account: state.Account{ID: "5", Active: true, Emails: []state.Email{{Address: "eve@x.org"}}}},
		}}, engine.Unverified, engine.Missing, "eve@x.org"},
	} {
		w := newWorld(t)
		f, p, err := w.Facts(context.Background(), c.query)
		if err != nil || f.Email != c.email || f.Phone != c.phone || p.Email != c.to {
			t.Errorf("%s: %+v, %+v, %v", c.name, f, p, err)
		}
		exists := c.query.Subject != "" && c.query.Subject != "99"
		if f.Active != exists {
			t.Errorf("%s: active is %t", c.name, f.Active)
		}
	}
}

func TestFactsLeaveTheAccountAlone(t *testing.T) {
	w := newWorld(t)
	found := w.bob().Clone()
	_, _, err := w.Facts(context.Background(), engine.FactQuery{Found: found, Writes: []engine.Write{state.ProveContact{Email: "bob@x.org"}}})
	if err != nil || found.Emails[0].Verified {
		t.Errorf("the account that was found is changed: %+v, %v", found, err)
	}
	if _, _, err := w.Facts(context.Background(), engine.FactQuery{Subject: "7", Writes: []engine.Write{notAWrite{}}}); err == nil {
		t.Error("what is no write was applied")
	}
	w.book.err = errDown
	if _, _, err := w.Facts(context.Background(), engine.FactQuery{Subject: "7"}); !errors.Is(err, errDown) {
		t.Errorf("store down: %v", err)
	}
	if _, _, err := w.Facts(context.Background(), engine.FactQuery{Subject: "7", Found: found}); err != nil {
		t.Errorf("what the handler has read is read again: %v", err)
	}
}

func TestFactsAreSettings(t *testing.T) {
	w := newWorld(t)
	w.protect()
	w.VerifyPhone, w.Presence, w.LoginOnPasswordReset = true, true, true
	w.SignupFields = map[string]bool{"phone": true}
	w.RequireCode = func(f engine.FlowID) bool { return f == "login" }
	f, p, err := w.Facts(context.Background(), engine.FactQuery{Flow: "login", Subject: "7", Client: engine.Client{Kind: "browser"}})
	if err != nil || !f.VerifyPhone || !f.Presence || !f.LoginOnReset || !f.RequirePhone || !f.RequireCode || !f.Browser || !f.SecondFactor ||
		f.VerifyEmail != engine.Mandatory {
		t.Errorf("%+v, %v", f, err)
	}
	if len(p.SecondFactors) != 2 || p.SecondFactors[0] != "recovery_codes" || p.Name != "Ann" {
		t.Errorf("%+v", p)
	}
	if f, _, _ := w.Facts(context.Background(), engine.FactQuery{Flow: "signup", Subject: "7", Client: engine.Client{Kind: "app"}}); f.RequireCode || f.Browser {
		t.Errorf("%+v", f)
	}
}

// TestFactsOfBoundSessions: who shows a key in a sign-in gets a session that is bound to it, but
// for a browser, whose new session is bound afterwards, if at all. A browser says by itself that
// it binds; an app cannot.
func TestFactsOfBoundSessions(t *testing.T) {
	for _, c := range []struct {
		name         string
		off          bool
		client       engine.Client
		bound, binds bool
	}{
		{name: "an app without a key", client: engine.Client{Kind: "app"}},
		{name: "an app with a key", client: engine.Client{Kind: "app", Key: "k"}, bound: true},
		{name: "a script with a key", client: engine.Client{Kind: "rest", Key: "k", Binds: true}, bound: true},
		{name: "a browser that has bound none", client: engine.Client{Kind: "browser"}},
		{name: "a browser that binds", client: engine.Client{Kind: "browser", Binds: true}, binds: true},
		{name: "a browser in its bound session", client: engine.Client{Kind: "browser", Key: "k", Account: "7", Binds: true}, bound: true, binds: true},
		{name: "a browser in the bound session of another", client: engine.Client{Kind: "browser", Key: "k", Account: "8", Binds: true}, binds: true},
		{name: "a browser with a key and without a session", client: engine.Client{Kind: "browser", Key: "k"}},
		{name: "where none is bound", off: true, client: engine.Client{Kind: "browser", Binds: true}},
	} {
		w := newWorld(t)
		w.BindsSessions = !c.off
		f, _, err := w.Facts(t.Context(), engine.FactQuery{Subject: "7", Client: c.client})
		if err != nil || f.Bound != c.bound || f.Binds != c.binds {
			t.Errorf("%s: bound %t, binds %t, %v", c.name, f.Bound, f.Binds, err)
		}
	}
}

// shelf is a ledger that keeps what it was asked for.
type shelf struct {
	got state.Batch
	out state.Receipt
	err error
}

func (s *shelf) Commit(_ context.Context, b state.Batch) (state.Receipt, error) {
	s.got = b
	return s.out, s.err
}

func (s *shelf) Release(context.Context, string, uint64, time.Time) error { return s.err }
func (s *shelf) Abandon(context.Context, string, uint64) error            { return s.err }

// TestLedgerRefusals: what a store says, and what it means for a turn.
func TestLedgerRefusals(t *testing.T) {
	for _, c := range []struct {
		err                 error
		ended, spent, retry bool
	}{
		{state.ErrEnded, true, false, false}, {state.ErrNotFound, true, false, false}, {state.ErrSpent, false, true, false},
		{&state.ConflictError{Field: "email"}, false, false, true},
	} {
		l := stages.NewLedger(&shelf{err: c.err}, 0, nil, 0)
		_, err := l.Commit(context.Background(), engine.Batch{Run: "r", Subject: "7"})
		var r *engine.Refused
		if !errors.As(err, &r) || r.Ended != c.ended || r.Spent != c.spent || r.Retry != c.retry || !errors.Is(err, c.err) {
			t.Errorf("%v means %+v", c.err, r)
		}
	}
	l := stages.NewLedger(&shelf{err: state.ErrUnavailable}, 0, nil, 0)
	var r *engine.Refused
	if _, err := l.Commit(context.Background(), engine.Batch{}); errors.As(err, &r) || !errors.Is(err, state.ErrUnavailable) {
		t.Errorf("a store that is down: %v", err)
	}
	if _, err := l.Commit(context.Background(), engine.Batch{Writes: []engine.Write{notAWrite{}}}); err == nil || errors.Is(err, state.ErrUnavailable) {
		t.Errorf("what is no write: %v", err)
	}
}

// TestLedgerTurns: two turns of one run from one version are two, so that neither
// releases the messages of the other.
func TestLedgerTurns(t *testing.T) {
	s := &shelf{}
	l := stages.NewLedger(s, 0, nil, 0)
	seen := make(map[uint64]bool)
	for seed := range byte(3) {
		b := engine.Batch{Run: "r", Version: 4, Subject: "7", Seed: engine.Seed{seed}, Messages: []engine.Message{state.Message{Channel: state.ByMail, Template: "x", To: "y"}}}
		if _, err := l.Commit(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		if q, ok := s.got.Writes[0].(state.Queue); !ok || q.Message.To != "y" || s.got.Session != nil || s.got.Guard {
			t.Errorf("%+v", s.got)
		}
		if seen[s.got.Version] {
			t.Errorf("turn %d comes twice", s.got.Version)
		}
		seen[s.got.Version] = true
	}
}

// notAWrite is a write that no store knows.
type notAWrite struct{}

// AccountWrite marks it.
func (notAWrite) AccountWrite() {}
