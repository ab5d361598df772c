package statetest

import (
	"sync"
	"time"

	"stagedoor/state"
)

func changeTests() []test {
	return []test{
		{"a new snapshot reaches every session of the account", (*lab).snapshots},
		{"nobody is told what answers do not show", (*lab).silent},
		{"claimed for the length of the lease", (*lab).changeLease},
		{"of one account, or of all", (*lab).changesOf},
		{"8 workers hand out each change once", (*lab).changeWorkers},
	}
}

func (l *lab) snapshots() {
	a, other := l.account(nil), l.account(nil)
	one, two := l.grant(a.ID), l.grant(a.ID)
	l.grant(other.ID)
	expired := l.session(a.ID, l.run())
	expired.ExpiresAt = l.now.Add(time.Second)
	l.commit(state.Batch{Run: expired.Run, Account: a.ID, Session: expired})
	l.now = l.now.Add(time.Minute)
	for _, c := range []struct {
		name   string
		writes []state.Write
	}{
		{"password", []state.Write{state.SetPassword{}}},
		{"addresses", []state.Write{state.AddEmail{Address: "n@example.org"}, state.ProveContact{Email: "n@example.org"}, state.SetPrimaryEmail{Address: "n@example.org"}}},
		{"authenticators", []state.Write{
			state.AddAuthenticator{Authenticator: state.Authenticator{ID: 1, Type: state.TOTP, CreatedAt: l.now}},
			state.AddAuthenticator{Authenticator: state.Authenticator{ID: 2, Type: state.RecoveryCodes, CreatedAt: l.now}},
		}},
		{"removal", []state.Write{state.RemoveAuthenticators{IDs: []int64{1}}}},
		{"removal of an address", []state.Write{state.RemoveEmail{Address: "n@example.org"}}},
	} {
		stored := l.write(a.ID, c.writes...).Account
		want := map[string]state.Snapshot{string(one.TokenHash): stored.Snapshot(), string(two.TokenHash): stored.Snapshot()}
		got := map[string]state.Snapshot{}
		for _, change := range l.changes("") {
			if change.Kind != "snapshot" || change.Account != a.ID {
				l.Errorf("%s: change %+v", c.name, change)
			}
			got[string(change.TokenHash)] = change.Snapshot
		}
		l.equal(c.name, got, want)
	}
}

func (l *lab) silent() {
	a := l.account(nil)
	l.grant(a.ID)
	l.write(a.ID, state.NoteLogin{At: l.now}, state.SetPhone{Number: "+1"}, state.SetAttribute{Key: "a", Value: "b"}, state.Audit{Event: "e"})
	if list := l.changes(""); len(list) != 0 {
		l.Errorf("changes %+v, want none", list)
	}
}

func (l *lab) changeLease() {
	a := l.account(nil)
	l.grant(a.ID)
	l.write(a.ID, state.SetPassword{Hash: "1"})
	l.write(a.ID, state.SetPassword{Hash: "2"})
	claim := func(limit int) []state.Change {
		list, err := l.Changes.ClaimChanges(l.ctx, "", l.now, time.Minute, limit)
		if err != nil {
			l.Fatal(err)
		}
		return list
	}
	if n := len(claim(0)); n != 0 {
		l.Errorf("claimed %d of at most none", n)
	}
	first, second := claim(1), claim(5)
	if len(first) != 1 || len(second) != 1 || first[0].Snapshot.Revision >= second[0].Snapshot.Revision {
		l.Fatalf("claimed %+v, then %+v; want the older, then the newer", first, second)
	}
	if n := len(claim(5)); n != 0 {
		l.Errorf("%d changes were claimed twice", n)
	}
	if err := l.Changes.ChangesDone(l.ctx, []int64{first[0].ID, 4711}); err != nil {
		l.Fatal(err)
	}
	l.now = l.now.Add(time.Minute)
	if again := claim(5); len(again) != 1 || again[0].ID != second[0].ID {
		l.Errorf("after the lease: %+v, want the one that was not done", again)
	}
	if err := l.Changes.ChangesDone(l.ctx, nil); err != nil {
		l.Errorf("forgetting nothing: %v", err)
	}
}

func (l *lab) changesOf() {
	a, b := l.account(nil), l.account(nil)
	for _, id := range []state.AccountID{a.ID, b.ID} {
		l.grant(id)
		l.write(id, state.SetPassword{Hash: "new"})
	}
	if list := l.changes(b.ID); len(list) != 1 || list[0].Account != b.ID {
		l.Errorf("of one: %+v", list)
	}
	if list := l.changes(""); len(list) != 1 || list[0].Account != a.ID {
		l.Errorf("of all: %+v, want what is left", list)
	}
}

func (l *lab) changeWorkers() {
	a := l.account(nil)
	for range 4 {
		l.grant(a.ID)
	}
	for range 10 {
		l.write(a.ID, state.SetPassword{Hash: "new"})
	}
	var mu sync.Mutex
	seen := map[int64]int{}
	claim := func() (int, error) {
		list, err := l.Changes.ClaimChanges(l.ctx, a.ID, l.now, time.Minute, 3)
		mu.Lock()
		defer mu.Unlock()
		for _, c := range list {
			seen[c.ID]++
		}
		return len(list), err
	}
	for _, err := range together(8, func(int) error {
		for {
			if n, err := claim(); err != nil || n == 0 {
				return err
			}
		}
	}) {
		if err != nil {
			l.Errorf("worker: %v", err)
		}
	}
	for n := 1; n > 0; { // what no worker saw
		var err error
		if n, err = claim(); err != nil {
			l.Fatal(err)
		}
	}
	if len(seen) != 40 {
		l.Errorf("%d changes were handed out, want 40", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			l.Errorf("change %d was handed out %d times within one lease", id, n)
		}
	}
}
