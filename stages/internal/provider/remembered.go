package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// remembered is a value from afar. It is fetched when first asked for, by one request
// for all who ask meanwhile, and again when it is no longer fresh. A fetch that fails is
// not repeated before a pause; until it succeeds the old value does, while that is not
// stale.
type remembered[T any] struct {
	fetch               func(context.Context) (T, error)
	now                 func() time.Time
	fresh, stale, pause time.Duration
	// spare is how many fetches a minute [remembered.newer] may do within the pause.
	spare int

	mu     sync.Mutex
	value  T
	at     time.Time // when value came; zero before
	err    error     // of the last fetch
	failed time.Time
	flight chan struct{} // closed when the fetch under way ends
	// spent are those of spare since a time.
	spent int
	since time.Time
}

// get returns the value. It waits for a fetch no longer than ctx lives; the fetch itself
// goes on for the others that wait, as long as its client lets it.
func (r *remembered[T]) get(ctx context.Context) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.within(now, r.fresh) || r.err != nil && now.Sub(r.failed) < r.pause {
		return r.best(now)
	}
	if err := r.landed(ctx, r.fetching(ctx)); err != nil {
		var none T
		return none, err
	}
	return r.best(r.now())
}

// newer returns a value that is younger than the pause: it fetches one where the last fetch is
// longer ago, or where one is wanted soon and there is a spare one. An old value will not do here: where the fetch fails, or has failed within the
// pause, there is only the error. It waits as get does.
func (r *remembered[T]) newer(ctx context.Context, soon bool) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.within(now, r.pause) && r.err == nil && !(soon && r.spend(now)) || r.err != nil && now.Sub(r.failed) < r.pause {
		return r.last()
	}
	if err := r.landed(ctx, r.fetching(ctx)); err != nil {
		var none T
		return none, err
	}
	return r.last()
}

// spend uses up a spare fetch, unless one is under way that will do as well. The lock is held.
func (r *remembered[T]) spend(now time.Time) bool {
	if r.flight != nil {
		return true
	}
	if now.Sub(r.since) >= time.Minute {
		r.since, r.spent = now, 0
	}
	if r.spent >= r.spare {
		return false
	}
	r.spent++
	return true
}

// fetching has a fetch under way, and returns what is closed when it ends. The lock is held.
func (r *remembered[T]) fetching(ctx context.Context) chan struct{} {
	if r.flight == nil {
		r.flight = make(chan struct{})
		go r.fill(context.WithoutCancel(ctx))
	}
	return r.flight
}

// landed waits for the end of a fetch, as long as ctx lives. The lock is held but while it waits.
func (r *remembered[T]) landed(ctx context.Context, flight chan struct{}) error {
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-ctx.Done():
		return errors.Join(fault(ErrUnreachable, "given up waiting"), ctx.Err())
	case <-flight:
		return nil
	}
}

// last is what the last fetch brought.
func (r *remembered[T]) last() (T, error) {
	if r.err != nil {
		var none T
		return none, r.err
	}
	return r.value, nil
}

// fill fetches once.
func (r *remembered[T]) fill(ctx context.Context) {
	value, err := r.fetched(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err = err; err != nil {
		r.failed = r.now()
	} else {
		r.value, r.at = value, r.now()
	}
	close(r.flight)
	r.flight = nil
}

// fetched fetches. A panic is an error for all who wait, and not the end of the process.
func (r *remembered[T]) fetched(ctx context.Context) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %v", ErrUnreachable, p)
		}
	}()
	return r.fetch(ctx)
}

// within tells whether there is a value younger than age.
func (r *remembered[T]) within(now time.Time, age time.Duration) bool {
	return !r.at.IsZero() && now.Sub(r.at) < age
}

// best is the value, or the error where that is missing or stale.
func (r *remembered[T]) best(now time.Time) (T, error) {
	if r.err == nil || r.within(now, r.stale) {
		return r.value, nil
	}
	var none T
	return none, r.err
}
