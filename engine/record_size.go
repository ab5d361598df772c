package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// fewMethods is how much of its log an anonymous record keeps at the cost of runs.
const fewMethods = 4

// Fit makes an anonymous record take no more than [MaxRecord] bytes. What is oldest gives
// way: the log but for its last entries, then runs, but never the one in the slot keep nor
// the last one left, then the rest of the log. It fails with [ErrTooLarge] where what is
// left still takes more.
func (r *Record) Fit(keep Slot) error {
	for r.bound() > MaxRecord {
		b, err := r.Encode()
		if err != nil {
			return fmt.Errorf("encode record: %w", err)
		}
		if len(b) <= MaxRecord {
			return nil
		}
		if !r.shed(keep) {
			return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(b))
		}
	}
	return nil
}

// shed drops what a record can best do without, and reports whether there was anything.
func (r *Record) shed(keep Slot) bool {
	if len(r.Methods) > fewMethods {
		r.Methods = r.Methods[1:]
		return true
	}
	oldest := -1
	for i, run := range r.Runs {
		if run.Slot != keep && (oldest < 0 || run.Started < r.Runs[oldest].Started) {
			oldest = i
		}
	}
	switch {
	case oldest >= 0 && len(r.Runs) > 1:
		r.Drop(r.Runs[oldest].Slot)
	case len(r.Methods) > 0:
		r.Methods = r.Methods[1:]
	default:
		return false
	}
	return true
}

// bound is a cheap upper bound of the bytes the record takes encoded, so that the small
// ones, which are nearly all, need not be encoded to be measured: no field takes more than
// head bytes besides its text.
func (r *Record) bound() int {
	const head = 10
	n := 9*head + len(r.Last.Digest) + len(r.Owner) + len(r.Holder)
	for _, run := range r.Runs {
		n += 18*head + len(run.Slot) + len(run.ID) + len(run.Flow) + len(run.Fingerprint) + len(run.Node) + len(run.As) +
			len(run.Subject) + len(run.Hint) + len(run.Credential) + len(run.Data)
		for _, m := range run.Trail {
			n += 3*head + len(m.Node) + len(m.Exit) + len(m.Reason)
		}
		for name := range run.Acts {
			n += 2*head + len(name)
		}
	}
	for _, m := range r.Methods {
		n += 13*head + len(m.Method) + len(m.Email) + len(m.Phone) + len(m.Username) + len(m.Type) + len(m.Provider) + len(m.UID)
	}
	return n
}

// Encode writes JSON as runs hold what their stages keep, which may be stages of anybody: no
// larger than it must be, since nobody reads it as part of a page, and with < and & as they
// are.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// lateness is how long after its last run has expired a record is kept: who comes too late is
// told that nothing waits any more, and not that the token is unknown.
const lateness = 5 * time.Minute

// Life is how long the record of an anonymous client lives after a write, idle at most: a little
// longer than the last of the runs that wait in it, or where nothing but halves of ceremonies wait,
// until the last of those has expired.
func (r *Record) Life(idle time.Duration, now time.Time) time.Duration {
	if len(r.Runs) == 0 || len(r.Methods) > 0 {
		return idle
	}
	var last int64
	for i := range r.Runs {
		run := &r.Runs[i]
		over := run.Deadline
		if run.Until != 0 {
			over = min(over, run.Until)
		}
		if run.Flow != "" {
			over += lateness.Milliseconds()
		}
		last = max(last, over)
	}
	return min(idle, max(time.UnixMilli(last).Sub(now), time.Millisecond))
}
