package suite

import (
	"sync"
	"time"
)

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
	// moved is told that time has passed.
	moved func(time.Duration)
}

// ClockAt is a clock that stands at a time.
func ClockAt(now time.Time) *Clock { return &Clock{now: now} }

// Read is the time.
func (c *Clock) Read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	if c.moved != nil && d > 0 {
		c.moved(d)
	}
}
