package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// eventsMost is how many events may wait for the program.
const eventsMost = 1024

// events hands events to the program, one after the other, beside the requests: a hook
// that is slow, or panics, takes nobody's answer away.
type events struct {
	hook func(context.Context, Event)
	log  *slog.Logger

	// stop gives up, done is closed once all is delivered or given up.
	stop context.CancelFunc
	done chan struct{}

	mu     sync.Mutex
	queue  chan Event
	closed bool
	// lost counts events that found no place since the last one that did.
	lost int
}

// newEvents returns nil where the program wants no events: then nothing is done. What it
// returns must be closed.
func newEvents(hook func(context.Context, Event), log *slog.Logger) *events {
	if hook == nil {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &events{hook: hook, log: log, queue: make(chan Event, eventsMost), stop: stop, done: make(chan struct{})}
	go e.run(ctx)
	return e
}

// queueUp puts events into the queue. It never waits: where the queue is full they are lost,
// and the log says so.
func (e *events) queueUp(all ...Event) {
	if e == nil || len(all) == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, one := range all {
		if e.closed {
			e.lost++
			continue
		}
		select {
		case e.queue <- one:
			e.lost = 0
		default:
			if e.lost++; e.lost == 1 {
				e.log.Error("the hook of events is too slow; events are lost until it has caught up", slog.String("kind", string(one.Kind)))
			}
		}
	}
}

// run delivers until the queue is closed and empty, or the context ends.
func (e *events) run(ctx context.Context) {
	defer close(e.done)
	for one := range e.queue {
		if ctx.Err() != nil {
			return
		}
		e.deliver(ctx, one)
	}
}

// deliver calls the hook. A panic of it is its own.
func (e *events) deliver(ctx context.Context, one Event) {
	defer func() {
		if fault := recover(); fault != nil {
			e.log.Error("the hook of events panicked", slog.Any("fault", fault), slog.String("kind", string(one.Kind)), slog.String("stack", string(debug.Stack())))
		}
	}()
	e.hook(ctx, one)
}

// close takes no more events and waits until those in the queue are delivered, or the
// context ends: then the hook's context does, too, and it is not waited for.
func (e *events) close(ctx context.Context) error {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.queue)
	}
	e.mu.Unlock()
	defer e.stop()
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("events are left undelivered: %w", ctx.Err())
	}
}
