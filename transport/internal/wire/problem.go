package wire

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

// fullRetry is the Retry-After of a new client where the store of records is full: pending
// runs live for minutes.
const fullRetry = time.Minute

// ProblemOf maps an error to what is answered. A store that cannot be reached, a full queue
// of password hashes and a record that other requests keep changing are a 503, worth
// another try; any other error that is no [Problem] is a fault of this server, a 500.
func ProblemOf(err error) *Problem {
	var p *Problem
	var busy *accounts.BusyError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &busy):
		return Unavailable(busy.RetryAfter, err)
	case errors.Is(err, engine.ErrFull):
		// The store has said so in the log, once for all of these.
		return Unavailable(fullRetry, nil)
	case errors.Is(err, engine.ErrUnavailable), errors.Is(err, engine.ErrContended), errors.Is(err, state.ErrUnavailable),
		errors.Is(err, state.ErrProvider):
		return Unavailable(time.Second, err)
	}
	return AsProblem(err)
}

// Refused maps an error to what is answered to the client of a request, and logs faults of
// this server. A store call that failed because the client had left, or had not sent its
// body, is no fault; a store that is full logs that itself, once for many requests.
func Refused(log *slog.Logger, r *http.Request, path string, err error) *Problem {
	p := ProblemOf(err)
	if p.Status < http.StatusInternalServerError || errors.Is(err, engine.ErrFull) {
		return p
	}
	level, what := slog.LevelError, "request failed"
	if errors.Is(r.Context().Err(), context.Canceled) {
		p, level, what = Unread(p), slog.LevelInfo, "the client left, or was too slow"
	}
	log.LogAttrs(r.Context(), level, what,
		slog.String("request_id", RequestID(r.Context())), slog.String("path", path), slog.String("error", p.Error()))
	return p
}

// Limited is the 429 of a limit that was reached; nil is one that is not known.
func Limited(r *engine.Refusal) *Problem {
	if r == nil {
		return TooManyRequests(0)
	}
	return TooManyRequests(r.After)
}
