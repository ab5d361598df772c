package statetest

import (
	"fmt"

	"stagedoor/state"
)

func singleUseTests() []test {
	return []test{
		{"a TOTP step signs in once", (*lab).totpOnce},
		{"a recovery code signs in once", (*lab).codeOnce},
		{"codes of a set that is gone", (*lab).goneSet},
		{"of another account, or of another kind", (*lab).notTheirs},
		{"nobody spends nothing", (*lab).spenderNeeded},
		{"a strict change of password", (*lab).strictPassword},
		{"50 strict changes of one password", (*lab).strictRace},
		{"50 runs with one TOTP step", (*lab).totpRace},
		{"50 runs with one recovery code", (*lab).codeRace},
		{"50 recovery codes at once", (*lab).codesRace},
	}
}

// protected returns an account with a TOTP secret and recovery codes.
func (l *lab) protected() (account state.AccountID, totp, codes int64) {
	totp, codes = l.id(), l.id()
	a := l.account(func(a *state.Account) {
		a.Authenticators = []state.Authenticator{
			{ID: totp, Type: state.TOTP, LastStep: -1, CreatedAt: l.now},
			{ID: codes, Type: state.RecoveryCodes, CreatedAt: l.now},
		}
	})
	return a.ID, totp, codes
}

// spends commits one write of a run and compares what the store says.
func (l *lab) spends(run string, account state.AccountID, w state.Write, want error) {
	l.Helper()
	_, err := l.try(state.Batch{Run: run, Account: account, Writes: []state.Write{w}})
	if want == nil && err != nil || want != nil && !same(err, want) {
		l.Errorf("%s commits %+v: %v, want %v", run, w, err, want)
	}
}

func (l *lab) totpOnce() {
	a, totp, _ := l.protected()
	step := func(n int64) state.Write { return state.SpendTOTP{ID: totp, Step: n, At: l.now} }
	l.spends("a", a, step(0), nil)
	l.spends("a", a, step(100), nil)
	l.spends("a", a, step(100), nil)
	l.spends("b", a, step(100), state.ErrSpent)
	l.spends("b", a, step(99), state.ErrSpent)
	l.spends("a", a, step(99), state.ErrSpent)
	l.spends("b", a, step(101), nil)
	l.spends("a", a, step(101), state.ErrSpent)
	l.spends("a", a, step(100), state.ErrSpent)
	if got := l.load(a).Authenticator(state.TOTP).LastStep; got != 101 {
		l.Errorf("last step %d, want 101", got)
	}
}

func (l *lab) codeOnce() {
	a, _, codes := l.protected()
	code := func(i int) state.Write { return state.SpendRecoveryCode{ID: codes, Index: i, At: l.now} }
	l.spends("a", a, code(0), nil)
	l.spends("b", a, code(63), nil)
	l.spends("a", a, code(0), nil) // although another was used since
	l.spends("b", a, code(0), state.ErrSpent)
	l.spends("a", a, code(63), state.ErrSpent)
	if got := l.load(a).Authenticator(state.RecoveryCodes).Used; got != 1<<63|1 {
		l.Errorf("used %b, want the first and the last", got)
	}
	used := l.account(func(acc *state.Account) {
		acc.Authenticators = []state.Authenticator{
			{ID: l.id(), Type: state.TOTP, CreatedAt: l.now},
			{ID: l.id(), Type: state.RecoveryCodes, Used: 2, CreatedAt: l.now},
		}
	})
	w := state.SpendRecoveryCode{ID: used.Authenticators[1].ID, Index: 1, At: l.now}
	l.spends("a", used.ID, w, state.ErrSpent) // used before the store knew by whom
}

func (l *lab) goneSet() {
	a, totp, codes := l.protected()
	l.spends("a", a, state.SpendRecoveryCode{ID: codes, Index: 1, At: l.now}, nil)
	l.write(a, state.RemoveAuthenticators{IDs: []int64{codes}},
		state.AddAuthenticator{Authenticator: state.Authenticator{ID: l.id(), Type: state.RecoveryCodes, CreatedAt: l.now}})
	l.spends("a", a, state.SpendRecoveryCode{ID: codes, Index: 1, At: l.now}, state.ErrSpent)
	l.spends("a", a, state.SpendRecoveryCode{ID: codes, Index: 2, At: l.now}, state.ErrSpent)
	l.write(a, state.RemoveAuthenticators{IDs: []int64{totp}})
	l.spends("a", a, state.SpendTOTP{ID: totp, Step: 900, At: l.now}, state.ErrSpent)
}

func (l *lab) notTheirs() {
	a, totp, codes := l.protected()
	other, _, _ := l.protected()
	l.spends("a", other, state.SpendTOTP{ID: totp, Step: 1, At: l.now}, state.ErrSpent)
	l.spends("a", other, state.SpendRecoveryCode{ID: codes, At: l.now}, state.ErrSpent)
	l.spends("a", a, state.SpendTOTP{ID: codes, Step: 1, At: l.now}, state.ErrSpent)
	l.spends("a", a, state.SpendRecoveryCode{ID: totp, At: l.now}, state.ErrSpent)
	before := l.load(a)
	l.write(other, state.RenameAuthenticator{ID: totp, Name: "mine"}, state.ViewRecoveryCodes{ID: codes, At: l.now},
		state.UpdateCredential{ID: totp, Credential: []byte("mine"), At: l.now}, state.RemoveAuthenticators{IDs: []int64{totp, codes}})
	l.equal("an account whose ids another used", l.load(a), before)
}

func (l *lab) spenderNeeded() {
	a, totp, codes := l.protected()
	for _, w := range []state.Write{
		state.SpendTOTP{ID: totp, Step: 1, At: l.now},
		state.SpendRecoveryCode{ID: codes, At: l.now},
	} {
		if _, err := l.try(state.Batch{Account: a, Writes: []state.Write{w}}); err == nil {
			l.Errorf("%T passed without a spender", w)
		}
	}
}

// oneWins commits a write by 50 runs at once, then by one run 50 times.
func (l *lab) oneWins(account state.AccountID, w func(n int) state.Write) {
	l.Helper()
	first := w(1)
	errs := together(50, func(int) error {
		_, err := l.try(state.Batch{Run: l.run(), Account: account, Writes: []state.Write{first}})
		return err
	})
	if spent, other := count(errs, state.ErrSpent); spent != 49 || other != nil {
		l.Errorf("50 runs: %d were told ErrSpent, want 49; %v", spent, other)
	}
	second := w(2)
	for _, err := range together(50, func(int) error {
		_, err := l.try(state.Batch{Run: "the same", Account: account, Writes: []state.Write{second}})
		return err
	}) {
		if err != nil {
			l.Errorf("one run, again: %v", err)
		}
	}
}

func (l *lab) totpRace() {
	a, totp, _ := l.protected()
	l.oneWins(a, func(n int) state.Write { return state.SpendTOTP{ID: totp, Step: int64(n), At: l.now} })
}

func (l *lab) codeRace() {
	a, _, codes := l.protected()
	l.oneWins(a, func(n int) state.Write { return state.SpendRecoveryCode{ID: codes, Index: n, At: l.now} })
}

func (l *lab) codesRace() {
	a, _, codes := l.protected()
	for i, err := range together(50, func(i int) error {
		_, err := l.try(state.Batch{Run: l.run(), Account: a, Writes: []state.Write{state.SpendRecoveryCode{ID: codes, Index: i, At: l.now}}})
		return err
	}) {
		if err != nil {
			l.Errorf("code %d: %v", i, err)
		}
	}
	if got := l.load(a).Authenticator(state.RecoveryCodes).Used; got != 1<<50-1 {
		l.Errorf("used %b, want 50 ones", got)
	}
}

// strictPassword changes a password that must still be the one that was read.
func (l *lab) strictPassword() {
	a := l.account(nil)
	change := func(from, to string) state.Write {
		return state.SetPassword{Hash: to, Replaces: from, Strict: true, SignOut: true}
	}
	l.spends("a", a.ID, change("hash", "salted 1"), nil)
	l.spends("a", a.ID, change("hash", "salted 1"), nil)
	if got := l.load(a.ID).Epoch; got != a.Epoch+1 {
		l.Errorf("epoch %d after a change that was repeated, want %d", got, a.Epoch+1)
	}
	l.spends("b", a.ID, change("hash", "salted 2"), state.ErrSpent)
	l.spends("b", a.ID, change("", "salted 2"), state.ErrSpent)
	l.spends("b", a.ID, change("salted 1", ""), nil)
	l.spends("c", a.ID, change("", "salted 3"), nil)
	l.spends("d", a.ID, change("", "salted 4"), state.ErrSpent)
	if got := l.load(a.ID).PasswordHash; got != "salted 3" {
		l.Errorf("hash %q, want the last that was accepted", got)
	}
}

func (l *lab) strictRace() {
	a := l.account(nil)
	errs := together(50, func(i int) error {
		_, err := l.try(l.about(a.ID, state.SetPassword{Hash: fmt.Sprint("salted ", i), Replaces: "hash", Strict: true}))
		return err
	})
	if spent, other := count(errs, state.ErrSpent); spent != 49 || other != nil {
		l.Errorf("%d changes were told ErrSpent, want 49; %v", spent, other)
	}
}
