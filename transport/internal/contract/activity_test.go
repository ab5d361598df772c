package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/state"
)

// register keeps what is stored of sessions, and counts how often it was asked.
type register struct {
	state.Sessions
	mu    sync.Mutex
	seen  map[int64]state.Seen
	calls int
	fail  error
	// held keeps a call waiting until it is closed, unless it is nil; begun has a value once
	// one waits.
	held, begun chan struct{}
}

func (r *register) Touch(_ context.Context, id int64, seen state.Seen) (state.Binding, error) {
	if r.held != nil {
		r.begun <- struct{}{}
		<-r.held
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if id < 0 {
		return state.Binding{}, state.ErrNotFound
	}
	if r.fail == nil {
		r.seen[id] = seen
	}
	return state.Binding{}, r.fail
}

func newActivity() (*Activity, *register, *bytes.Buffer) {
	log, r := &bytes.Buffer{}, &register{seen: make(map[int64]state.Seen)}
	return NewActivity(r, slog.New(slog.NewTextHandler(log, nil))), r, log
}

// TestActivity: however often a session is used, one note of it is stored, the latest, and
// what a request does not know of its client stays.
func TestActivity(t *testing.T) {
	a, r, log := newActivity()
	at := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	for i := range 100 {
		a.Note(1, state.Seen{At: at.Add(time.Duration(i) * time.Second), IP: fmt.Sprintf("192.0.2.%d", i), UserAgent: "one"})
	}
	a.Note(1, state.Seen{At: at.Add(200 * time.Second)})
	a.Note(1, state.Seen{At: at, IP: "203.0.113.1", UserAgent: "late to come"})
	a.Note(2, state.Seen{At: at, UserAgent: "two"})
	a.Note(-1, state.Seen{At: at, UserAgent: "ended meanwhile"})
	if r.calls != 0 {
		t.Fatal("a request asked the database")
	}
	a.Flush(t.Context())
	want := map[int64]state.Seen{1: {At: at.Add(200 * time.Second), IP: "192.0.2.99", UserAgent: "one"}, 2: {At: at, UserAgent: "two"}}
	if len(r.seen) != 2 || r.seen[1] != want[1] || r.seen[2] != want[2] || r.calls != 3 {
		t.Errorf("stored %v with %d calls", r.seen, r.calls)
	}
	a.Flush(t.Context())
	if r.calls != 3 || log.Len() != 0 {
		t.Errorf("%d calls; the log has %s", r.calls, log)
	}
}

// TestActivityIsShownAtOnce: a list shows notes that wait, and those on their way to the
// database.
func TestActivityIsShownAtOnce(t *testing.T) {
	a, r, _ := newActivity()
	at := time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC)
	list := func() string {
		s := []state.Session{{ID: 1, LastSeen: at, IP: "192.0.2.1", UserAgent: "one"}, {ID: 2, LastSeen: at.Add(time.Hour), UserAgent: "two"}, {ID: 3, LastSeen: at}}
		a.Show(s)
		var b strings.Builder
		for _, x := range s {
			fmt.Fprintf(&b, "%d %s %q %q; ", x.ID, x.LastSeen.Format(time.TimeOnly), x.IP, x.UserAgent)
		}
		return b.String()
	}
	a.Note(1, state.Seen{At: at.Add(time.Second), UserAgent: "other"})
	a.Note(2, state.Seen{At: at.Add(time.Minute), UserAgent: "older than the list"})
	want := `1 12:00:01 "192.0.2.1" "other"; 2 13:00:00 "" "two"; 3 12:00:00 "" ""; `
	if got := list(); got != want {
		t.Errorf("waiting: %s", got)
	}
	r.held, r.begun = make(chan struct{}), make(chan struct{}, 2)
	done := make(chan struct{})
	go func() { defer close(done); a.Flush(context.Background()) }()
	<-r.begun
	if got := list(); got != want {
		t.Errorf("on its way: %s", got)
	}
	a.Note(1, state.Seen{At: at.Add(2 * time.Second), UserAgent: "newest"})
	if got := list(); !strings.HasPrefix(got, `1 12:00:02 "192.0.2.1" "newest"`) {
		t.Errorf("noted besides: %s", got)
	}
	close(r.held)
	<-done
}

// TestActivityWithoutDatabase: what cannot be kept is told once for each batch, and nobody
// waits.
func TestActivityWithoutDatabase(t *testing.T) {
	a, r, log := newActivity()
	r.fail = errors.New("the database is gone")
	for i := range int64(activityMost + 10) {
		a.Note(i, state.Seen{At: time.Unix(1, 0)})
	}
	a.Flush(t.Context())
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, fmt.Sprintf("dropped=%d", activityMost+10)) || !strings.Contains(got, "the database is gone") {
		t.Errorf("the log has %s", got)
	}
}

// TestActivityAtTheEnd stores what is left when the server ends.
func TestActivityAtTheEnd(t *testing.T) {
	a, r, _ := newActivity()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- a.Run(ctx) }()
	a.Note(1, state.Seen{At: time.Unix(1, 0)})
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) || len(r.seen) != 1 {
		t.Errorf("%v, stored %v", err, r.seen)
	}
}
