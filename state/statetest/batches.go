package statetest

import (
	"context"
	"errors"
	"time"

	"stagedoor/state"
)

func batchTests() []test {
	return []test{
		{"a failed write undoes the batch", (*lab).allOrNothing},
		{"about an account that does not exist", (*lab).noAccount},
		{"about nobody", (*lab).aboutNobody},
		{"that make no sense", (*lab).senseless},
		{"with a guard", (*lab).guard},
		{"a run does not end itself", (*lab).ownEpoch},
		{"with a cancelled context", (*lab).cancelled},
		{"text that no database holds", (*lab).badText},
	}
}

func (l *lab) allOrNothing() {
	a, totp, codes := l.protected()
	s := l.grant(a)
	l.changes(a)
	run := l.run()
	fresh := l.session(a, run)
	l.refuses(state.Batch{
		Run: run, Account: a, Session: fresh,
		Writes: []state.Write{
			state.Queue{Message: state.Message{Template: "t", To: "x"}},
			state.SetPassword{Hash: "new", SignOut: true},
			state.AddEmail{Address: "new@example.org"},
			state.SpendTOTP{ID: totp, Step: 7, At: l.now},
			state.EndSessions{IDs: []int64{s.ID}},
			state.SpendRecoveryCode{ID: codes + 1000, At: l.now},
		},
	}, state.ErrSpent)
	if !l.goesOn(s) || l.goesOn(fresh) {
		l.Error("a refused batch ended or granted a session")
	}
	if got := l.changes(a); len(got) != 0 {
		l.Errorf("a refused batch told of changes: %v", got)
	}
	l.now = l.now.Add(time.Second)
	if err := l.Ledger.Release(l.ctx, run, 0, l.now); err != nil {
		l.Fatal(err)
	}
	if got := l.claim(10); len(got) != 0 {
		l.Errorf("a refused batch queued messages: %v", got)
	}
	l.spends("another", a, state.SpendTOTP{ID: totp, Step: 7, At: l.now}, nil)
}

func (l *lab) noAccount() {
	run := l.run()
	for _, w := range []state.Write{
		state.SetPassword{Hash: "h"}, state.AddEmail{Address: "x@example.org"}, state.ProveContact{Email: "x@example.org"},
		state.NoteLogin{At: l.now}, state.SetAttribute{Key: "a", Value: "b"}, state.SpendTOTP{ID: 1, Step: 1, At: l.now},
		state.EndSessions{IDs: []int64{1}}, state.LogMethods{Session: 1}, state.Audit{Event: "e"},
		state.Queue{Message: state.Message{Template: "t", To: "x"}},
	} {
		_, err := l.try(state.Batch{Run: run, Account: "404", Writes: []state.Write{w, state.Queue{}}})
		if !errors.Is(err, state.ErrNotFound) {
			l.Errorf("%T: %v, want ErrNotFound", w, err)
		}
	}
	s := l.session("404", run)
	if _, err := l.try(state.Batch{Run: run, Account: "404", Session: s}); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("session: %v, want ErrNotFound", err)
	}
	if err := l.Ledger.Release(l.ctx, run, 0, l.now); err != nil {
		l.Fatal(err)
	}
	if got := l.claim(10); len(got) != 0 {
		l.Errorf("messages of refused batches: %v", got)
	}
	if got := l.found("email", "x@example.org"); got != "" {
		l.Errorf("account %s has an address of a refused batch", got)
	}
}

func (l *lab) aboutNobody() {
	r := l.commit(state.Batch{Run: "r", Writes: []state.Write{
		state.Queue{Message: state.Message{Channel: state.ByMail, Template: "unknown_account", To: "x@example.org"}},
		state.Audit{Event: "login.unknown", Data: []byte(`{"a":1}`)},
	}})
	if r.Account != nil || r.Session != nil || !r.Messages {
		l.Errorf("receipt %+v, want messages alone", r)
	}
	if err := l.Ledger.Release(l.ctx, "r", 0, l.now); err != nil {
		l.Fatal(err)
	}
	if got := l.claim(10); len(got) != 1 || got[0].Template != "unknown_account" {
		l.Errorf("claimed %v", got)
	}
	if _, err := l.try(state.Batch{}); err != nil {
		l.Errorf("a batch of nothing: %v", err)
	}
}

// unknownWrite is a kind of write that no store can know.
type unknownWrite struct{}

// AccountWrite marks it.
func (unknownWrite) AccountWrite() {}

// Apply changes nothing.
func (unknownWrite) Apply(*state.Account) {}

func (l *lab) senseless() {
	a := l.account(nil)
	other := l.account(nil)
	session := func(change func(*state.Session)) *state.Session {
		s := l.session(a.ID, "r")
		change(s)
		return s
	}
	create := state.CreateAccount{Account: state.Account{ID: l.accountID()}}
	for name, b := range map[string]state.Batch{
		"an unknown write":                {Run: "r", Account: a.ID, Writes: []state.Write{state.NoteLogin{At: l.now}, unknownWrite{}}},
		"a write that is nil":             {Run: "r", Account: a.ID, Writes: []state.Write{nil}},
		"an account write about nobody":   {Run: "r", Writes: []state.Write{state.NoteLogin{At: l.now}}},
		"a guard about nobody":            {Run: "r", Guard: true},
		"a session of nobody":             {Run: "r", Session: l.session("", "r")},
		"a session of another account":    {Run: "r", Account: a.ID, Session: l.session(other.ID, "r")},
		"a session of another run":        {Run: "other", Account: a.ID, Session: l.session(a.ID, "r")},
		"a session of no run":             {Account: a.ID, Session: l.session(a.ID, "")},
		"a session without a token":       {Run: "r", Account: a.ID, Session: session(func(s *state.Session) { s.TokenHash = nil })},
		"a session without an id":         {Run: "r", Account: a.ID, Session: session(func(s *state.Session) { s.ID = 0 })},
		"a session that is over":          {Run: "r", Account: a.ID, Session: session(func(s *state.Session) { s.ExpiresAt = l.now })},
		"the creation of another account": {Run: "r", Account: a.ID, Writes: []state.Write{create}},
		"two creations":                   {Run: "r", Account: create.Account.ID, Writes: []state.Write{create, create}},
		"a recovery code out of range":    {Run: "r", Account: a.ID, Writes: []state.Write{state.SpendRecoveryCode{Index: 64}}},
		"a recovery code below range":     {Run: "r", Account: a.ID, Writes: []state.Write{state.SpendRecoveryCode{Index: -1}}},
		"a session renewed with no token": {Run: "r", Account: a.ID, Writes: []state.Write{state.RenewSession{Session: 1}}},
		"a session bound to no key":       {Run: "r", Account: a.ID, Writes: []state.Write{state.BindSession{Session: 1}}},
		"an event that is not JSON":       {Run: "r", Account: a.ID, Writes: []state.Write{state.Audit{Event: "e", Data: []byte("{")}}},
		"a message nobody can release":    {Account: a.ID, Writes: []state.Write{state.Queue{}}},
	} {
		if _, err := l.try(b); err == nil || errors.Is(err, state.ErrNotFound) || errors.Is(err, state.ErrSpent) {
			l.Errorf("%s: %v, want an error of its own", name, err)
		}
	}
	l.equal("the account after it all", l.load(a.ID), a)
	if _, err := l.Ledger.Commit(l.ctx, state.Batch{Account: a.ID, Writes: []state.Write{state.RaiseEpoch{}}}); err == nil {
		l.Error("a batch without a time passed")
	}
}

func (l *lab) guard() {
	a := l.account(func(a *state.Account) { a.Epoch = 4 })
	guarded := func(epoch int64) state.Batch {
		return state.Batch{Run: l.run(), Account: a.ID, Epoch: epoch, Guard: true, Writes: []state.Write{state.AddEmail{Address: "g@example.org"}}}
	}
	l.refuses(guarded(3), state.ErrEnded)
	l.refuses(guarded(5), state.ErrEnded)
	l.commit(guarded(4))
	l.write(a.ID, state.RaiseEpoch{})
	l.refuses(guarded(4), state.ErrEnded)
	l.commit(guarded(5))
	l.write(a.ID, state.SetActive{})
	l.refuses(guarded(6), state.ErrEnded)
	l.write(a.ID, state.SetActive{Active: true})
	l.commit(guarded(6))
}

func (l *lab) ownEpoch() {
	a := l.account(nil)
	reset := func(run string, epoch int64) state.Batch {
		return state.Batch{
			Run: run, Account: a.ID, Epoch: epoch, Guard: true, Session: l.session(a.ID, run),
			Writes: []state.Write{state.SetPassword{Hash: "new", SignOut: true}},
		}
	}
	first := l.commit(reset("r", 0))
	if got := first.Session.Epoch; got != 1 {
		l.Errorf("session of epoch %d, want 1: it began with the change", got)
	}
	again := l.commit(reset("r", 0))
	l.equal("the session after its turn was repeated", again.Session, first.Session)
	if !l.goesOn(first.Session) {
		l.Error("a repeated turn signed out its own session")
	}
	for _, c := range l.changes(a.ID) {
		if c.Kind != "snapshot" {
			l.Errorf("a repeated turn told its own session %q", c.Kind)
		}
	}
	l.refuses(reset("other", 0), state.ErrEnded)
	l.commit(reset("other", 2))
	l.refuses(reset("r", 0), state.ErrEnded)
	l.refuses(reset("other", 1), state.ErrEnded) // before it began
	l.refuses(reset("other", 9), state.ErrEnded) // and what nobody has raised yet
	l.commit(reset("other", 2))
}

func (l *lab) cancelled() {
	a := l.account(nil)
	ctx, cancel := context.WithCancel(l.ctx)
	cancel()
	b := state.Batch{
		Run: "r", Account: a.ID, Now: l.now, Session: l.session(a.ID, "r"),
		Writes: []state.Write{state.AddEmail{Address: "c@example.org"}, state.Queue{}},
	}
	if _, err := l.Ledger.Commit(ctx, b); !errors.Is(err, context.Canceled) {
		l.Errorf("commit: %v, want context.Canceled", err)
	}
	l.equal("the account", l.load(a.ID), a)
	if l.goesOn(b.Session) {
		l.Error("a session was granted")
	}
	// Cancelled at any moment of it: all is stored, or nothing.
	for i := range 40 {
		ctx, cancel := context.WithTimeout(l.ctx, time.Duration(i)*50*time.Microsecond)
		run := l.run()
		s := l.session(a.ID, run)
		_, err := l.Ledger.Commit(ctx, state.Batch{
			Run: run, Account: a.ID, Now: l.now, Session: s,
			Writes: []state.Write{state.SetAttribute{Key: "t.run", Value: run}},
		})
		cancel()
		stored, granted := l.attributeBeside(s, "t.run", run)
		if stored != granted || err == nil && !stored {
			l.Errorf("try %d: error %v, attribute stored %t, session %t", i, err, stored, granted)
		}
	}
}

// attributeBeside reports at one moment whether an account has a value, and whether a session of
// it goes on. The database may carry out a commit that nobody waits for any more between two
// questions: then both are asked again.
func (l *lab) attributeBeside(s *state.Session, key, value string) (stored, granted bool) {
	for {
		granted = l.goesOn(s)
		stored = l.load(s.Account).Attributes[key] == value
		if l.goesOn(s) == granted {
			return stored, granted
		}
	}
}

func (l *lab) badText() {
	a := l.account(nil)
	for _, text := range []string{"x\x00y", "\xff\xfe"} {
		for _, w := range []state.Write{
			state.AddEmail{Address: text}, state.ProveContact{Email: text}, state.ProveContact{Phone: text}, state.SetPhone{Number: text},
			state.SetAttribute{Key: text, Value: "1"}, state.SetAttribute{Key: "k", Value: text},
			state.ConnectProvider{Account: state.ProviderAccount{Provider: "p", UID: text}},
		} {
			if _, err := l.try(l.about(a.ID, w)); err == nil {
				l.Errorf("%+v passed", w)
			}
		}
		create := state.Account{ID: l.accountID(), Username: text}
		if _, err := l.try(l.about(create.ID, state.CreateAccount{Account: create})); err == nil {
			l.Errorf("username %q passed", text)
		}
		// What only describes is bent, so that a strange header stops no sign-in.
		run := l.run()
		s := l.session(a.ID, run)
		s.UserAgent, s.IP = text, text
		l.commit(state.Batch{Run: run, Account: a.ID, Session: s})
		if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: l.now, IP: text, UserAgent: text}); err != nil {
			l.Errorf("touch with %q: %v", text, err)
		}
	}
	if got := l.load(a.ID); len(got.Emails) != 1 || got.Attributes != nil || got.Providers != nil {
		l.Errorf("something was stored: %+v", got)
	}
}
