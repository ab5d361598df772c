package server

import (
	"context"
	"log/slog"
	"math"
	"time"
)

const (
	// clocksEvery is how often clocks are compared.
	clocksEvery = time.Minute
	// clocksTimeout is for one question; an answer that took longer tells nothing.
	clocksTimeout = time.Second
	// clocksMost is by how much they may differ without a word.
	clocksMost = 2 * time.Second
	// clocksMend is up to where times that servers compare are mended where the program brings
	// the clock: one that differs by more is of another age, as those of tests are.
	clocksMend = 12 * time.Hour
)

// clocks compares this server's clock with those of its stores. What one server writes down
// and another compares with its own clock (when a message is due, who has it for how long) goes
// by the database's.
type clocks struct {
	now     func() time.Time
	log     *slog.Logger
	sources map[string]timeSource
	// mend, if not nil, tells the database by how much its clock is ahead, within at most.
	mend   func(time.Duration)
	within time.Duration
	// told are the stores whose clocks have been told to differ.
	told map[string]bool
}

// timeSource says what time it is there. It is false where the clock is this one.
type timeSource func(context.Context) (time.Time, bool, error)

// timed is a database with a clock of its own, by which it can go.
type timed interface {
	Time(context.Context) (time.Time, bool, error)
	SetAhead(time.Duration)
}

// newClocks compares with the stores that have a clock.
func (s *Server) newClocks() *clocks {
	c := &clocks{
		now: s.options.Now, log: s.options.Log, told: make(map[string]bool), within: clocksMend,
		sources: map[string]timeSource{"redis": s.records.Time},
	}
	if s.systemClock {
		c.within = math.MaxInt64
	}
	if d, ok := s.database.Upkeep.(timed); ok {
		c.sources["database"] = d.Time
		if s.clock == nil { // that of a development server is put ahead of all others
			c.mend = d.SetAhead
		}
	}
	return c
}

// run compares every minute until the context ends.
func (c *clocks) run(ctx context.Context) error {
	tick := time.NewTicker(clocksEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			c.compare(ctx)
		}
	}
}

// compare asks each store once.
func (c *clocks) compare(ctx context.Context) {
	for name, source := range c.sources {
		if by, ok := c.differs(ctx, source); ok {
			c.tell(name, by)
			if name == "database" && c.mend != nil && by.Abs() <= c.within {
				c.mend(by)
			}
		}
	}
}

// differs is by how much another clock is ahead, give or take half of what the question took.
func (c *clocks) differs(ctx context.Context, source timeSource) (time.Duration, bool) {
	ctx, cancel := context.WithTimeout(ctx, clocksTimeout)
	defer cancel()
	before, begun := c.now(), time.Now()
	there, ok, err := source(ctx)
	if err != nil || !ok {
		return 0, false // whether it can be asked is for others to tell
	}
	return there.Sub(before.Add(time.Since(begun) / 2)), true
}

// tell warns once of a clock that differs, and says when it does no more.
func (c *clocks) tell(name string, by time.Duration) {
	wrong := by.Abs() > clocksMost
	if wrong == c.told[name] {
		return
	}
	c.told[name] = wrong
	if wrong {
		c.log.Warn("the clock of this server and that of a store differ: codes of authenticator apps are other ones here, and limits and lifetimes shift",
			slog.String("store", name), slog.Duration("ahead_there", by.Round(time.Millisecond)), slog.String("hint", "keep the time by NTP on both"))
		return
	}
	c.log.Info("the clocks agree again", slog.String("store", name))
}
