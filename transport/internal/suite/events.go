package suite

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// Heard keeps the events that a hook is called with.
type Heard struct {
	mu   sync.Mutex
	list []server.Event
}

func (h *Heard) hook(_ context.Context, e server.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, e)
}

// Take waits for so many events, and returns and forgets them.
func (h *Heard) Take(l *Lab, n int) []server.Event {
	l.T.Helper()
	var out []server.Event
	l.Eventually(fmt.Sprintf("%d events come", n), func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		if len(h.list) < n {
			return false
		}
		out, h.list = h.list, nil
		return true
	})
	return out
}

// Hears sets the hook of a lab.
func (h *Heard) Hears(_ *config.Config, o *server.Options) { o.Events = h.hook }

// KindsOf are what events tell of.
func KindsOf(list []server.Event) []server.EventKind {
	out := make([]server.EventKind, len(list))
	for i, e := range list {
		out[i] = e.Kind
	}
	return out
}

// Tells ends the test unless the next events are of these kinds.
func (h *Heard) Tells(l *Lab, want ...server.EventKind) []server.Event {
	l.T.Helper()
	got := h.Take(l, len(want))
	if !slices.Equal(KindsOf(got), want) {
		l.T.Fatalf("told of %v, want %v", KindsOf(got), want)
	}
	return got
}
