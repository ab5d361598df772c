package sqlstore

import (
	"fmt"
	"testing"
	"time"

	"stagedoor/state"
)

// rows counts the rows of a table.
func rows(t *testing.T, s *Store, table string) int {
	t.Helper()
	var n int
	if err := s.read.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// sweep sweeps at a time after noon and compares how many rows are left.
func sweep(t *testing.T, s *Store, after time.Duration, want map[string]int) {
	t.Helper()
	if _, err := s.Sweep(t.Context(), noon().Add(after)); err != nil {
		t.Fatal(err)
	}
	for table, n := range want {
		if got := rows(t, s, table); got != n {
			t.Errorf("%d rows of %s after %v, want %d", got, table, after, n)
		}
	}
}

func TestSweep(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "x@example.org")
		for i := range int64(3) {
			run := fmt.Sprint("r", i)
			grant := session("1", 10+i, run)
			grant.ExpiresAt = noon().Add(time.Duration(i+1) * time.Hour)
			mustCommit(t, s, state.Batch{Run: run, Account: "1", Session: grant, Writes: []state.Write{state.Audit{Event: "login"}}})
		}
		mustCommit(t, s, state.Batch{Account: "1", Writes: []state.Write{state.EndSessions{IDs: []int64{12}}}})
		mustCommit(t, s, state.Batch{Run: "waits", Writes: []state.Write{state.Queue{}}})
		queueCode(t, s, "released", "1")
		sweep(t, s, 0, map[string]int{"sessions": 2, "ended_runs": 1, "changes": 1, "outbox": 2, "audit": 3})
		sweep(t, s, time.Minute, map[string]int{"sessions": 2, "outbox": 2})
		sweep(t, s, time.Minute+time.Second, map[string]int{"sessions": 2, "outbox": 1})
		sweep(t, s, time.Hour-time.Second, map[string]int{"sessions": 2})
		sweep(t, s, time.Hour, map[string]int{"sessions": 1, "ended_runs": 1})
		sweep(t, s, 25*time.Hour, map[string]int{"sessions": 0, "ended_runs": 0, "changes": 0, "outbox": 1})
		sweep(t, s, 8*24*time.Hour, map[string]int{"outbox": 0, "audit": 3})
		sweep(t, s, 89*24*time.Hour, map[string]int{"audit": 3})
		sweep(t, s, 91*24*time.Hour, map[string]int{"audit": 0, "accounts": 1, "emails": 1})
	})
}

// TestSweepMany has more to sweep than one transaction takes.
func TestSweepMany(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		var writes []state.Write
		for range 2*sweepAtOnce + 7 {
			writes = append(writes, state.Audit{Event: "e"})
		}
		mustCommit(t, s, state.Batch{Writes: writes})
		n, err := s.Sweep(t.Context(), noon().Add(365*24*time.Hour))
		if err != nil || n != int64(len(writes)) {
			t.Errorf("swept %d, %v, want %d", n, err, len(writes))
		}
		if n, err := s.Sweep(t.Context(), noon().Add(365*24*time.Hour)); err != nil || n != 0 {
			t.Errorf("swept %d more, %v", n, err)
		}
	})
}

// TestSweepNobodysTrails: the trail of a run without an account goes after a day, others stay.
func TestSweepNobodysTrails(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		for run, account := range map[string]state.AccountID{"a": "", "b": "7"} {
			if err := s.KeepTrails(t.Context(), []state.Trail{{Run: run, Account: account, Flow: "login", Updated: noon(), Wrong: map[string]int{"n": 1}}}); err != nil {
				t.Fatal(err)
			}
		}
		sweep(t, s, 24*time.Hour, map[string]int{"runs": 2})
		sweep(t, s, 25*time.Hour, map[string]int{"runs": 1, "run_tries": 1})
		sweep(t, s, 31*24*time.Hour, map[string]int{"runs": 0, "run_tries": 0})
	})
}

// TestSweepIsBounded: a sweep of much takes its time, and turns go on beside it.
func TestSweepIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		var writes []state.Write
		for range 10*sweepAtOnce + 1 {
			writes = append(writes, state.Audit{Event: "e"})
		}
		mustCommit(t, s, state.Batch{Writes: writes})
		swept := make(chan error, 1)
		begun := time.Now()
		go func() {
			_, err := s.Sweep(t.Context(), noon().Add(365*24*time.Hour))
			swept <- err
		}()
		turns := 0
		for done := false; !done; turns++ {
			signUp(t, s, numbered(int64(turns+1)), fmt.Sprintf("u%d@example.org", turns))
			select {
			case err := <-swept:
				if done = true; err != nil {
					t.Error(err)
				}
			default:
			}
		}
		if took := time.Since(begun); took < 10*sweepPause {
			t.Errorf("%d rows went in %v", 10*sweepAtOnce, took)
		}
		if turns < 10 {
			t.Errorf("%d turns meanwhile", turns)
		}
	})
}

func TestEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "x@example.org")
		signUp(t, s, "2", "y@example.org")
		for i, account := range []state.AccountID{"1", "2", "", "1"} {
			mustCommit(t, s, state.Batch{Account: account, Now: noon().Add(time.Duration(i) * time.Second), Writes: []state.Write{
				state.Audit{Event: fmt.Sprint("event ", i), Data: fmt.Appendf(nil, `{"n":%d}`, i)},
			}})
		}
		for _, c := range []struct {
			account state.AccountID
			limit   int
			want    []int
		}{
			{"1", 10, []int{3, 0}},
			{"1", 1, []int{3}},
			{"2", 10, []int{1}},
			{"3", 10, nil},
			{"", 10, []int{3, 2, 1, 0}},
			{"", 2, []int{3, 2}},
		} {
			got, err := s.Events(t.Context(), c.account, c.limit)
			if err != nil || len(got) != len(c.want) {
				t.Errorf("account %s, at most %d: %+v, %v", c.account, c.limit, got, err)
				continue
			}
			for i, n := range c.want {
				e := got[i]
				if e.Name != fmt.Sprint("event ", n) || string(e.Data) != fmt.Sprintf(`{"n":%d}`, n) || !e.At.Equal(noon().Add(time.Duration(n)*time.Second)) {
					t.Errorf("account %s: event %d is %+v, want number %d", c.account, i, e, n)
				}
			}
		}
		if got, err := s.Events(t.Context(), "1", 1); err != nil || got[0].Account != "1" || got[0].ID == 0 {
			t.Errorf("event: %+v, %v", got, err)
		}
	})
}
