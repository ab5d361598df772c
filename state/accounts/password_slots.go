package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrBusy says that as many passwords wait to be hashed as may wait. The error
// that is returned is a BusyError; errors.Is finds ErrBusy in it.
var ErrBusy = errors.New("too many passwords are waiting to be hashed")

// BusyError refuses a password because the queue for hashing is full.
type BusyError struct {
	// RetryAfter is when to come back, in whole seconds and at least one: about
	// what a full queue takes to drain. Fit for the header Retry-After (RFC 9110,
	// section 10.2.3).
	RetryAfter time.Duration
}

// Error says what is full and when to come back.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%v, try again in %v", ErrBusy, e.RetryAfter)
}

// Unwrap makes every BusyError an ErrBusy.
func (e *BusyError) Unwrap() error { return ErrBusy }

// hashSlots lets a few hashes run at a time and a bounded number wait, first come
// first served: the runtime hands a channel's room to its senders in their order.
type hashSlots struct {
	places  chan struct{} // one for each hash that runs or waits
	running chan struct{} // one for each hash that runs
	busy    *BusyError
}

func newHashSlots(slots, queue int, retryAfter time.Duration) *hashSlots {
	return &hashSlots{
		places:  make(chan struct{}, slots+queue),
		running: make(chan struct{}, slots),
		busy:    &BusyError{RetryAfter: retryAfter},
	}
}

// enter waits for a slot. Without an error the caller holds one and must leave.
func (s *hashSlots) enter(ctx context.Context) error {
	select {
	case s.places <- struct{}{}:
	default:
		return s.busy
	}
	select {
	case s.running <- struct{}{}:
	case <-ctx.Done():
		<-s.places
		return ctx.Err()
	}
	// With a slot free and the context ended, select picks either.
	if err := ctx.Err(); err != nil {
		s.leave()
		return err
	}
	return nil
}

func (s *hashSlots) leave() {
	<-s.running
	<-s.places
}

// Bounds for slots and queue, far above any use.
const (
	maxHashSlots = 1 << 12
	maxHashQueue = 1 << 20
)

func countValid(name string, n, most int) error {
	if n < 1 || n > most {
		return fmt.Errorf("%s of %d, use 1 to %d, or 0 for the default", name, n, most)
	}
	return nil
}

// drainTime estimates how long a full queue takes, rounded up to whole seconds.
// A present-day core fills a KiB of argon2id memory in about 600 ns.
func drainTime(cost argon2Cost, slots, queue int) time.Duration {
	const perKiB = 600 * time.Nanosecond
	one := perKiB * time.Duration(cost.memory) * time.Duration(cost.time)
	rounds := time.Duration((slots + queue + slots - 1) / slots)
	return (one*rounds + time.Second - 1).Truncate(time.Second)
}
