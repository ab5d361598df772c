package wire

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"
)

// RequestIDHeader carries a request's id, in both directions.
const RequestIDHeader = "X-Request-Id"

// SetSecurityHeaders sets what every answer of this server carries: no sniffing of
// types, no referrer to other sites, no framing, no window shared with other sites.
func SetSecurityHeaders(h http.Header) {
	v := []string{"nosniff", "same-origin", "DENY", "same-origin"}
	h["X-Content-Type-Options"] = v[0:1:1]
	h["Referrer-Policy"] = v[1:2:2]
	h["X-Frame-Options"] = v[2:3:3]
	h["Cross-Origin-Opener-Policy"] = v[3:4:4]
}

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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := f.Now()
		id := f.requestID(r)
		SetSecurityHeaders(w.Header())
		w.Header().Set(RequestIDHeader, id)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		rec := &recorder{ResponseWriter: w}
		defer f.access(rec, r, start)
		defer f.recover(rec, r)
		next.ServeHTTP(rec, r)
	})
}

// requestID takes over the id that a proxy has set, or makes one of 128 random bits.
func (f Front) requestID(r *http.Request) string {
	if id := r.Header.Get(RequestIDHeader); f.Network.Proxied() && isRequestID(id) {
		return id
	}
	var b [16]byte
	if _, err := io.ReadFull(f.Rand, b[:]); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(b[:])
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

// recover answers 500 to a panic, or drops the connection if the answer has begun.
// It must be deferred itself.
func (f Front) recover(rec *recorder, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		rec.aborted = true
		panic(cause)
	}
	f.Log.LogAttrs(r.Context(), slog.LevelError, "panic in a handler",
		slog.String("request_id", RequestID(r.Context())),
		slog.String("panic", describePanic(cause)),
		slog.String("stack", string(debug.Stack())))
	if rec.status != 0 || f.Problem == nil {
		rec.aborted = true
		panic(http.ErrAbortHandler)
	}
	f.Problem(rec, r, Internal(fmt.Errorf("panic: %s", describePanic(cause))))
}

// describePanic returns the text of the runtime's own errors and only the type of
// anything else, which may have a secret in it. The stack says where it was.
func describePanic(cause any) string {
	if err, ok := cause.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", cause)
}

// access writes the line of a request. The path is cut short because anybody may
// send any; the query is left out because it may carry codes and keys.
func (f Front) access(rec *recorder, r *http.Request, start time.Time) {
	if !f.Log.Enabled(r.Context(), slog.LevelInfo) || rec.quiet && rec.status < http.StatusBadRequest {
		return
	}
	status := rec.status
	if status == 0 && !rec.aborted {
		status = http.StatusOK
	}
	f.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("request_id", RequestID(r.Context())),
		slog.String("method", short(r.Method, 16)),
		slog.String("path", short(r.URL.Path, 200)),
		slog.Int("status", status),
		slog.Int64("bytes", rec.bytes),
		slog.Duration("took", f.Now().Sub(start)),
		slog.String("ip", f.Network.ClientIP(r).String()))
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int64
	aborted bool
	quiet   bool
}

// Quiet keeps the request that w answers out of the access log, unless it fails: one that
// comes every second is not worth a line, and a path with a secret in it must not have
// one. It does nothing outside of a [Front].
func Quiet(w http.ResponseWriter) {
	for w != nil {
		if rec, ok := w.(*recorder); ok {
			rec.quiet = true
			return
		}
		inner, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = inner.Unwrap()
	}
}

// WriteHeader keeps the first final status; 1xx answers are not final.
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= 200 {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write counts, and implies a 200 as the server does.
func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	n, err := rec.ResponseWriter.Write(b)
	rec.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach flushing, deadlines and hijacking.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }
