package sqlstore

import (
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

func TestProviderSessionsSQLite(t *testing.T) {
	t.Parallel()
	statetest.RunProviderSessions(t, func(t *testing.T) (statetest.Stores, state.ProviderSessions) {
		s := openSQLite(t)
		return statetest.All(s), s
	})
}

func TestProviderSessionsPostgres(t *testing.T) {
	t.Parallel()
	url := statetest.StartPostgres(t)
	statetest.RunProviderSessions(t, func(t *testing.T) (statetest.Stores, state.ProviderSessions) {
		s := openURL(t, url)
		empty(t, s)
		return statetest.All(s), s
	})
}

// What is noted of sessions goes with them, a day after those that were ended, and words of
// providers once they would be refused for their age.
func TestSweepOfProviderSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		signUp(t, s, "1", "x@example.org")
		for i, run := range []string{"a", "b", "c"} {
			mustCommit(t, s, state.Batch{Run: run, Account: "1", Session: session("1", int64(10+i), run), Writes: []state.Write{state.NoteProviderSession{
				ProviderSession: state.ProviderSession{Provider: "p", Issuer: "i", Subject: "u", SID: run}, Until: noon().Add(time.Duration(48*(i+1)) * time.Hour),
			}}})
		}
		mustCommit(t, s, state.Batch{Account: "1", Writes: []state.Write{state.EndSessions{IDs: []int64{12}}}})
		_, err := s.EndProviderSessions(t.Context(), state.ProviderLogout{
			Provider: "p", Issuer: "i", SID: "b", Token: []byte("t"), Until: noon().Add(time.Hour), Before: noon(), Now: noon(),
		})
		if err != nil {
			t.Fatal(err)
		}
		sweep(t, s, 0, map[string]int{"provider_sessions": 2, "provider_logouts": 1})
		sweep(t, s, time.Hour, map[string]int{"provider_sessions": 2, "provider_logouts": 0})
		sweep(t, s, 24*time.Hour, map[string]int{"provider_sessions": 1, "ended_runs": 0})
		sweep(t, s, 48*time.Hour, map[string]int{"provider_sessions": 0})
	})
}
