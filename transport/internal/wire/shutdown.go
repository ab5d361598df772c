package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// drainRetryAfter is how soon a client refused by a [Drain] may try again: by then
// its load balancer has found another server.
const drainRetryAfter = time.Second

// Drain counts the requests in flight and, once closed, refuses new ones with 503
// and Connection: close, so that a shutdown interrupts no client in the middle of a
// step. Before that it can be leaving: it serves on and ends each connection that is used.
// It stands outside of everything else. It is safe for concurrent use.
type Drain struct {
	next   http.Handler
	refuse ProblemWriter

	leaving atomic.Bool
	// requests counts those in flight, and has draining added once new ones are refused.
	requests atomic.Int64
	// idle is closed when nothing is in flight any more, and nothing will be.
	idle chan struct{}
	once sync.Once
}

// draining is more than requests can ever be in flight.
const draining = 1 << 40

// NewDrain wraps next; refuse encodes the 503.
func NewDrain(next http.Handler, refuse ProblemWriter) *Drain {
	return &Drain{next: next, refuse: refuse, idle: make(chan struct{})}
}

// ServeHTTP serves a request or refuses it.
func (d *Drain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !d.enter() {
		w.Header().Set("Connection", "close")
		d.refuse(w, r, Unavailable(drainRetryAfter, errDraining))
		return
	}
	defer d.leave()
	if d.leaving.Load() {
		w.Header().Set("Connection", "close")
	}
	d.next.ServeHTTP(w, r)
}

// errDraining is the cause of the 503.
var errDraining = errors.New("the server is shutting down")

func (d *Drain) enter() bool {
	if d.requests.Add(1) < draining {
		return true
	}
	d.leave()
	return false
}

func (d *Drain) leave() {
	if d.requests.Add(-1) == draining {
		d.once.Do(func() { close(d.idle) })
	}
}

// Leave has every answer end its connection from now on, so that whoever keeps connections
// open has none left when the server ends.
func (d *Drain) Leave() { d.leaving.Store(true) }

// Draining reports whether the server is leaving or refuses new requests, for a health check.
func (d *Drain) Draining() bool { return d.leaving.Load() || d.requests.Load() >= draining }

// Close refuses new requests from now on and waits until those in flight have
// ended, or ctx has: then the error says how many were left. It may be called again.
func (d *Drain) Close(ctx context.Context) error {
	d.close()
	select {
	case <-d.idle:
		return nil
	case <-ctx.Done():
	}
	if left := d.requests.Load() - draining; left > 0 {
		return fmt.Errorf("%d requests still in flight at shutdown: %w", left, ctx.Err())
	}
	return nil
}

// close counts as a request itself while it marks the drain, so that the last one to leave
// finds the mark, whoever that is.
func (d *Drain) close() {
	for {
		n := d.requests.Load()
		if n >= draining {
			return
		}
		if d.requests.CompareAndSwap(n, n+draining+1) {
			d.leave()
			return
		}
	}
}
