package wire

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"stagedoor/state"
)

// RequestIDHeader carries a request's id, in both directions.
const RequestIDHeader = "X-Request-Id"

// SetAPIHeaders sets what answers of an API carry besides: they are never stored,
// and load nothing should a browser be made to show one.
func SetAPIHeaders(h http.Header) {
	v := []string{"no-store", "default-src 'none'; frame-ancestors 'none'"}
	h["Cache-Control"] = v[0:1:1]
	h["Content-Security-Policy"] = v[1:2:2]
}

// Front is the outermost handler but for [Drain]. It gives each request an id,
// sets the security headers, turns a panic into a 500 and writes the access log.
// Nothing that it logs can hold a secret: no query, no headers, no bodies.
type Front struct {
	// Log takes a line per request at level Info, and panics at level Error.
	Log *slog.Logger
	// Now is the clock for durations; nil is time.Now.
	Now func() time.Time
	// Rand is where request ids come from; nil is the system's generator.
	Rand io.Reader
	// Network finds the clients' addresses; behind a proxy a well-formed X-Request-Id of its
	// is kept.
	Network Network
	// Problem encodes the 500.
	Problem ProblemWriter
}

// requestIDKey is the context key of a request's id.
type requestIDKey struct{}

// RequestID returns the id that [Front] has given to the request, "" outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Handler wraps next.
func (f Front) Handler(next http.Handler) http.Handler {
	if f.Now == nil {
		f.Now = time.Now
	}
	if f.Rand == nil {
		f.Rand = rand.Reader
	}
	ids := &requestIDs{rand: f.Rand}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, Context: r.Context(), id: f.requestID(r, ids)}
		x.setHeaders()
		if x.logged = f.Log.Enabled(x, slog.LevelInfo); x.logged {
			x.start = f.Now()
		}
		r = r.WithContext(x)
		defer f.leave(x, r)
		next.ServeHTTP(x, r)
	})
}

// requestID takes over the id that a proxy has set, or makes one of 128 random bits.
func (f Front) requestID(r *http.Request, ids *requestIDs) string {
	if f.Network.Proxied() {
		if id := r.Header.Get(RequestIDHeader); isRequestID(id) {
			return id
		}
	}
	return ids.next()
}

// isRequestID accepts what is safe to log and to send back.
func isRequestID(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// leave ends an exchange: it answers 500 to a panic, or drops the connection if the answer
// has begun, and writes the access log. It must be deferred itself.
func (f Front) leave(x *exchange, r *http.Request) {
	cause := recover()
	if cause == nil {
		f.access(x, r)
		return
	}
	// Whatever comes of the panic, the line is written.
	defer f.access(x, r)
	if cause == http.ErrAbortHandler {
		x.aborted = true
		panic(cause)
	}
	f.Log.LogAttrs(x, slog.LevelError, "panic in a handler",
		slog.String("request_id", x.id),
		slog.String("panic", state.Fault(cause)),
		slog.String("stack", string(debug.Stack())))
	if x.status != 0 || f.Problem == nil {
		x.aborted = true
		panic(http.ErrAbortHandler)
	}
	f.Problem(x, r, Internal(fmt.Errorf("panic: %s", state.Fault(cause))))
}

// access writes the line of a request. The path is cut short because anybody may
// send any; the query is left out because it may carry codes and keys.
func (f Front) access(x *exchange, r *http.Request) {
	if !x.logged || x.quiet && x.status < http.StatusBadRequest {
		return
	}
	status := x.status
	if status == 0 && !x.aborted {
		status = http.StatusOK
	}
	f.Log.LogAttrs(x, slog.LevelInfo, "request",
		slog.String("request_id", x.id),
		slog.String("method", short(r.Method, 16)),
		slog.String("path", short(r.URL.Path, 200)),
		slog.Int("status", status),
		slog.Int64("bytes", x.bytes),
		slog.Duration("took", f.Now().Sub(x.start)),
		slog.String("ip", f.Network.ClientIP(r).String()))
}
