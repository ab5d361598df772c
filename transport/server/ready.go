package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"stagedoor/transport/internal/wire"
)

const (
	// readyKeep is for how long an answer holds: however often anybody asks, the stores are
	// asked no more often.
	readyKeep = time.Second
	// readyTimeout is for both stores at once.
	readyTimeout = 3 * time.Second
)

// readiness finds out whether turns can be carried out, by trying on each store what they do
// there.
type readiness struct {
	stores map[string]func(context.Context) error
	log    *slog.Logger

	mu sync.Mutex
	// at is when the faults were found, flight is closed when they are being found anew.
	at     time.Time
	faults []string
	flight chan struct{}
}

// writable is what a database may be asked besides [Upkeep.Ping]: whether it takes a write.
type writable interface {
	Ready(ctx context.Context, now time.Time) error
}

// newReadiness asks the stores that the server has.
func (s *Server) newReadiness() *readiness {
	database := s.database.Ping
	if w, ok := s.database.Upkeep.(writable); ok {
		database = func(ctx context.Context) error { return w.Ready(ctx, s.options.Now()) }
	}
	return &readiness{log: s.options.Log, stores: map[string]func(context.Context) error{"database": database, "redis": s.records.Ready}}
}

// ask returns the names of what fails, none where all is well. Of those who ask at once one
// has it found out, and the others wait for that.
func (r *readiness) ask(ctx context.Context) ([]string, error) {
	r.mu.Lock()
	if time.Since(r.at) < readyKeep {
		defer r.mu.Unlock()
		return r.faults, nil
	}
	if r.flight == nil {
		r.flight = make(chan struct{})
		go r.find(context.WithoutCancel(ctx))
	}
	flight := r.flight
	r.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-flight:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.faults, nil
}

// find asks every store, and logs what has changed.
func (r *readiness) find(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	found := make(map[string]error)
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, try := range r.stores {
		all.Go(func() {
			err := guarded(ctx, try)
			mu.Lock()
			defer mu.Unlock()
			found[name] = err
		})
	}
	all.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.faults
	r.faults = nil
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if found[name] == nil {
			continue
		}
		r.faults = append(r.faults, name)
		if !slices.Contains(before, name) {
			r.log.WarnContext(ctx, "not ready", slog.String("store", name), slog.String("error", found[name].Error()))
		}
	}
	if len(r.faults) == 0 && len(before) > 0 {
		r.log.InfoContext(ctx, "ready again")
	}
	r.at = time.Now()
	close(r.flight)
	r.flight = nil
}

// guarded makes an error of a panic, and of an answer that does not come.
func guarded(ctx context.Context, try func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return errors.Join(try(ctx), ctx.Err())
}

// health answers 200 while the process serves. It asks no store: whoever restarts what does
// not answer helps none.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "ok\n")
}

// isReady answers 200 while turns can be carried out, and 503 with the names of what fails, or
// once the server is about to end.
func (s *Server) isReady(w http.ResponseWriter, r *http.Request) {
	if s.drain.Draining() {
		say(w, http.StatusServiceUnavailable, "shutting down\n")
		return
	}
	faults, err := s.ready.ask(r.Context())
	switch {
	case err != nil:
		say(w, http.StatusServiceUnavailable, "not known\n")
	case len(faults) > 0:
		text := ""
		for _, name := range faults {
			text += name + " fails\n"
		}
		say(w, http.StatusServiceUnavailable, text)
	default:
		say(w, http.StatusOK, "ready\n")
	}
}

// say answers one or two lines of text, which nobody keeps. It is asked every second, and is
// no line of the log while all is well.
func say(w http.ResponseWriter, status int, text string) {
	wire.Quiet(w)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
