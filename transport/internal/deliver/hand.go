package deliver

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// hand is what this process has claimed and not done with: messages that wait for a worker,
// or are on their way. Their leases are short, so that another process carries them soon after
// this one was killed, and are renewed for as long as it lives.
type hand struct {
	mu    sync.Mutex
	until map[int64]time.Time
	// sent are those that have gone out and could not be taken off the outbox.
	sent map[int64]bool
}

func newHand() hand { return hand{until: make(map[int64]time.Time), sent: make(map[int64]bool)} }

// wentOut notes a message that must not go out again.
func (h *hand) wentOut(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent[id] = true
}

// hasGone reports whether a message has gone out.
func (h *hand) hasGone(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sent[id]
}

// gone are the messages that have gone out.
func (h *hand) gone() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.sent))
}

// forget forgets a message that is off the outbox.
func (h *hand) forget(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sent, id)
}

// take notes a message whose lease ends then.
func (h *hand) take(id int64, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until[id] = until
}

// drop forgets a message.
func (h *hand) drop(id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.until, id)
}

// holds reports whether a message is this process's at now.
func (h *hand) holds(id int64, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	until, ok := h.until[id]
	return ok && !now.After(until)
}

// extend notes a renewed lease of a message that is still there.
func (h *hand) extend(id int64, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.until[id]; ok {
		h.until[id] = until
	}
}

// all are the messages, those first whose leases end first.
func (h *hand) all() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	ids := make([]int64, 0, len(h.until))
	for id := range h.until {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int64) int { return h.until[a].Compare(h.until[b]) })
	return ids
}

// renew keeps what is in hand out of others' reach until the context ends. A lease that is
// over is let go: the message may be another process's by then.
func (d *Dispatcher) renew(ctx context.Context) {
	tick := time.NewTicker(d.cfg.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.safely("renew", func() { d.renewAll(ctx) })
		}
	}
}

func (d *Dispatcher) renewAll(ctx context.Context) {
	for _, id := range d.hand.gone() {
		err := d.outbox(ctx, func(ctx context.Context) error { return d.cfg.Outbox.MessageDone(ctx, id) })
		if err != nil {
			return // the outbox is away
		}
		d.hand.forget(id)
	}
	for _, id := range d.hand.all() {
		now := d.cfg.Now()
		if ctx.Err() != nil || !d.hand.holds(id, now) {
			continue
		}
		until := now.Add(d.cfg.Lease)
		err := d.outbox(ctx, func(ctx context.Context) error { return d.cfg.Outbox.RetryMessage(ctx, id, until) })
		if err != nil {
			d.cfg.Logger.Warn("the lease of a message cannot be renewed, another process may send it, too", "message", id, "error", err)
			continue
		}
		d.hand.extend(id, until)
	}
}
