package statetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"stagedoor/state"
)

// RunTrails holds a store of trails against its contract. open returns an empty one; it
// is called once for each test.
func RunTrails(t *testing.T, open func(t *testing.T) state.Trails) {
	for _, tt := range []struct {
		name string
		run  func(*trailLab)
	}{
		{"none is kept", (*trailLab).none},
		{"kept whole", (*trailLab).whole},
		{"the later turn counts", (*trailLab).later},
		{"of one time the last one", (*trailLab).sameTime},
		{"wrong tries add up", (*trailLab).adds},
		{"of an account, the latest first", (*trailLab).ofAccount},
		{"of everybody", (*trailLab).ofAll},
		{"all or nothing", (*trailLab).atomic},
		{"from several servers at once", (*trailLab).race},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.run(&trailLab{lab: newLab(t, Stores{}), trails: open(t)})
		})
	}
}

type trailLab struct {
	*lab
	trails state.Trails
}

// trail returns a trail of a run that waits.
func (l *trailLab) trail(run string, change func(*state.Trail)) state.Trail {
	t := state.Trail{
		Run: run, Account: "7", Flow: "login", Print: "0a1b2c3d", Client: "app", Node: "mfa_authenticate",
		Marks: "password_form/ok;account_due/active:account=active", Started: l.now, Updated: l.now, Deadline: l.now.Add(time.Hour),
	}
	if change != nil {
		change(&t)
	}
	return t
}

// after returns a change that makes a trail of a later, or earlier, turn.
func after(d time.Duration, node string) func(*state.Trail) {
	return func(t *state.Trail) { t.Updated, t.Node = t.Updated.Add(d), node }
}

func (l *trailLab) keep(list ...state.Trail) {
	l.Helper()
	if err := l.trails.KeepTrails(l.ctx, list); err != nil {
		l.Fatalf("keep trails: %v", err)
	}
}

// kept reads what is kept of a run, which must be there.
func (l *trailLab) kept(run string) state.Trail {
	l.Helper()
	t, err := l.trails.Trail(l.ctx, run)
	if err != nil {
		l.Fatalf("read trail %s: %v", run, err)
	}
	return t
}

// of lists the runs of an account's trails.
func (l *trailLab) of(account state.AccountID, limit int) []string {
	l.Helper()
	list, err := l.trails.TrailsOf(l.ctx, account, limit)
	if err != nil {
		l.Fatalf("read trails of %s: %v", account, err)
	}
	var runs []string
	for _, t := range list {
		runs = append(runs, t.Run)
		l.equal("one of many", t, l.kept(t.Run))
	}
	return runs
}

func (l *trailLab) none() {
	for _, run := range []string{"", "r", "\x00", "\xff"} {
		if t, err := l.trails.Trail(l.ctx, run); !errors.Is(err, state.ErrNotFound) {
			l.Errorf("run %q: %+v, %v, want not found", run, t, err)
		}
	}
	l.equal("the trails of an account", l.of("7", 10), []string{})
	l.keep()
	l.equal("the trails of all", l.of("", 10), []string{})
}

func (l *trailLab) whole() {
	waits := l.trail("a", func(t *state.Trail) {
		t.As, t.Wrong = "verify_email", map[string]int{"verify_email": 2, "login_code": 1}
		t.Why = "no key of the issuer has signed it"
	})
	ended := l.trail("b", func(t *state.Trail) { t.Over, t.Account, t.Deadline = state.Reached, "", time.Time{} })
	l.keep(waits, ended)
	l.equal("one that waits", l.kept("a"), waits)
	l.equal("one that has ended", l.kept("b"), ended)
}

func (l *trailLab) later() {
	l.keep(l.trail("a", nil))
	l.keep(l.trail("a", after(time.Second, "session")))
	l.keep(l.trail("a", after(-time.Second, "verify_email")))
	if got := l.kept("a"); got.Node != "session" || !got.Updated.Equal(l.now.Add(time.Second)) {
		l.Errorf("kept %+v, want that of the latest turn", got)
	}
}

func (l *trailLab) sameTime() {
	l.keep(l.trail("a", nil), l.trail("b", nil), l.trail("a", after(0, "mfa_trust")))
	l.keep(l.trail("b", after(0, "session")))
	if a, b := l.kept("a").Node, l.kept("b").Node; a != "mfa_trust" || b != "session" {
		l.Errorf("kept at %s and %s", a, b)
	}
}

func (l *trailLab) adds() {
	wrong := func(n int, d time.Duration) state.Trail {
		return l.trail("a", func(t *state.Trail) { t.Wrong, t.Updated = map[string]int{"mfa_authenticate": n}, t.Updated.Add(d) })
	}
	l.keep(wrong(1, time.Second), wrong(1, time.Second))
	l.keep(wrong(2, 0))
	l.keep(l.trail("a", func(t *state.Trail) { t.Wrong = map[string]int{"mfa_trust": 1} }), l.trail("b", nil))
	l.equal("wrong tries", l.kept("a").Wrong, map[string]int{"mfa_authenticate": 4, "mfa_trust": 1})
	l.equal("those of another run", l.kept("b").Wrong, map[string]int{})
}

func (l *trailLab) ofAccount() {
	other := l.trail("x", func(t *state.Trail) { t.Account = "8" })
	l.keep(l.trail("a", after(time.Second, "session")), l.trail("b", nil), other, l.trail("c", after(2*time.Second, "session")))
	l.keep(l.trail("b", func(t *state.Trail) { t.Wrong = map[string]int{"k": 1, "l": 2} }))
	for _, c := range []struct {
		account state.AccountID
		limit   int
		want    []string
	}{{"7", 10, []string{"c", "a", "b"}}, {"7", 2, []string{"c", "a"}}, {"7", 3, []string{"c", "a", "b"}}, {"8", 1, []string{"x"}}, {"9", 10, nil}} {
		if got := l.of(c.account, c.limit); !slices.Equal(got, c.want) {
			l.Errorf("at most %d of account %s: %v, want %v", c.limit, c.account, got, c.want)
		}
	}
}

func (l *trailLab) ofAll() {
	nobody := l.trail("n", func(t *state.Trail) { t.Account, t.Updated = "", t.Updated.Add(time.Minute) })
	l.keep(l.trail("a", nil), nobody)
	l.equal("all trails", l.of("", 10), []string{"n", "a"})
	l.equal("the latest", l.of("", 1), []string{"n"})
}

func (l *trailLab) atomic() {
	for _, bad := range []func(*state.Trail){
		func(t *state.Trail) { t.Run = "" },
		func(t *state.Trail) { t.Run = "a\x00" },
		func(t *state.Trail) { t.Marks = "\xff" },
		func(t *state.Trail) { t.Why = "a\x00" },
	} {
		if err := l.trails.KeepTrails(l.ctx, []state.Trail{l.trail("good", nil), l.trail("z", bad)}); err == nil {
			l.Error("a trail that cannot be kept is no error")
		}
	}
	l.equal("what is kept beside a bad one", l.of("", 10), []string{})
}

func (l *trailLab) race() {
	const servers, turns = 8, 10
	errs := together(servers, func(i int) error {
		for n := range turns {
			list := []state.Trail{l.trail(fmt.Sprint("own-", i), nil)}
			for run := range 4 {
				list = append(list, l.trail(fmt.Sprint("run-", (run+i)%4), func(t *state.Trail) {
					t.Updated, t.Wrong = t.Updated.Add(time.Duration(n)*time.Second), map[string]int{"code": 1}
				}))
			}
			if err := l.trails.KeepTrails(l.ctx, list); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			l.Error(err)
		}
	}
	for run := range 4 {
		got := l.kept(fmt.Sprint("run-", run))
		if got.Wrong["code"] != servers*turns || !got.Updated.Equal(l.now.Add((turns-1)*time.Second)) {
			l.Errorf("run %d: %d wrong tries, last at %v", run, got.Wrong["code"], got.Updated)
		}
	}
}
