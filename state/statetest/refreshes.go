package statetest

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"stagedoor/state"
)

// RunRefreshes holds a store of refresh tokens against its contract. open returns an
// empty one and the stores that share its database, of which Accounts, Ledger and
// Sessions are used; it is called once for each test.
func RunRefreshes(t *testing.T, open func(t *testing.T) (Stores, state.Refreshes)) {
	for _, tt := range []struct {
		name string
		run  func(*refreshLab)
	}{
		{"a new session has none stored", (*refreshLab).newSession},
		{"exchanged and read back", (*refreshLab).exchanged},
		{"exchanged from the current one alone", (*refreshLab).conditional},
		{"never without a successor", (*refreshLab).successorNeeded},
		{"of each session by itself", (*refreshLab).separate},
		{"a sign-in that comes again leaves them", (*refreshLab).granted},
		{"gone with the session", (*refreshLab).gone},
		{"over when the session expires", (*refreshLab).expired},
		{"over while the account is disabled", (*refreshLab).disabled},
		{"50 exchanges of one token", (*refreshLab).race},
		{"exchanges against a logout", (*refreshLab).logoutRace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stores, refreshes := open(t)
			tt.run(&refreshLab{lab: newLab(t, stores), refreshes: refreshes})
		})
	}
}

type refreshLab struct {
	*lab
	refreshes state.Refreshes
}

// chain returns the chain in which the first of the tokens is current and the others
// were used, one each second.
func (l *refreshLab) chain(current string, used ...string) state.RefreshChain {
	c := state.RefreshChain{Current: []byte(current)}
	for i, u := range used {
		c.Used = append(c.Used, state.UsedRefresh{Token: []byte(u), At: l.now.Add(time.Duration(i) * time.Second)})
	}
	return c
}

// family reads the family of a session that must be there.
func (l *refreshLab) family(s *state.Session) state.RefreshFamily {
	l.Helper()
	f, err := l.refreshes.RefreshFamily(l.ctx, s.TokenHash, l.now)
	if err != nil {
		l.Fatalf("read refresh tokens: %v", err)
	}
	return f
}

// exchange exchanges a token, "" for the first, and compares what the store says.
func (l *refreshLab) exchange(s *state.Session, from string, next state.RefreshChain, want error) {
	l.Helper()
	if err := l.swap(s, from, next); !same(err, want) {
		l.Errorf("exchange %q: %v, want %v", from, err, want)
	}
}

func (l *refreshLab) swap(s *state.Session, from string, next state.RefreshChain) error {
	var current []byte
	if from != "" {
		current = []byte(from)
	}
	return l.refreshes.ExchangeRefresh(l.ctx, s.ID, current, next, l.now)
}

// over checks that a session has no refresh tokens any more, and gets none.
func (l *refreshLab) over(s *state.Session, current string) {
	l.Helper()
	if f, err := l.refreshes.RefreshFamily(l.ctx, s.TokenHash, l.now); !same(err, state.ErrNotFound) {
		l.Errorf("refresh tokens of a session that is over: %+v, %v; want ErrNotFound", f, err)
	}
	l.exchange(s, current, l.chain("late"), state.ErrSpent)
}

func (l *refreshLab) newSession() {
	a := l.account(nil)
	s := l.grant(a.ID)
	want := state.RefreshFamily{Session: s.ID, Account: a.ID, Client: s.Client, ExpiresAt: s.ExpiresAt}
	l.equal("family of a new session", l.family(s), want)
	for _, hash := range [][]byte{nil, {}, []byte("x"), s.TokenHash[1:], append(bytes.Clone(s.TokenHash), 0)} {
		if f, err := l.refreshes.RefreshFamily(l.ctx, hash, l.now); !same(err, state.ErrNotFound) {
			l.Errorf("family by %q: %+v, %v; want ErrNotFound", hash, f, err)
		}
	}
}

func (l *refreshLab) exchanged() {
	s := l.grant(l.account(nil).ID)
	var many []string
	for i := range 32 {
		many = append(many, fmt.Sprintf("token-%d", i))
	}
	from := ""
	for _, next := range []state.RefreshChain{
		l.chain("b", "a"),
		l.chain("\x00\xff\x01", "a", "b"),
		l.chain("d"),
		l.chain("e", many...),
	} {
		l.exchange(s, from, next, nil)
		l.equal("chain", l.family(s).Chain, next)
		from = string(next.Current)
	}
	want := state.RefreshFamily{Session: s.ID, Account: s.Account, Client: s.Client, ExpiresAt: s.ExpiresAt, Chain: l.chain("e", many...)}
	l.equal("family", l.family(s), want)
}

func (l *refreshLab) conditional() {
	s := l.grant(l.account(nil).ID)
	l.exchange(s, "a", l.chain("x"), state.ErrSpent)
	l.equal("chain", l.family(s).Chain, state.RefreshChain{})
	l.exchange(s, "", l.chain("b", "a"), nil)
	for _, from := range []string{"", "a", "x", "B", "b\x00", "bb"} {
		l.exchange(s, from, l.chain("x", "y"), state.ErrSpent)
	}
	l.equal("chain", l.family(s).Chain, l.chain("b", "a"))
	l.exchange(s, "b", l.chain("c", "a", "b"), nil)
	l.exchange(s, "b", l.chain("c", "a", "b"), state.ErrSpent)
}

func (l *refreshLab) successorNeeded() {
	s := l.grant(l.account(nil).ID)
	l.exchange(s, "", l.chain("b", "a"), nil)
	for _, next := range []state.RefreshChain{{}, {Current: []byte{}}, l.chain("", "b")} {
		if err := l.swap(s, "b", next); err == nil || same(err, state.ErrSpent) {
			l.Errorf("exchange for nothing: %v, want an error of its own", err)
		}
	}
	l.equal("chain", l.family(s).Chain, l.chain("b", "a"))
}

func (l *refreshLab) separate() {
	a := l.account(nil)
	one, two, strange := l.grant(a.ID), l.grant(a.ID), l.grant(l.account(nil).ID)
	l.exchange(one, "", l.chain("b", "a"), nil)
	l.exchange(two, "", l.chain("b", "a"), nil)
	l.exchange(two, "b", l.chain("c", "b"), nil)
	l.equal("first chain", l.family(one).Chain, l.chain("b", "a"))
	l.equal("second chain", l.family(two).Chain, l.chain("c", "b"))
	l.equal("chain of another account", l.family(strange).Chain, state.RefreshChain{})
	l.write(a.ID, state.EndSessions{IDs: []int64{one.ID}})
	l.over(one, "b")
	l.equal("second chain when the first has ended", l.family(two).Chain, l.chain("c", "b"))
}

func (l *refreshLab) granted() {
	a := l.account(nil)
	run := l.run()
	b := state.Batch{Run: run, Account: a.ID, Session: l.session(a.ID, run)}
	s := l.commit(b).Session
	l.exchange(s, "", l.chain("b", "a"), nil)
	b.Session = l.session(a.ID, run)
	l.equal("session of the twin", l.commit(b).Session, s)
	l.equal("chain", l.family(s).Chain, l.chain("b", "a"))
}

func (l *refreshLab) gone() {
	for name, w := range map[string]func(*state.Session) state.Write{
		"ended":    func(s *state.Session) state.Write { return state.EndSessions{IDs: []int64{s.ID}} },
		"password": func(*state.Session) state.Write { return state.SetPassword{Hash: "new", SignOut: true} },
		"epoch":    func(*state.Session) state.Write { return state.RaiseEpoch{} },
	} {
		a := l.account(nil)
		s := l.grant(a.ID)
		l.exchange(s, "", l.chain("b", "a"), nil)
		l.write(a.ID, w(s))
		l.Log(name)
		l.over(s, "b")
		if list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now); err != nil || len(list) != 0 {
			l.Errorf("%s: sessions %v, %v; an exchange brought one back", name, list, err)
		}
	}
}

func (l *refreshLab) expired() {
	fresh, used := l.grant(l.account(nil).ID), l.grant(l.account(nil).ID)
	l.exchange(used, "", l.chain("b", "a"), nil)
	l.now = used.ExpiresAt.Add(-time.Microsecond)
	l.family(used)
	l.exchange(used, "b", l.chain("c", "b"), nil)
	l.now = used.ExpiresAt
	l.over(used, "c")
	l.over(fresh, "")
}

func (l *refreshLab) disabled() {
	a := l.account(nil)
	s := l.grant(a.ID)
	l.exchange(s, "", l.chain("b", "a"), nil)
	l.write(a.ID, state.SetActive{})
	l.over(s, "b")
	l.write(a.ID, state.SetActive{Active: true})
	l.over(s, "b")
}

// race lets many exchange the first token, and then a later one.
func (l *refreshLab) race() {
	s := l.grant(l.account(nil).ID)
	from := ""
	for round := range 4 {
		winner := make(chan state.RefreshChain, 50)
		errs := together(50, func(i int) error {
			next := l.chain(fmt.Sprintf("round %d, token %d", round, i), from+"?")
			if round == 3 {
				next = l.chain("the same for all", from)
			}
			err := l.swap(s, from, next)
			if err == nil {
				winner <- next
			}
			return err
		})
		if spent, other := count(errs, state.ErrSpent); spent != 49 || other != nil {
			l.Fatalf("round %d: %d were told ErrSpent, want 49; %v", round, spent, other)
		}
		won := <-winner
		l.equal("what the winner stored", l.family(s).Chain, won)
		from = string(won.Current)
	}
}

// logoutRace ends a session while its tokens are exchanged one after the other.
func (l *refreshLab) logoutRace() {
	for i := range 15 {
		a := l.account(nil)
		s := l.grant(a.ID)
		var ended atomic.Bool
		errs := together(4, func(k int) error {
			if k == 0 {
				_, err := l.try(l.about(a.ID, state.EndSessions{IDs: []int64{s.ID}}))
				ended.Store(true)
				return err
			}
			late := ended.Load()
			err := l.swap(s, "", l.chain(fmt.Sprint(i, k)))
			if late && err == nil {
				return fmt.Errorf("exchanged after the logout had returned")
			}
			return err
		})
		if _, other := count(errs, state.ErrSpent); other != nil {
			l.Error(other)
		}
		l.over(s, "")
	}
}
