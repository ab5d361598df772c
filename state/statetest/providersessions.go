package statetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stagedoor/state"
)

// RunProviderSessions holds a store of sessions at third parties against its contract. open
// returns an empty one and the stores that share its database, of which Accounts, Ledger,
// Sessions and Changes are used; it is called once for each test.
func RunProviderSessions(t *testing.T, open func(t *testing.T) (Stores, state.ProviderSessions)) {
	for _, tt := range []struct {
		name string
		run  func(*providerLab)
	}{
		{"noted and read back", (*providerLab).noted},
		{"the latest of several", (*providerLab).latest},
		{"noted of a session that was proved again", (*providerLab).provedAgain},
		{"nothing is noted of a session that is over", (*providerLab).notedTooLate},
		{"ended by the session's name", (*providerLab).bySID},
		{"ended by the person's", (*providerLab).bySubject},
		{"both names must fit, and a session without one fits its person", (*providerLab).byBoth},
		{"of that provider and issuer alone", (*providerLab).elsewhere},
		{"what began later goes on", (*providerLab).later},
		{"a word counts once", (*providerLab).once},
		{"a word that fails may come again", (*providerLab).failed},
		{"a run that waits is granted nothing", (*providerLab).waiting},
		{"ten words at once, and sign-ins beside them", (*providerLab).race},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stores, sessions := open(t)
			tt.run(&providerLab{lab: newLab(t, stores), sessions: sessions})
		})
	}
}

type providerLab struct {
	*lab
	sessions state.ProviderSessions
}

// there is a session at the provider idp.
func there(subject, sid string) state.ProviderSession {
	return state.ProviderSession{Provider: "idp", Issuer: "https://idp.example", Subject: subject, SID: sid}
}

// note is the write that notes one.
func (l *providerLab) note(p state.ProviderSession) state.NoteProviderSession {
	return state.NoteProviderSession{ProviderSession: p, Until: l.now.Add(24 * time.Hour)}
}

// signIn grants a session that begins by one at a provider, noted a turn before.
func (l *providerLab) signIn(account state.AccountID, p state.ProviderSession) *state.Session {
	l.Helper()
	s := l.session(account, l.run())
	l.commit(state.Batch{Run: s.Run, Account: account, Writes: []state.Write{l.note(p)}})
	return l.commit(state.Batch{Run: s.Run, Account: account, Session: s}).Session
}

// logout is a word of the provider idp that counts now.
func (l *providerLab) logout(subject, sid string) state.ProviderLogout {
	return state.ProviderLogout{
		Provider: "idp", Issuer: "https://idp.example", Subject: subject, SID: sid, Token: fmt.Appendf(nil, "word-%d", l.id()),
		Until: l.now.Add(time.Hour), Before: l.now, Now: l.now,
	}
}

// ends has a word end sessions, compares whose, and which of all go on.
func (l *providerLab) ends(w state.ProviderLogout, accounts []state.AccountID, on, over []*state.Session) {
	l.Helper()
	got, err := l.sessions.EndProviderSessions(l.ctx, w)
	if err != nil {
		l.Fatalf("end sessions: %v", err)
	}
	l.equal("accounts that lost sessions", got, accounts)
	for _, s := range on {
		if !l.goesOn(s) {
			l.Errorf("session %d has ended", s.ID)
		}
	}
	for _, s := range over {
		if l.goesOn(s) {
			l.Errorf("session %d goes on", s.ID)
		}
	}
}

// reads compares what is noted of a session.
func (l *providerLab) reads(s *state.Session, want state.ProviderSession) {
	l.Helper()
	got, err := l.sessions.ProviderSession(l.ctx, s.Account, s.ID)
	if err != nil {
		l.Fatalf("read the session at a provider: %v", err)
	}
	l.equal("the session at a provider", got, want)
}

// unknown reads what must not be there.
func (l *providerLab) unknown(account state.AccountID, session int64) {
	l.Helper()
	if got, err := l.sessions.ProviderSession(l.ctx, account, session); !same(err, state.ErrNotFound) {
		l.Errorf("the session at a provider: %+v, %v; want ErrNotFound", got, err)
	}
}

func (l *providerLab) noted() {
	a, b := l.account(nil), l.account(nil)
	p := there("ada", "s1")
	p.Hint = []byte{1, 0, 255}
	s := l.signIn(a.ID, p)
	l.reads(s, p)
	l.unknown(b.ID, s.ID)
	l.unknown(a.ID, l.grant(a.ID).ID)
	l.write(a.ID, state.EndSessions{IDs: []int64{s.ID}})
	l.unknown(a.ID, s.ID)
	for _, w := range []state.NoteProviderSession{l.note(state.ProviderSession{Provider: "idp"}), {ProviderSession: p}, l.note(there("a\x00b", ""))} {
		l.now = l.now.Add(time.Second)
		if _, err := l.try(state.Batch{Run: l.run(), Account: a.ID, Writes: []state.Write{w}}); err == nil {
			l.Errorf("stored %+v", w)
		}
	}
}

func (l *providerLab) latest() {
	a := l.account(nil)
	s := l.signIn(a.ID, there("ada", "s1"))
	other := state.ProviderSession{Provider: "other", Issuer: "https://other.example", Subject: "ada"}
	l.now = l.now.Add(time.Second)
	l.commit(state.Batch{Run: s.Run, Account: a.ID, Writes: []state.Write{l.note(other)}})
	l.reads(s, other)
	l.now = l.now.Add(time.Second)
	l.commit(state.Batch{Run: s.Run, Account: a.ID, Writes: []state.Write{l.note(there("ada", "s2"))}})
	l.reads(s, there("ada", "s2"))
}

func (l *providerLab) provedAgain() {
	a := l.account(nil)
	s := l.grant(a.ID)
	again := l.note(there("ada", "s1"))
	again.Session = s.ID
	l.write(a.ID, again)
	l.reads(s, there("ada", "s1"))
	l.ends(l.logout("", "s1"), []state.AccountID{a.ID}, nil, []*state.Session{s})
}

func (l *providerLab) notedTooLate() {
	a, b := l.account(nil), l.account(nil)
	s := l.grant(b.ID)
	again := l.note(there("ada", "s1"))
	again.Session = s.ID
	l.write(a.ID, again) // it is another's
	l.unknown(b.ID, s.ID)
	l.ends(l.logout("", "s1"), nil, []*state.Session{s}, nil)
}

func (l *providerLab) bySID() {
	a, b := l.account(nil), l.account(nil)
	one, two, plain := l.signIn(a.ID, there("ada", "s1")), l.signIn(a.ID, there("ada", "s2")), l.grant(a.ID)
	three := l.signIn(b.ID, there("bob", "s3"))
	l.changes(a.ID)
	l.ends(l.logout("", "s1"), []state.AccountID{a.ID}, []*state.Session{two, plain, three}, []*state.Session{one})
	list := l.changes(a.ID)
	if len(list) != 1 || list[0].Kind != "ended" || string(list[0].TokenHash) != string(one.TokenHash) {
		l.Errorf("changes %+v, want one that ends %s", list, one.TokenHash)
	}
	l.refuses(state.Batch{Run: one.Run, Account: a.ID, Session: l.session(a.ID, one.Run)}, state.ErrEnded)
	l.ends(l.logout("", "s1"), nil, []*state.Session{two, plain, three}, nil) // gone, which is no error
	l.ends(l.logout("", "nobody's"), nil, []*state.Session{two, plain, three}, nil)
}

func (l *providerLab) bySubject() {
	a, b := l.account(nil), l.account(nil)
	one, two, plain := l.signIn(a.ID, there("ada", "s1")), l.signIn(a.ID, there("ada", "")), l.grant(a.ID)
	three, four := l.signIn(b.ID, there("bob", "s3")), l.signIn(b.ID, there("ada", "s4"))
	both := []state.AccountID{a.ID, b.ID}
	slices.Sort(both)
	l.ends(l.logout("ada", ""), both, []*state.Session{plain, three}, []*state.Session{one, two, four})
}

func (l *providerLab) byBoth() {
	a := l.account(nil)
	one, two, three := l.signIn(a.ID, there("ada", "s1")), l.signIn(a.ID, there("ada", "s2")), l.signIn(a.ID, there("bob", "s1"))
	unnamed := l.signIn(a.ID, there("ada", ""))
	l.ends(l.logout("ada", "s1"), []state.AccountID{a.ID}, []*state.Session{two, three}, []*state.Session{one, unnamed})
}

func (l *providerLab) elsewhere() {
	a := l.account(nil)
	s := l.signIn(a.ID, there("ada", "s1"))
	for _, change := range []func(*state.ProviderLogout){
		func(w *state.ProviderLogout) { w.Provider = "other" },
		func(w *state.ProviderLogout) { w.Issuer = "https://other.example" },
	} {
		for _, w := range []state.ProviderLogout{l.logout("ada", ""), l.logout("", "s1"), l.logout("ada", "s1")} {
			change(&w)
			l.ends(w, nil, []*state.Session{s}, nil)
		}
	}
}

func (l *providerLab) later() {
	a := l.account(nil)
	before := l.signIn(a.ID, there("ada", "s1"))
	w := l.logout("ada", "")
	l.now = l.now.Add(time.Minute)
	after := l.signIn(a.ID, there("ada", "s1"))
	w.Now = l.now
	l.ends(w, []state.AccountID{a.ID}, []*state.Session{after}, []*state.Session{before})
}

func (l *providerLab) once() {
	a := l.account(nil)
	w := l.logout("ada", "")
	l.ends(w, nil, nil, nil)
	s := l.signIn(a.ID, there("ada", ""))
	w.Before = l.now.Add(time.Hour)
	if got, err := l.sessions.EndProviderSessions(l.ctx, w); !same(err, state.ErrSpent) || got != nil {
		l.Errorf("the same word again: %v, %v; want ErrSpent", got, err)
	}
	if !l.goesOn(s) {
		l.Error("a word that counted before has ended a session")
	}
}

func (l *providerLab) failed() {
	a := l.account(nil)
	s := l.signIn(a.ID, there("ada", "s1"))
	good := l.logout("ada", "s1")
	for name, spoil := range map[string]func(*state.ProviderLogout){
		"nobody": func(w *state.ProviderLogout) { w.Subject, w.SID = "", "" }, "no provider": func(w *state.ProviderLogout) { w.Provider = "" },
		"no name": func(w *state.ProviderLogout) { w.Token = nil }, "no end": func(w *state.ProviderLogout) { w.Until = time.Time{} },
		"no time": func(w *state.ProviderLogout) { w.Before = time.Time{} }, "unstorable": func(w *state.ProviderLogout) { w.SID = "s\x00" },
	} {
		w := good
		spoil(&w)
		if _, err := l.sessions.EndProviderSessions(l.ctx, w); err == nil {
			l.Errorf("%s: no error", name)
		}
	}
	l.ends(good, []state.AccountID{a.ID}, nil, []*state.Session{s})
}

func (l *providerLab) waiting() {
	a := l.account(nil)
	s := l.session(a.ID, l.run())
	l.commit(state.Batch{Run: s.Run, Account: a.ID, Writes: []state.Write{l.note(there("ada", "s1"))}})
	l.ends(l.logout("ada", ""), []state.AccountID{a.ID}, nil, nil)
	l.refuses(state.Batch{Run: s.Run, Account: a.ID, Session: s}, state.ErrEnded)
}

// race has one word come ten times while runs are granted their sessions: one counts, and no
// session that was noted before it is left.
func (l *providerLab) race() {
	a, b := l.account(nil), l.account(nil)
	var granted []*state.Session
	for i := range 10 {
		s := l.session([]state.AccountID{a.ID, b.ID}[i%2], l.run())
		l.commit(state.Batch{Run: s.Run, Account: s.Account, Writes: []state.Write{l.note(there("ada", "s1"))}})
		granted = append(granted, s)
	}
	w := l.logout("ada", "s1")
	errs := together(20, func(i int) error {
		if s := i / 2; i%2 == 0 {
			_, err := l.try(state.Batch{Run: granted[s].Run, Account: granted[s].Account, Session: granted[s]})
			if same(err, state.ErrEnded) {
				return nil
			}
			return err
		}
		_, err := l.sessions.EndProviderSessions(l.ctx, w)
		return err
	})
	if n, other := count(errs, state.ErrSpent); n != 9 || other != nil {
		l.Errorf("one word ten times: refused %d times, want 9; %v", n, other)
	}
	for _, s := range granted {
		if l.goesOn(s) {
			l.Errorf("session %d outlived the word", s.ID)
		}
	}
}
