package wire

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"
)

// exchange is one request and its answer, as [Front] sees them. It is the writer and the
// context that handlers get, so that a request costs no more than this one piece of memory.
type exchange struct {
	http.ResponseWriter
	context.Context

	id string
	// start is known where the request is to be logged.
	start  time.Time
	logged bool
	// status, bytes and aborted are what was answered; quiet is set by [Quiet].
	status         int
	bytes          int64
	aborted, quiet bool
	// values are those of the headers that every answer has.
	values [5]string
}

// setHeaders sets what every answer of this server carries: its id, no sniffing of types, no
// referrer to other sites, no framing, no window shared with other sites.
func (x *exchange) setHeaders() {
	x.values = [...]string{"nosniff", "same-origin", "DENY", "same-origin", x.id}
	h := x.ResponseWriter.Header()
	// The capacities keep an Add to one header from writing into the next.
	h["X-Content-Type-Options"] = x.values[0:1:1]
	h["Referrer-Policy"] = x.values[1:2:2]
	h["X-Frame-Options"] = x.values[2:3:3]
	h["Cross-Origin-Opener-Policy"] = x.values[3:4:4]
	h[RequestIDHeader] = x.values[4:5:5]
}

// Value is that of the request's own context, and the id of the request.
func (x *exchange) Value(key any) any {
	if _, is := key.(requestIDKey); is {
		return x.id
	}
	return x.Context.Value(key)
}

// WriteHeader keeps the first final status; 1xx answers are not final.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= 200 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts, and implies a 200 as the server does.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(b)
	x.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach flushing, deadlines and hijacking.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// Quiet keeps the request that w answers out of the access log, unless it fails: one that
// comes every second is not worth a line, and a path with a secret in it must not have
// one. It does nothing outside of a [Front].
func Quiet(w http.ResponseWriter) {
	for w != nil {
		if x, ok := w.(*exchange); ok {
			x.quiet = true
			return
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = inner.Unwrap()
	}
}

// requestIDLen is the length of a request's id in bytes.
const requestIDLen = 16

// requestIDs makes the ids of requests. They are no secrets, so many are drawn at once: the
// system's generator is asked once for 64 of them.
type requestIDs struct {
	rand io.Reader

	mu   sync.Mutex
	pool [64 * requestIDLen]byte
	// left is how much of the pool nobody has had yet, at its end.
	left int
}

// next returns an id in hex, "unknown" where there is no randomness.
func (ids *requestIDs) next() string {
	var raw [requestIDLen]byte
	if !ids.draw(raw[:]) {
		return "unknown"
	}
	var text [2 * requestIDLen]byte
	hex.Encode(text[:], raw[:])
	return string(text[:])
}

func (ids *requestIDs) draw(raw []byte) bool {
	ids.mu.Lock()
	defer ids.mu.Unlock()
	if ids.left == 0 {
		if _, err := io.ReadFull(ids.rand, ids.pool[:]); err != nil {
			return false
		}
		ids.left = len(ids.pool)
	}
	copy(raw, ids.pool[len(ids.pool)-ids.left:])
	ids.left -= requestIDLen
	return true
}
