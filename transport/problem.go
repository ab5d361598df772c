package transport

import (
	"errors"
	"time"

	"stagedoor/engine"
	"stagedoor/state"
	"stagedoor/state/accounts"
)

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
	case errors.Is(err, engine.ErrUnavailable), errors.Is(err, engine.ErrContended), errors.Is(err, state.ErrUnavailable),
		errors.Is(err, state.ErrProvider):
		return Unavailable(time.Second, err)
	}
	return AsProblem(err)
}

// Limited is the 429 of a limit that refuses, which may be nil where it is not known
// which one.
func Limited(r *engine.Refusal) *Problem {
	if r == nil {
		return TooManyRequests(0)
	}
	return TooManyRequests(r.After)
}
