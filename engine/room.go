package engine

import "time"

// CapacityStore is a [Store] that does not take as much as comes. Room asks nobody and fails
// with [ErrFull] where no record of a client that nobody knows can be begun now: a turn
// that would begin one then writes nothing.
type CapacityStore interface {
	CheckCapacity() error
}

// room fails where a step would begin a record that the store has no room for. Whoever
// signs in and whose record is there already is not held up.
func (e *Engine) room(a *attempt, s stepped, b Batch) error {
	if a.Entry.Found || b.Grant || s.end != nil && s.begun == nil {
		return nil
	}
	if c, ok := e.Store.(CapacityStore); ok {
		return c.CheckCapacity()
	}
	return nil
}

// Life is how long the record of an anonymous client lives after a write: as long as any,
// so that a client whose run has expired still has its token, or where nothing but halves
// of ceremonies wait in it, until the last of those has expired.
func (r *Record) Life(idle time.Duration, now time.Time) time.Duration {
	if len(r.Runs) == 0 || len(r.Methods) > 0 {
		return idle
	}
	var last int64
	for i := range r.Runs {
		if r.Runs[i].Flow != "" {
			return idle
		}
		last = max(last, r.Runs[i].Deadline)
	}
	return min(idle, max(time.UnixMilli(last).Sub(now), time.Millisecond))
}
