package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestReadyIsNoAmplifier: however many ask, stores are asked once a second, one at a time.
func TestReadyIsNoAmplifier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, atOnce atomic.Int64
		r := &readiness{log: slog.New(slog.DiscardHandler), stores: map[string]func(context.Context) error{
			"database": func(context.Context) error {
				asked.Add(1)
				if atOnce.Add(1) > 1 {
					t.Error("asked twice at once")
				}
				time.Sleep(100 * time.Millisecond)
				atOnce.Add(-1)
				return nil
			},
		}}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				for range 100 {
					if faults, err := r.ask(t.Context()); err != nil || len(faults) > 0 {
						t.Errorf("%v, %v", faults, err)
					}
					time.Sleep(50 * time.Millisecond)
				}
			})
		}
		wg.Wait()
		if n := asked.Load(); n < 3 || n > 7 {
			t.Errorf("asked %d times in 5 s", n)
		}
	})
}

// TestReadyTellsWhatFails, also where a store does not answer or panics, and logs what changes.
func TestReadyTellsWhatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var database, redis func(context.Context) error
		r := &readiness{log: slog.New(slog.NewTextHandler(&log, nil)), stores: map[string]func(context.Context) error{
			"database": func(ctx context.Context) error { return database(ctx) }, "redis": func(ctx context.Context) error { return redis(ctx) },
		}}
		well := func(context.Context) error { return nil }
		for _, c := range []struct {
			database, redis func(context.Context) error
			want            []string
		}{
			{well, well, nil},
			{func(context.Context) error { return errors.New("read-only") }, well, []string{"database"}},
			{well, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, []string{"redis"}},
			{func(context.Context) error { panic("no way") }, func(context.Context) error { return errors.New("OOM") }, []string{"database", "redis"}},
			{well, well, nil},
		} {
			database, redis = c.database, c.redis
			began := time.Now()
			faults, err := r.ask(t.Context())
			if slices.Sort(faults); err != nil || !slices.Equal(faults, c.want) {
				t.Errorf("%v, %v, want %v", faults, err, c.want)
			}
			if time.Since(began) > 5*time.Second {
				t.Errorf("it took %v", time.Since(began))
			}
			time.Sleep(2 * time.Second)
		}
		for _, want := range []string{"error=read-only", "panic: no way", "deadline exceeded", "ready again"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, &log)
			}
		}
		if n := strings.Count(log.String(), "not ready"); n != 3 {
			t.Errorf("%d lines, of which each store has one when it begins to fail:\n%s", n, &log)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		database = func(context.Context) error { time.Sleep(time.Second); return nil }
		if _, err := r.ask(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who has gone: %v", err)
		}
		time.Sleep(2 * time.Second)
	})
}

// TestClocksDiffer: a clock that is off is warned of once, and mended where it is not of another
// age.
func TestClocksDiffer(t *testing.T) {
	var log bytes.Buffer
	own := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	there, mended := own, time.Duration(-1)
	c := &clocks{
		now: func() time.Time { return own }, log: slog.New(slog.NewTextHandler(&log, nil)), told: map[string]bool{},
		mend: func(by time.Duration) { mended = by.Round(time.Second) }, within: clocksMend,
		sources: map[string]timeSource{
			"database": func(context.Context) (time.Time, bool, error) { return there, true, nil },
			"redis":    func(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil },
		},
	}
	for _, step := range []struct {
		ahead, mended time.Duration
		warned        int
	}{
		{0, 0, 0}, {time.Second, time.Second, 0}, {time.Minute, time.Minute, 1}, {time.Minute, time.Minute, 1},
		{-time.Minute, -time.Minute, 1}, {0, 0, 1}, {-3 * time.Second, -3 * time.Second, 2}, {24 * time.Hour, -3 * time.Second, 2},
	} {
		there = own.Add(step.ahead)
		c.compare(t.Context())
		if mended != step.mended {
			t.Errorf("%v ahead: mended by %v, want %v", step.ahead, mended, step.mended)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != step.warned {
			t.Errorf("%v ahead: %d warnings, want %d", step.ahead, n, step.warned)
		}
	}
	// A machine's own clock is of no other age, however wrong it is.
	c.within = (&Server{systemClock: true}).newClocks().within
	if c.compare(t.Context()); mended != 24*time.Hour {
		t.Errorf("a day ahead of the machine's own: mended by %v", mended)
	}
	if !strings.Contains(log.String(), "the clocks agree again") || !strings.Contains(log.String(), "ahead_there=1m0s") {
		t.Errorf("log:\n%s", &log)
	}
}

// TestBackgroundGoesOn: work that panics begins anew, and the log says so.
func TestBackgroundGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &Server{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
		ctx, stop := context.WithCancel(t.Context())
		begun := 0
		s.background(ctx, "sweep", func(ctx context.Context) error {
			if begun++; begun < 3 {
				panic("no way")
			}
			<-ctx.Done()
			return ctx.Err()
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		if begun != 3 || strings.Count(log.String(), "background work panicked") != 2 {
			t.Errorf("begun %d times, log:\n%s", begun, &log)
		}
		stop()
		s.done.Wait()
	})
}
