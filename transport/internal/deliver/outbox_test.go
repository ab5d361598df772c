package deliver

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stagedoor/state"
)

// memOutbox is an outbox in memory, with faults to order.
type memOutbox struct {
	mu   sync.Mutex
	last int64
	rows map[int64]*memRow
	// claims counts the calls of ClaimMessages.
	claims int
	// failClaims, failDone and failRetry are how many calls fail before one succeeds.
	failClaims, failDone, failRetry int
}

type memRow struct {
	queued state.Queued
	due    time.Time
}

// put releases a message, queued now.
func (o *memOutbox) put(m state.Message, now time.Time) int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rows == nil {
		o.rows = map[int64]*memRow{}
	}
	o.last++
	o.rows[o.last] = &memRow{queued: state.Queued{ID: o.last, QueuedAt: now, Message: m}, due: now}
	return o.last
}

func (o *memOutbox) ClaimMessages(_ context.Context, now time.Time, lease time.Duration, limit int) ([]state.Queued, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims++
	if o.failClaims > 0 {
		o.failClaims--
		return nil, context.DeadlineExceeded
	}
	var out []state.Queued
	for _, id := range slices.Sorted(maps.Keys(o.rows)) {
		if row := o.rows[id]; len(out) < limit && !row.due.After(now) {
			row.queued.Attempts++
			row.due = now.Add(lease)
			out = append(out, row.queued)
		}
	}
	return out, nil
}

func (o *memOutbox) MessageDone(_ context.Context, id int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failDone > 0 {
		o.failDone--
		return context.DeadlineExceeded
	}
	delete(o.rows, id)
	return nil
}

func (o *memOutbox) RetryMessage(_ context.Context, id int64, due time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failRetry > 0 {
		o.failRetry--
		return context.DeadlineExceeded
	}
	if row := o.rows[id]; row != nil {
		row.due = due
	}
	return nil
}

// left is how many messages wait, and how many of them are due at now.
func (o *memOutbox) left(now time.Time) (all, due int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, row := range o.rows {
		if !row.due.After(now) {
			due++
		}
	}
	return len(o.rows), due
}

// recorder is a notify.Sender that notes when what was sent, and answers as told.
type recorder struct {
	// answer judges a message; nil accepts all of them.
	answer func(ctx context.Context, m state.Message) error

	mu    sync.Mutex
	tries []try
}

type try struct {
	at time.Time
	to string
	ok bool
}

func (r *recorder) Send(ctx context.Context, m state.Message) error {
	at := time.Now()
	var err error
	if r.answer != nil {
		err = r.answer(ctx, m)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries = append(r.tries, try{at: at, to: m.To, ok: err == nil})
	return err
}

// all returns the tries so far.
func (r *recorder) all() []try {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tries)
}

// delivered counts the messages that were accepted, by recipient.
func (r *recorder) delivered() map[string]int {
	out := map[string]int{}
	for _, t := range r.all() {
		if t.ok {
			out[t.to]++
		}
	}
	return out
}

func TestMemOutboxLeases(t *testing.T) {
	o, now := &memOutbox{}, time.Now()
	for range 3 {
		o.put(message("email_code"), now)
	}
	first, err := o.ClaimMessages(t.Context(), now, time.Minute, 2)
	if err != nil || len(first) != 2 || first[0].ID != 1 || first[0].Attempts != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if rest, _ := o.ClaimMessages(t.Context(), now, time.Minute, 9); len(rest) != 1 || rest[0].ID != 3 {
		t.Errorf("claimed twice: %+v", rest)
	}
	if again, _ := o.ClaimMessages(t.Context(), now.Add(time.Minute), time.Minute, 9); len(again) != 3 || again[0].Attempts != 2 {
		t.Errorf("lease is over: %+v", again)
	}
}

// TestNobody checks that a message to nobody is done at once: no sender is asked, and
// the log does not tell of it.
func TestNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		o.outbox.put(state.Message{Channel: state.ToNobody, Template: "nothing"}, time.Now())
		o.Kick()
		synctest.Wait()
		o.outbox.mu.Lock()
		left := len(o.outbox.rows)
		o.outbox.mu.Unlock()
		if log := o.log.String(); left != 0 || log != "" {
			t.Errorf("%d messages are left, log %q", left, log)
		}
		o.close()
	})
}
