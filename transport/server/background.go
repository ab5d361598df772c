package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"stagedoor/state"
)

// run starts what works beside requests.
func (s *Server) run(ctx context.Context) {
	s.background(ctx, "messages", s.dispatch.Run)
	s.background(ctx, "changes", s.changes.run)
	s.background(ctx, "sweep", s.sweep)
	s.background(ctx, "clocks", s.clocks.run)
	if s.config.Record.Dir != "" {
		s.background(ctx, "recording", s.save)
	}
	if activity := s.contracts.visits.Activity; activity != nil {
		s.background(ctx, "activity", activity.Run)
	}
	if attempts := s.contracts.visits.Attempts; attempts != nil {
		s.background(ctx, "attempts", attempts.Run)
	}
	if s.trails != nil {
		s.background(ctx, "trails", s.trails.Run)
	}
}

// background has work done beside requests until the context ends. A panic of it is its own:
// the log says so, and it begins anew.
func (s *Server) background(ctx context.Context, name string, work func(context.Context) error) {
	s.done.Go(func() {
		for {
			panicked, err := s.attempt(ctx, name, work)
			if !panicked {
				if err != nil && !errors.Is(err, context.Canceled) {
					s.options.Log.Error("background work ended", slog.String("work", name), slog.String("error", err.Error()))
				}
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(panicPause):
			}
		}
	})
}

// panicPause is how long work that has panicked waits to begin anew.
const panicPause = time.Second

func (s *Server) attempt(ctx context.Context, name string, work func(context.Context) error) (panicked bool, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			panicked = true
			s.options.Log.Error("background work panicked; it begins anew",
				slog.String("work", name), slog.String("fault", state.Fault(fault)), slog.String("stack", string(debug.Stack())))
		}
	}()
	return false, work(ctx)
}

// sweep deletes what has expired, once an hour.
func (s *Server) sweep(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if _, err := s.database.Sweep(ctx, s.options.Now()); err != nil && ctx.Err() == nil {
			s.options.Log.Warn("sweeping the database failed; it is tried again in an hour", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// idlePause is how long WaitIdle waits before it looks again.
const idlePause = 200 * time.Microsecond

// WaitIdle waits until nothing is left of what requests so far have set going: released
// messages have been sent, and changes of accounts have reached the sessions they are
// about. Tests and replays look at what was sent after it. It fails when the context
// ends, which it does where a message cannot be sent.
func (s *Server) WaitIdle(ctx context.Context) error {
	s.contracts.visits.Attempts.Flush(ctx)
	for {
		busy, err := s.database.Busy(ctx)
		if err != nil {
			// A driver may say that it was interrupted, and not by what.
			return fmt.Errorf("wait for background work: %w", errors.Join(err, context.Cause(ctx)))
		}
		if !busy {
			return nil
		}
		s.committed()
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for background work: messages or changes are left: %w", context.Cause(ctx))
		case <-time.After(idlePause):
		}
	}
}

// Leave tells load balancers that the server is going to end: /readyz fails from now on, and
// every answer ends its connection. Requests are served all the same, until [Server.Close].
func (s *Server) Leave() { s.drain.Leave() }

// Close ends the server: requests under way finish, new ones are refused, messages that
// are being sent are sent, events are delivered; what is left in the outbox stays there.
// It gives up waiting when the context ends.
func (s *Server) Close(ctx context.Context) error {
	err := errors.Join(s.drain.Close(ctx), s.events.close(ctx))
	s.stop()
	s.done.Wait()
	return errors.Join(err, s.closeStores())
}

// closeStores closes what was opened.
func (s *Server) closeStores() error {
	var errs []error
	if s.records != nil {
		errs = append(errs, s.records.Close())
	}
	if s.database.Upkeep != nil {
		errs = append(errs, s.database.Close())
	}
	return errors.Join(errs...)
}
