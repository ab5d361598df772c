package contract

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"stagedoor/state"
)

const (
	// activityEvery is how long the last use of a session waits to be stored: so much later
	// the lists of other servers show it.
	activityEvery = time.Second
	// activityMost is how many sessions may wait: no request waits for the database to keep up.
	activityMost = 1 << 16
	// lastActivity is how long the last of them may take at the server's end.
	lastActivity = 5 * time.Second
)

// Activity keeps when, from where and by what sessions were last used. A request only leaves
// a note, and asks nobody; notes are stored beside the requests, one for each session however
// often it was used. Lists show what was noted here at once. It is safe for concurrent use.
type Activity struct {
	sessions state.Sessions
	log      *slog.Logger

	mu sync.Mutex
	// waiting are the notes to store by session, storing those that are on their way.
	waiting, storing map[int64]state.Seen
	dropped          int
	// one lets one batch be stored at a time, so that a later note is not overtaken.
	one sync.Mutex
}

// NewActivity keeps the activity of sessions. Nothing is stored before [Activity.Run] or
// [Activity.Flush].
func NewActivity(sessions state.Sessions, log *slog.Logger) *Activity {
	return &Activity{sessions: sessions, log: log, waiting: make(map[int64]state.Seen)}
}

// Note notes that a session was used. An address or an agent that is empty is not known, and
// leaves what was there.
func (a *Activity) Note(session int64, seen state.Seen) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.waiting[session]
	if !known && len(a.waiting) >= activityMost {
		a.dropped++
		return
	}
	a.waiting[session] = later(before, seen)
}

// later is what two notes of one session come to, whichever came first.
func later(one, other state.Seen) state.Seen {
	if other.At.Before(one.At) {
		one, other = other, one
	}
	if other.IP == "" {
		other.IP = one.IP
	}
	if other.UserAgent == "" {
		other.UserAgent = one.UserAgent
	}
	return other
}

// Show brings a list from the database up to what was noted since.
func (a *Activity) Show(list []state.Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range list {
		s := &list[i]
		seen := state.Seen{At: s.LastSeen, IP: s.IP, UserAgent: s.UserAgent}
		for _, notes := range []map[int64]state.Seen{a.storing, a.waiting} {
			if noted, ok := notes[s.ID]; ok {
				seen = later(seen, noted)
			}
		}
		s.LastSeen, s.IP, s.UserAgent = seen.At, seen.IP, seen.UserAgent
	}
}

// Run stores notes until the context ends, then those that are left.
func (a *Activity) Run(ctx context.Context) error {
	tick := time.NewTicker(activityEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastActivity)
			defer cancel()
			a.Flush(last)
			return ctx.Err()
		case <-tick.C:
		}
		a.Flush(ctx)
	}
}

// Flush stores the notes that wait. One that cannot be stored is lost: the session's next use
// leaves another.
func (a *Activity) Flush(ctx context.Context) {
	a.one.Lock()
	defer a.one.Unlock()
	a.mu.Lock()
	dropped := a.dropped
	a.storing, a.waiting, a.dropped = a.waiting, make(map[int64]state.Seen), 0
	notes := a.storing
	a.mu.Unlock()
	var last error
	for session, seen := range notes {
		_, err := a.sessions.Touch(ctx, session, seen)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			dropped++
			last = err
		}
	}
	a.mu.Lock()
	a.storing = nil
	a.mu.Unlock()
	if dropped > 0 {
		a.log.Warn("the activity of sessions could not be kept", slog.Int("dropped", dropped), slog.Any("error", last))
	}
}
