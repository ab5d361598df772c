package statetest

import (
	"stagedoor/state"
)

func decidedTests() []test {
	return []test{
		{"on the account as it is", (*lab).decidedNow},
		{"on one that has changed since", (*lab).decidedBefore},
		{"at once, by many", (*lab).decidedRace},
	}
}

// decided is a batch whose writes were decided on a revision.
func (l *lab) decided(account state.AccountID, revision int64, writes ...state.Write) state.Batch {
	b := l.about(account, writes...)
	b.Revision = revision
	return b
}

func (l *lab) decidedNow() {
	a := l.account(emails(email("x@example.org", true, true), email("y@example.org", true, false)))
	for _, address := range []string{"y@example.org", "x@example.org"} {
		before := l.load(a.ID).Revision
		got := l.commit(l.decided(a.ID, before, state.RemoveEmail{Address: address})).Account
		if got.Revision != before+1 || got.Email(address) != nil {
			l.Errorf("without %s: %+v, the revision was %d", address, got, before)
		}
	}
	// What changes nothing does not move it.
	l.commit(l.decided(a.ID, l.load(a.ID).Revision, state.Audit{Event: "seen"}))
	l.commit(l.decided(a.ID, l.load(a.ID).Revision, state.AddEmail{Address: "z@example.org"}))
}

func (l *lab) decidedBefore() {
	a := l.account(emails(email("x@example.org", true, true), email("y@example.org", true, false)))
	seen := l.load(a.ID)
	l.write(a.ID, state.AddEmail{Address: "z@example.org"})
	l.changes(a.ID)
	now := l.load(a.ID)
	for _, revision := range []int64{seen.Revision, now.Revision + 1} {
		l.refuses(l.decided(a.ID, revision, state.RemoveEmail{Address: "y@example.org"}, state.Queue{Message: state.Message{Template: "t", To: "x"}}), state.ErrMoved)
	}
	l.equal("the account", l.load(a.ID), now)
	if told := l.changes(a.ID); len(told) != 0 {
		l.Errorf("sessions are told of %v", told)
	}
}

// decidedRace: of many who decided on the same account one has its way.
func (l *lab) decidedRace() {
	a := l.account(emails(email("x@example.org", true, true), email("y@example.org", true, false)))
	seen := l.load(a.ID).Revision
	errs := together(30, func(i int) error {
		_, err := l.try(l.decided(a.ID, seen, state.RemoveEmail{Address: []string{"x@example.org", "y@example.org"}[i%2]}))
		return err
	})
	if moved, other := count(errs, state.ErrMoved); moved != 29 || other != nil {
		l.Errorf("%d were refused, want 29; %v", moved, other)
	}
	if left := l.load(a.ID).Emails; len(left) != 1 {
		l.Errorf("%v are left, want one", left)
	}
}
