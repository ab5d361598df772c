package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// drainRetryAfter is how soon a client refused by a [Drain] may try again: by then
// its load balancer has found another server.
const drainRetryAfter = time.Second

// Drain counts the requests in flight and, once closed, refuses new ones with 503
// and Connection: close, so that a shutdown interrupts no client in the middle of a
// step. It stands outside of everything else. It is safe for concurrent use.
type Drain struct {
	next   http.Handler
	refuse ProblemWriter

	mu       sync.Mutex
	inFlight int
	closed   bool
	idle     chan struct{} // closed when closed and nothing is in flight
}

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
	d.next.ServeHTTP(w, r)
}

// errDraining is the cause of the 503.
var errDraining = errors.New("the server is shutting down")

func (d *Drain) enter() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	d.inFlight++
	return true
}

func (d *Drain) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inFlight--
	if d.closed && d.inFlight == 0 {
		close(d.idle)
	}
}

// Draining reports whether new requests are refused, for a health check.
func (d *Drain) Draining() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Close refuses new requests from now on and waits until those in flight have
// ended, or ctx has: then the error says how many were left. It may be called again.
func (d *Drain) Close(ctx context.Context) error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		if d.inFlight == 0 {
			close(d.idle)
		}
	}
	d.mu.Unlock()
	select {
	case <-d.idle:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inFlight == 0 {
		return nil
	}
	return fmt.Errorf("%d requests still in flight at shutdown: %w", d.inFlight, ctx.Err())
}
