package statetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"stagedoor/state"
)

func raceTests() []test {
	return []test{
		{"50 sign-ups with one address", (*lab).signupRace},
		{"50 sign-ups with one username", (*lab).usernameRace},
		{"sign-ups with the same addresses in another order", (*lab).crossedSignups},
		{"50 accounts verify one address", (*lab).verifyRace},
		{"two accounts verify each other's addresses", (*lab).crossedVerify},
		{"two accounts take an address of each other", (*lab).crossedTakes},
		{"a first proof against a sign-in and a new authenticator", (*lab).proofRace},
		{"50 sessions of one run", (*lab).sessionRace},
		{"50 sign-ins of one account", (*lab).signinRace},
		{"sign-ins against a change of password", (*lab).epochRace},
		{"a sign-in against a logout", (*lab).logoutRace},
		{"disabling against everything", (*lab).disableRace},
	}
}

func (l *lab) signupRace() {
	errs := together(50, func(i int) error {
		a := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now, Emails: []state.Email{email("race@example.org", true, true)}}
		_, err := l.try(l.about(a.ID, state.CreateAccount{Account: a}))
		return err
	})
	if taken, other := count(errs, conflict("email")); taken != 49 || other != nil {
		l.Errorf("%d sign-ups were refused, want 49; %v", taken, other)
	}
}

func (l *lab) usernameRace() {
	errs := together(50, func(i int) error {
		a := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now, Username: []string{"race", "Race", "RACE"}[i%3]}
		_, err := l.try(l.about(a.ID, state.CreateAccount{Account: a}))
		return err
	})
	if taken, other := count(errs, conflict("username")); taken != 49 || other != nil {
		l.Errorf("%d sign-ups were refused, want 49; %v", taken, other)
	}
}

func (l *lab) crossedSignups() {
	x, y := email("x@example.org", true, true), email("y@example.org", true, false)
	errs := together(40, func(i int) error {
		a := state.Account{ID: l.accountID(), Active: true, CreatedAt: l.now, Emails: []state.Email{x, y}}
		if i%2 == 1 {
			a.Emails = []state.Email{y, x}
		}
		_, err := l.try(l.about(a.ID, state.CreateAccount{Account: a}))
		return err
	})
	if taken, other := count(errs, conflict("email")); taken != 39 || other != nil {
		l.Errorf("%d sign-ups were refused, want 39; %v", taken, other)
	}
}

func (l *lab) verifyRace() {
	accounts := make([]state.AccountID, 50)
	for i := range accounts {
		accounts[i] = l.account(emails(email("race@example.org", false, true))).ID
	}
	errs := together(50, func(i int) error {
		_, err := l.try(l.about(accounts[i], state.ProveContact{Email: "race@example.org"}))
		return err
	})
	if taken, other := count(errs, conflict("email")); taken != 49 || other != nil {
		l.Errorf("%d were refused, want 49; %v", taken, other)
	}
	verified := 0
	for _, id := range accounts {
		switch a := l.load(id); {
		case a.HasVerifiedEmail():
			verified++
		case len(a.Emails) > 0:
			l.Errorf("account %s still has %v, which another one has verified", id, a.Emails)
		}
	}
	if verified != 1 {
		l.Errorf("%d accounts have verified the address", verified)
	}
}

// crossedVerify makes two batches want the same two addresses in opposite order: the
// worst a database can do is to call it a deadlock and let one of them win.
func (l *lab) crossedVerify() {
	for i := range 10 {
		x, y := fmt.Sprintf("x%d@example.org", i), fmt.Sprintf("y%d@example.org", i)
		a, b := l.account(emails()), l.account(emails())
		errs := together(2, func(i int) error {
			id, first, second := a.ID, x, y
			if i == 1 {
				id, first, second = b.ID, y, x
			}
			_, err := l.try(l.about(id, state.ProveContact{Email: first}, state.ProveContact{Email: second}))
			return err
		})
		if taken, other := count(errs, conflict("email")); taken != 1 || other != nil {
			l.Errorf("%d were refused, want 1; %v", taken, other)
		}
		if got := len(l.load(a.ID).Emails) + len(l.load(b.ID).Emails); got != 2 {
			l.Errorf("the two accounts have %d addresses, want 2", got)
		}
	}
}

func (l *lab) sessionRace() {
	a := l.account(nil)
	tokens := make([]string, 50)
	errs := together(50, func(i int) error {
		r, err := l.try(state.Batch{Run: "r", Account: a.ID, Session: l.session(a.ID, "r"), Writes: []state.Write{state.NoteLogin{At: l.now}}})
		if err == nil {
			tokens[i] = string(r.Session.TokenHash)
		}
		return err
	})
	for i, err := range errs {
		if err != nil || tokens[i] != tokens[0] {
			l.Errorf("twin %d: token %q, %v; want the first one's", i, tokens[i], err)
		}
	}
	if list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now); err != nil || len(list) != 1 {
		l.Errorf("%d sessions, %v, want 1", len(list), err)
	}
}

func (l *lab) signinRace() {
	a := l.account(nil)
	for _, err := range together(50, func(int) error {
		run := l.run()
		_, err := l.try(state.Batch{Run: run, Account: a.ID, Session: l.session(a.ID, run), Writes: []state.Write{state.NoteLogin{At: l.now}}})
		return err
	}) {
		if err != nil {
			l.Errorf("sign-in: %v", err)
		}
	}
	if got := l.load(a.ID).Revision; got != a.Revision+50 {
		l.Errorf("revision %d, want %d: one was lost", got, a.Revision+50)
	}
	if list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now); err != nil || len(list) != 50 {
		l.Errorf("%d sessions, %v, want 50", len(list), err)
	}
}

// epochRace lets sign-ins that know the old epoch run against a change of password.
// Whoever comes before it is signed out by it, whoever comes after gets nothing.
func (l *lab) epochRace() {
	for range 15 {
		a := l.account(nil)
		var changed atomic.Bool
		errs := together(12, func(i int) error {
			if i == 5 {
				_, err := l.try(l.about(a.ID, state.SetPassword{Hash: "new", SignOut: true}))
				changed.Store(true)
				return err
			}
			run := l.run()
			late := changed.Load()
			_, err := l.try(state.Batch{Run: run, Account: a.ID, Epoch: a.Epoch, Session: l.session(a.ID, run)})
			if late && err == nil {
				return errors.New("granted with an old epoch after the change had returned")
			}
			return err
		})
		if _, other := count(errs, state.ErrEnded); other != nil {
			l.Error(other)
		}
		list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now)
		if err != nil || len(list) != 0 {
			l.Errorf("%d sessions outlived the change of password, %v", len(list), err)
		}
	}
}

// logoutRace ends a session while a twin of its sign-in comes late.
func (l *lab) logoutRace() {
	for range 15 {
		a := l.account(nil)
		run := l.run()
		b := state.Batch{Run: run, Account: a.ID, Session: l.session(a.ID, run)}
		s := l.commit(b).Session
		errs := together(4, func(i int) error {
			if i == 0 {
				_, err := l.try(l.about(a.ID, state.EndSessions{IDs: []int64{s.ID}}))
				return err
			}
			_, err := l.try(b)
			return err
		})
		if _, other := count(errs, state.ErrEnded); other != nil {
			l.Error(other)
		}
		if l.goesOn(s) {
			l.Error("the session goes on after the logout")
		}
	}
}

func (l *lab) disableRace() {
	for range 10 {
		a := l.account(nil)
		errs := together(12, func(i int) error {
			if i == 0 {
				_, err := l.try(l.about(a.ID, state.SetActive{}))
				return err
			}
			run := l.run()
			_, err := l.try(state.Batch{Run: run, Account: a.ID, Session: l.session(a.ID, run)})
			return err
		})
		if _, other := count(errs, state.ErrEnded); other != nil {
			l.Error(other)
		}
		if list, err := l.Sessions.SessionsOf(l.ctx, a.ID, l.now); err != nil || len(list) != 0 {
			l.Errorf("%d sessions of a disabled account, %v", len(list), err)
		}
	}
}
