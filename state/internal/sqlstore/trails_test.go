package sqlstore

import (
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/state/statetest"
)

func TestTrailsSQLite(t *testing.T) {
	t.Parallel()
	statetest.RunTrails(t, func(t *testing.T) state.Trails { return openSQLite(t) })
}

func TestTrailsPostgres(t *testing.T) {
	t.Parallel()
	url := statetest.StartPostgres(t)
	statetest.RunTrails(t, func(t *testing.T) state.Trails {
		s := openURL(t, url)
		empty(t, s)
		return s
	})
}

// TestSweepTrails: a trail goes, with its wrong tries, when its last turn was too long
// ago; where none is kept, at once.
func TestSweepTrails(t *testing.T) {
	const day = 24 * time.Hour
	onBoth(t, func(t *testing.T, s *Store) {
		keep := func() {
			t.Helper()
			if err := s.KeepTrails(t.Context(), []state.Trail{
				{Run: "old", Account: "7", Flow: "login", Updated: noon(), Wrong: map[string]int{"code": 3}},
				{Run: "new", Account: "7", Flow: "login", Updated: noon().Add(day)},
			}); err != nil {
				t.Fatal(err)
			}
		}
		keep()
		sweep(t, s, 30*day, map[string]int{"runs": 2, "run_tries": 1})
		sweep(t, s, 30*day+time.Second, map[string]int{"runs": 1, "run_tries": 0})
		sweep(t, s, 32*day, map[string]int{"runs": 0})
		keep()
		s.trailsKeep = -time.Hour
		sweep(t, s, 2*day, map[string]int{"runs": 0, "run_tries": 0})
	})
}

// TestTrailsKeep is how the configuration is read.
func TestTrailsKeep(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{0: 720 * time.Hour, time.Minute: time.Minute, -1: -1} {
		s, err := Open(t.Context(), Config{URL: t.TempDir() + "/x.db", Seal: newSealer(t), TrailsKeep: given})
		if err != nil {
			t.Fatal(err)
		}
		if s.trailsKeep != want {
			t.Errorf("%v is kept as %v, want %v", given, s.trailsKeep, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
