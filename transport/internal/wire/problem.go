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

// fullRetry is when who begins is asked to come again where the store of records is full:
// what is under way lives for minutes.
const fullRetry = time.Minute

// ProblemOf finds out what an error means to a client. A store that cannot be asked, and
// hashes that queue too long, are worth another try; of two changes at the same time one
// is a conflict; any other error is a fault of this server.
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

// Refused finds out what an error means to the client of a request, and logs what is a
// fault of this server. A store that could not be asked because the client had left, or
// had not sent its body, is none; of one that is full the store tells itself, once for
// many requests.
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

// Limited is the 429 of a limit that refuses, which may be nil where it is not known
// which one.
func Limited(r *engine.Refusal) *Problem {
	if r == nil {
		return TooManyRequests(0)
	}
	return TooManyRequests(r.After)
}
