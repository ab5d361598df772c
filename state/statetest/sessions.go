package statetest

import (
	"errors"
	"time"

	"stagedoor/state"
)

func sessionTests() []test {
	return []test{
		{"granted and read back", (*lab).grantAndRead},
		{"one for each run", (*lab).oneForRun},
		{"none once the epoch has moved", (*lab).grantEpoch},
		{"none for a disabled account", (*lab).grantDisabled},
		{"it ends by itself", (*lab).expiry},
		{"a change of password signs out all but one", (*lab).signOut},
		{"raising the epoch ends all but one", (*lab).raiseEnds},
		{"disabling ends all", (*lab).disableEnds},
		{"ended by id, of this account alone", (*lab).endByID},
		{"an ended session is not granted again", (*lab).noRevival},
		{"touched while it goes on", (*lab).touch},
		{"listed, oldest first", (*lab).listed},
		{"the log of methods", (*lab).methods},
		{"given another token", (*lab).renew},
		{"bound to a key", (*lab).bind},
		{"abandoned", (*lab).abandon},
	}
}

func (l *lab) grantAndRead() {
	a := l.account(nil)
	s := l.session(a.ID, "r")
	s.Epoch = 99 // the store knows better
	r := l.commit(state.Batch{Run: "r", Account: a.ID, Session: s, Writes: []state.Write{state.NoteLogin{At: l.now}}})
	want := *s
	want.Epoch = a.Epoch
	l.equal("receipt", r.Session, &want)
	got, account, err := l.Sessions.Session(l.ctx, s.TokenHash, l.now)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("session", got, &want)
	l.equal("its account", account, r.Account)
	if !account.LastLogin.Equal(l.now.Truncate(time.Microsecond)) {
		l.Errorf("last login %v", account.LastLogin)
	}
	for _, hash := range [][]byte{nil, {}, []byte("x"), s.TokenHash[1:], append(s.TokenHash, 0)} {
		if _, _, err := l.Sessions.Session(l.ctx, hash, l.now); !errors.Is(err, state.ErrNotFound) {
			l.Errorf("session by %q: %v, want ErrNotFound", hash, err)
		}
	}
}

func (l *lab) oneForRun() {
	a, b := l.account(nil), l.account(nil)
	first := l.commit(state.Batch{Run: "r", Account: a.ID, Session: l.session(a.ID, "r")}).Session
	l.now = l.now.Add(time.Minute)
	other := l.session(a.ID, "r")
	again := l.commit(state.Batch{Run: "r", Account: a.ID, Session: other}).Session
	l.equal("the session of a run that came again", again, first)
	if l.goesOn(other) {
		l.Error("a run has two sessions")
	}
	if _, err := l.try(state.Batch{Run: "r", Account: b.ID, Session: l.session(b.ID, "r")}); err == nil {
		l.Error("a run was granted sessions of two accounts")
	}
	stolen := l.session(b.ID, "r2")
	stolen.TokenHash = first.TokenHash
	if _, err := l.try(state.Batch{Run: "r2", Account: b.ID, Session: stolen}); err == nil {
		l.Error("two sessions have one token")
	}
}

func (l *lab) grantEpoch() {
	a := l.account(func(a *state.Account) { a.Epoch = 2 })
	batch := func(epoch int64) state.Batch {
		run := l.run()
		return state.Batch{Run: run, Account: a.ID, Epoch: epoch, Session: l.session(a.ID, run)}
	}
	early := batch(2)
	l.write(a.ID, state.SetPassword{Hash: "new", SignOut: true})
	l.refuses(early, state.ErrEnded)
	l.refuses(batch(4), state.ErrEnded)
	if got := l.commit(batch(3)).Session.Epoch; got != 3 {
		l.Errorf("session of epoch %d, want 3", got)
	}
}

func (l *lab) grantDisabled() {
	a := l.account(func(a *state.Account) { a.Active = false })
	run := l.run()
	b := state.Batch{Run: run, Account: a.ID, Session: l.session(a.ID, run)}
	l.refuses(b, state.ErrEnded)
	b.Writes = []state.Write{state.SetActive{Active: true}}
	l.refuses(b, state.ErrEnded) // it was disabled when the batch began
	l.write(a.ID, state.SetActive{Active: true})
	b.Writes = []state.Write{state.SetActive{}}
	l.refuses(b, state.ErrEnded) // it would be disabled after it
	b.Writes = nil
	l.commit(b)
}

func (l *lab) expiry() {
	a := l.account(nil)
	s := l.grant(a.ID)
	l.now = s.ExpiresAt.Add(-time.Microsecond)
	if !l.goesOn(s) {
		l.Error("ended a microsecond early")
	}
	l.now = s.ExpiresAt
	if l.goesOn(s) {
		l.Error("goes on at the moment it expires")
	}
	if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: l.now}); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("touch: %v, want ErrNotFound", err)
	}
	if list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now); err != nil || len(list) != 0 {
		l.Errorf("list: %v, %v, want none", list, err)
	}
}

// ends commits writes and compares which of three sessions go on, and what the others
// are told. The first is the one a write may keep.
func (l *lab) ends(make func(keep int64) []state.Write, kept bool, kind string) {
	l.Helper()
	a, bystander := l.account(nil), l.account(nil)
	keep, other, third := l.grant(a.ID), l.grant(a.ID), l.grant(a.ID)
	strange := l.grant(bystander.ID)
	l.write(a.ID, make(keep.ID)...)
	if !l.goesOn(strange) {
		l.Error("a session of another account ended")
	}
	if l.load(a.ID).Active && l.goesOn(keep) != kept {
		l.Errorf("the session to keep goes on: %t, want %t", !kept, kept)
	}
	told := map[string]string{}
	for _, c := range l.changes(a.ID) {
		if c.Kind != "snapshot" {
			told[string(c.TokenHash)] = c.Kind
		}
	}
	want := map[string]string{string(other.TokenHash): kind, string(third.TokenHash): kind}
	if !kept {
		want[string(keep.TokenHash)] = kind
	}
	l.equal("who was told", told, want)
	l.write(a.ID, state.SetActive{Active: true})
	if l.goesOn(other) || l.goesOn(third) || l.goesOn(keep) != kept {
		l.Error("sessions that were ended go on")
	}
	if n := len(l.changes(bystander.ID)); n != 0 {
		l.Errorf("another account's sessions were told %d changes", n)
	}
}

func (l *lab) signOut() {
	l.ends(func(keep int64) []state.Write {
		return []state.Write{state.SetPassword{Hash: "n", SignOut: true, Keep: keep}}
	}, true, "signed_out")
	l.ends(func(int64) []state.Write { return []state.Write{state.SetPassword{Hash: "n", SignOut: true}} }, false, "signed_out")
}

func (l *lab) raiseEnds() {
	l.ends(func(keep int64) []state.Write { return []state.Write{state.RaiseEpoch{Keep: keep}} }, true, "ended")
	l.ends(func(int64) []state.Write { return []state.Write{state.RaiseEpoch{}} }, false, "ended")
}

func (l *lab) disableEnds() {
	l.ends(func(int64) []state.Write { return []state.Write{state.SetActive{}} }, false, "ended")
}

func (l *lab) endByID() {
	a, b := l.account(nil), l.account(nil)
	one, two, three := l.grant(a.ID), l.grant(a.ID), l.grant(b.ID)
	l.write(a.ID, state.EndSessions{IDs: []int64{one.ID, three.ID, 12345}})
	if l.goesOn(one) || !l.goesOn(two) || !l.goesOn(three) {
		l.Errorf("going on: %t %t %t, want false true true", l.goesOn(one), l.goesOn(two), l.goesOn(three))
	}
	list := l.changes(a.ID)
	if len(list) != 1 || list[0].Kind != "ended" || string(list[0].TokenHash) != string(one.TokenHash) {
		l.Errorf("changes %+v, want one that ends %s", list, one.TokenHash)
	}
	if _, err := l.Sessions.Touch(l.ctx, one.ID, state.Seen{At: l.now}); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("touch of an ended session: %v, want ErrNotFound", err)
	}
	l.write(a.ID, state.EndSessions{IDs: []int64{one.ID}}) // again is no error
	if n := len(l.changes(a.ID)); n != 0 {
		l.Errorf("ending again told %d changes", n)
	}
}

func (l *lab) noRevival() {
	a := l.account(nil)
	b := state.Batch{Run: "r", Account: a.ID, Session: l.session(a.ID, "r")}
	s := l.commit(b).Session
	l.write(a.ID, state.EndSessions{IDs: []int64{s.ID}})
	l.refuses(b, state.ErrEnded)
	if l.goesOn(s) {
		l.Error("a late twin undid a logout")
	}
}

func (l *lab) touch() {
	a := l.account(nil)
	s := l.grant(a.ID)
	at := l.now.Add(time.Hour)
	if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: at, IP: "2001:db8::1", UserAgent: "other"}); err != nil {
		l.Fatal(err)
	}
	want := *s
	want.LastSeen, want.IP, want.UserAgent = at, "2001:db8::1", "other"
	got, _, err := l.Sessions.Session(l.ctx, s.TokenHash, at)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("touched session", got, &want)
	if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: l.now}); err != nil {
		l.Errorf("a late touch: %v", err)
	}
	got, _, err = l.Sessions.Session(l.ctx, s.TokenHash, at)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("session touched late, and by nobody known", got, &want)
	want.LastSeen, want.UserAgent = at.Add(time.Second), "third"
	if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: want.LastSeen, UserAgent: "third"}); err != nil {
		l.Error(err)
	}
	if got, _, err = l.Sessions.Session(l.ctx, s.TokenHash, at); err != nil {
		l.Fatal(err)
	}
	l.equal("session touched from nowhere", got, &want)
	if _, err := l.Sessions.Touch(l.ctx, s.ID+1000, state.Seen{At: at}); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("touch of nothing: %v, want ErrNotFound", err)
	}
	l.write(a.ID, state.SetActive{})
	if _, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: at}); !errors.Is(err, state.ErrNotFound) {
		l.Errorf("touch of a disabled account's session: %v, want ErrNotFound", err)
	}
}

func (l *lab) listed() {
	a := l.account(nil)
	l.grant(l.account(nil).ID)
	var want []state.Session
	for range 3 {
		want = append(want, *l.grant(a.ID))
		l.now = l.now.Add(time.Minute)
	}
	got, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("sessions", got, want)
	got, err = l.Sessions.SessionsOf(l.ctx, a.ID, want[0].ExpiresAt)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("sessions when the first has expired", got, want[1:])
}

func (l *lab) methods() {
	a, b := l.account(nil), l.account(nil)
	s := l.grant(a.ID)
	log := func(w state.LogMethods, account state.AccountID) { l.write(account, w) }
	log(state.LogMethods{Session: s.ID, Methods: []byte(`[{"method":"mfa"}]`)}, a.ID)
	log(state.LogMethods{Session: s.ID, Methods: []byte(`"theirs"`)}, b.ID)
	log(state.LogMethods{Session: 999, Methods: []byte(`"nobody's"`)}, a.ID)
	got, _, err := l.Sessions.Session(l.ctx, s.TokenHash, l.now)
	if err != nil || string(got.Methods) != `[{"method":"mfa"}]` {
		l.Errorf("methods: %s, %v", got.Methods, err)
	}
	run := l.run()
	fresh := l.session(a.ID, run)
	r := l.commit(state.Batch{Run: run, Account: a.ID, Session: fresh, Writes: []state.Write{state.LogMethods{Session: fresh.ID, Methods: []byte(`"new"`)}}})
	if string(r.Session.Methods) != `"new"` {
		l.Errorf("methods of a session granted in the same batch: %s", r.Session.Methods)
	}
}

func (l *lab) renew() {
	a, b := l.account(nil), l.account(nil)
	s, other := l.grant(a.ID), l.grant(a.ID)
	renewed := *s
	renewed.TokenHash = []byte("another")
	batch := l.about(a.ID, state.SetPassword{Hash: "new", SignOut: true, Keep: s.ID}, state.RenewSession{Session: s.ID, TokenHash: renewed.TokenHash})
	l.commit(batch)
	l.commit(batch)
	if l.goesOn(s) || !l.goesOn(&renewed) {
		l.Errorf("going on by the old token %t, by the new one %t", l.goesOn(s), l.goesOn(&renewed))
	}
	got, _, err := l.Sessions.Session(l.ctx, renewed.TokenHash, l.now)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("session", got, &renewed)
	for _, c := range l.changes(a.ID) {
		if c.Kind == "snapshot" && string(c.TokenHash) != "another" {
			l.Errorf("change %+v, want the new token told", c)
		}
	}
	l.refuses(l.about(b.ID, state.RenewSession{Session: s.ID, TokenHash: []byte("theirs")}), state.ErrEnded)
	l.refuses(l.about(a.ID, state.RenewSession{Session: other.ID, TokenHash: []byte("late")}), state.ErrEnded)
	l.refuses(l.about(a.ID, state.RenewSession{Session: 4711, TokenHash: []byte("nobody's")}), state.ErrEnded)
}

// bind: a session is bound to one key, whoever comes first, and never to another.
func (l *lab) bind() {
	a, b := l.account(nil), l.account(nil)
	s, other := l.grant(a.ID), l.grant(a.ID)
	key := state.Binding{Kind: state.BoundDBSC, Thumbprint: "key", Key: "0\x00\xff", At: l.now}
	l.bound(s, state.Binding{})
	l.commit(l.about(a.ID, state.BindSession{Session: s.ID, Binding: key}))
	l.bound(s, key)
	again := key
	again.At = l.now.Add(time.Second)
	l.commit(l.about(a.ID, state.BindSession{Session: s.ID, Binding: again}))
	l.bound(s, key)
	l.bound(other, state.Binding{})
	l.refuses(l.about(a.ID, state.BindSession{Session: s.ID, Binding: state.Binding{Kind: state.BoundDBSC, Thumbprint: "thief"}}), state.ErrSpent)
	l.refuses(l.about(a.ID, state.BindSession{Session: s.ID, Binding: state.Binding{Kind: state.BoundDPoP, Thumbprint: "key"}}), state.ErrSpent)
	l.refuses(l.about(b.ID, state.BindSession{Session: other.ID, Binding: key}), state.ErrEnded)
	l.refuses(l.about(a.ID, state.BindSession{Session: 4711, Binding: key}), state.ErrEnded)
	l.bound(s, key)
	l.bound(other, state.Binding{})

	run := l.run()
	born := l.session(a.ID, run)
	born.Binding, born.BindBy = state.Binding{Kind: state.BoundDPoP, Thumbprint: "app", At: l.now}, l.now.Add(time.Minute)
	granted := l.commit(state.Batch{Run: run, Account: a.ID, Session: born}).Session
	l.equal("session bound from the start", granted, born)
	l.bound(born, born.Binding)
}

// bound holds what every way of reading says of the key of a session.
func (l *lab) bound(s *state.Session, want state.Binding) {
	l.Helper()
	got, _, err := l.Sessions.Session(l.ctx, s.TokenHash, l.now)
	if err != nil {
		l.Fatal(err)
	}
	l.equal("binding", got.Binding, want)
	l.equal("time to bind by", got.BindBy, s.BindBy)
	touched, err := l.Sessions.Touch(l.ctx, s.ID, state.Seen{At: l.now})
	if err != nil {
		l.Fatal(err)
	}
	l.equal("binding, touched", touched, want)
	list, err := l.Sessions.SessionsOf(l.ctx, s.Account, l.now)
	if err != nil {
		l.Fatal(err)
	}
	for _, one := range list {
		if one.ID == s.ID {
			l.equal("binding in the list", one.Binding, want)
		}
	}
}

func (l *lab) abandon() {
	a := l.account(nil)
	b := state.Batch{Run: "r", Version: 4, Account: a.ID, Session: l.session(a.ID, "r"), Writes: []state.Write{state.Queue{}}}
	s := l.commit(b).Session
	other := l.grant(a.ID)
	if err := l.Ledger.Abandon(l.ctx, "r", 4); err != nil {
		l.Fatal(err)
	}
	if l.goesOn(s) || !l.goesOn(other) {
		l.Errorf("going on: %t %t, want false true", l.goesOn(s), l.goesOn(other))
	}
	if err := l.Ledger.Release(l.ctx, "r", 4, l.now); err != nil {
		l.Fatal(err)
	}
	if got := l.claim(10); len(got) != 0 {
		l.Errorf("messages of an abandoned turn: %v", got)
	}
	if err := l.Ledger.Abandon(l.ctx, "r", 4); err != nil {
		l.Errorf("abandoning again: %v", err)
	}
	if l.commit(b).Session == nil {
		l.Error("a run that nobody ended cannot come again")
	}
}
