package statetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stagedoor/state"
)

// lab is one test with its stores. Its clock stands still unless the test moves it.
type lab struct {
	*testing.T
	Stores
	ctx context.Context
	now time.Time

	mu   sync.Mutex
	last int64
}

func newLab(t *testing.T, s Stores) *lab {
	return &lab{
		T: t, Stores: s, ctx: t.Context(),
		now: time.Date(2031, 5, 17, 9, 30, 0, 123456000, time.UTC),
	}
}

// id returns a number nobody has had in this test. It is above 2^32, as random ids are.
func (l *lab) id() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	return 1<<40 + l.last
}

// accountID returns the id of an account nobody has had in this test: a number as the server
// draws them, and every second time one that a program brings.
func (l *lab) accountID() state.AccountID {
	n := l.id()
	if n%2 == 0 {
		return state.AccountID(fmt.Sprintf("%08x-0b5e-7000-8000-%012x", uint32(n)*2654435761, n))
	}
	return state.AccountID(strconv.FormatInt(n, 10))
}

// run returns the name of a run nobody has had in this test.
func (l *lab) run() string { return fmt.Sprintf("run-%d", l.id()) }

// account stores an account and returns it as stored. What the change leaves empty has
// a plain value: the account is active and has one verified address.
func (l *lab) account(change func(*state.Account)) *state.Account {
	l.Helper()
	id := l.accountID()
	a := state.Account{
		ID: id, PasswordHash: "hash", Active: true, CreatedAt: l.now,
		Emails: []state.Email{{Address: fmt.Sprintf("%s@example.org", id), Verified: true, Primary: true}},
	}
	if change != nil {
		change(&a)
	}
	return l.commit(state.Batch{Run: l.run(), Account: id, Writes: []state.Write{state.CreateAccount{Account: a}}}).Account
}

// emails returns a change that gives an account these addresses.
func emails(list ...state.Email) func(*state.Account) {
	return func(a *state.Account) { a.Emails = list }
}

// commit stores a batch that must not fail. An empty time is the lab's.
func (l *lab) commit(b state.Batch) state.Receipt {
	l.Helper()
	r, err := l.try(b)
	if err != nil {
		l.Fatalf("commit: %v", err)
	}
	return r
}

// try stores a batch. It may be called by several goroutines.
func (l *lab) try(b state.Batch) (state.Receipt, error) {
	if b.Now.IsZero() {
		b.Now = l.now
	}
	return l.Ledger.Commit(l.ctx, b)
}

// write commits writes about an account by a run of their own.
func (l *lab) write(account state.AccountID, writes ...state.Write) state.Receipt {
	l.Helper()
	return l.commit(state.Batch{Run: l.run(), Account: account, Writes: writes})
}

// refuses commits a batch that must fail with the error and change nothing about its
// account.
func (l *lab) refuses(b state.Batch, want error) {
	l.Helper()
	before, _ := l.Accounts.Account(l.ctx, b.Account)
	if _, err := l.try(b); !same(err, want) {
		l.Errorf("commit: %v, want %v", err, want)
	}
	after, _ := l.Accounts.Account(l.ctx, b.Account)
	l.equal("the account after a refused batch", after, before)
}

// same compares what a store says: a sentinel, or a conflict with its field.
func same(got, want error) bool {
	var conflict *state.ConflictError
	if errors.As(want, &conflict) {
		var other *state.ConflictError
		return errors.As(got, &other) && other.Field == conflict.Field
	}
	return errors.Is(got, want)
}

// load returns the account as stored.
func (l *lab) load(id state.AccountID) *state.Account {
	l.Helper()
	a, err := l.Accounts.Account(l.ctx, id)
	if err != nil {
		l.Fatalf("load account %s: %v", id, err)
	}
	return a
}

// grant stores a session of the account by a run of its own and returns it.
func (l *lab) grant(account state.AccountID) *state.Session {
	l.Helper()
	s := l.session(account, l.run())
	return l.commit(state.Batch{Run: s.Run, Account: account, Epoch: l.load(account).Epoch, Session: s}).Session
}

// session returns a session that is stored nowhere yet.
func (l *lab) session(account state.AccountID, run string) *state.Session {
	id := l.id()
	return &state.Session{
		ID: id, Account: account, Run: run, TokenHash: fmt.Appendf(nil, "token-hash-%d", id), Client: "app",
		CreatedAt: l.now, LastSeen: l.now, ExpiresAt: l.now.Add(24 * time.Hour),
		IP: "192.0.2.7", UserAgent: "tests", Methods: []byte(`[{"method":"password"}]`),
	}
}

// goesOn says whether the session is there at the lab's time.
func (l *lab) goesOn(s *state.Session) bool {
	l.Helper()
	_, _, err := l.Sessions.Session(l.ctx, s.TokenHash, l.now)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		l.Fatalf("read session: %v", err)
	}
	return err == nil
}

// changes claims all changes of an account and forgets them.
func (l *lab) changes(account state.AccountID) []state.Change {
	l.Helper()
	list, err := l.Changes.ClaimChanges(l.ctx, account, l.now, time.Minute, 1000)
	if err != nil {
		l.Fatalf("claim changes: %v", err)
	}
	var ids []int64
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	if err := l.Changes.ChangesDone(l.ctx, ids); err != nil {
		l.Fatalf("forget changes: %v", err)
	}
	return list
}

// claim claims messages that must be there to claim without an error.
func (l *lab) claim(limit int) []state.Queued {
	l.Helper()
	list, err := l.Outbox.ClaimMessages(l.ctx, l.now, time.Minute, limit)
	if err != nil {
		l.Fatalf("claim messages: %v", err)
	}
	return list
}

// equal compares what was stored with what was meant. Times are kept to the
// microsecond, and nothing is the same as empty.
func (l *lab) equal(what string, got, want any) {
	l.Helper()
	if diff := difference(got, want); diff != "" {
		l.Errorf("%s: got -, want +\n%s", what, diff)
	}
}

func difference(got, want any) string {
	return cmp.Diff(got, want, cmpopts.EquateEmpty(), cmp.Transformer("microseconds", func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return t.UnixMicro()
	}))
}

// together runs f in n goroutines that start at one moment, and returns what each said.
func together(n int, f func(i int) error) []error {
	out := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return out
}

// count returns how many of the errors are like want, and the first that is neither
// that nor nil.
func count(list []error, want error) (n int, other error) {
	for _, err := range list {
		switch {
		case err == nil:
		case same(err, want):
			n++
		case other == nil:
			other = err
		}
	}
	return n, other
}
