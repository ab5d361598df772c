package contract

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/engine"
	"stagedoor/state"
)

// witness is the stores of attempts: it knows sessions, counts uses of limits, keeps what is
// stored.
type witness struct {
	state.Sessions
	state.Ledger
	mu       sync.Mutex
	sessions map[int64]state.Session
	used     map[string]time.Time
	batches  []state.Batch
	released []string
	fail     error
}

func (w *witness) Session(_ context.Context, hash []byte, _ time.Time) (*state.Session, *state.Account, error) {
	s, ok := w.sessions[int64(hash[0])]
	if !ok {
		return nil, nil, state.ErrNotFound
	}
	a := &state.Account{ID: s.Account, Username: "ada"}
	if s.Account != "mute" {
		a.Emails = []state.Email{{Address: "ada@example.com", Primary: true, Verified: true}}
	}
	return &s, a, w.fail
}

func (w *witness) Take(_ context.Context, take []engine.Take, now time.Time) (*engine.Refusal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before, known := w.used[take[0].Key]; known && now.Sub(before) < take[0].Per {
		return &engine.Refusal{Take: take[0]}, nil
	}
	w.used[take[0].Key] = now
	return nil, nil
}

func (w *witness) Commit(_ context.Context, b state.Batch) (state.Receipt, error) {
	w.batches = append(w.batches, b)
	return state.Receipt{}, nil
}

func (w *witness) Release(_ context.Context, run string, _ uint64, _ time.Time) error {
	w.released = append(w.released, run)
	return nil
}

// server is one of those that share a witness.
func (w *witness) server(t *testing.T) (*Attempts, *bytes.Buffer) {
	keys, err := state.NewKeyring(rand.Reader, bytes.Repeat([]byte{7}, state.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	return &Attempts{Sessions: w, Ledger: w, Limits: w, Keys: keys, Mail: true, Log: slog.New(slog.NewTextHandler(log, nil))}, log
}

func newWitness() *witness {
	w := &witness{used: make(map[string]time.Time), sessions: make(map[int64]state.Session)}
	for id := range int64(4) {
		w.sessions[id] = state.Session{ID: id, Account: "7", Client: "browser", IP: "192.0.2.7", UserAgent: "hers"}
	}
	w.sessions[3] = state.Session{ID: 3, Account: "mute", Client: "app", IP: "2001:db8:1:2::1", UserAgent: "hers"}
	return w
}

var eve = state.Seen{At: time.Date(2031, 5, 17, 12, 0, 0, 0, time.UTC), IP: "203.0.113.9", UserAgent: "eve's"}

// try notes an attempt on a session.
func (a *Attempts) try(session int64, why string, seen state.Seen) {
	t := state.Ticket{Session: session, Account: "7", Binding: state.Binding{Kind: state.BoundDBSC, Thumbprint: "t"}}
	a.Note(engine.Key(fmt.Sprintf("%02x", session)), t, why, seen)
}

// told is what was stored of attempts, and to whom was written.
func (w *witness) told(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, b := range w.batches {
		var data AttemptData
		line := string(b.Account)
		for _, write := range b.Writes {
			switch write := write.(type) {
			case state.Audit:
				if err := json.Unmarshal(write.Data, &data); err != nil || write.Event != AttemptEvent {
					t.Errorf("%s: %v", write.Event, err)
				}
				line += fmt.Sprintf(" %d %s %s %s %s %s", data.Session, data.Binding, data.Why, data.Client, data.IP, data.UserAgent)
			case state.Queue:
				line += fmt.Sprintf(", %s to %s of %s", write.Message.Template, write.Message.To, write.Message.Data["ip"])
			}
		}
		out = append(out, line)
	}
	w.batches = nil
	return out
}

// TestAttempts: a request with a copy of a session is told of once a minute, whichever server it
// came to, and its owner gets a letter once a day.
func TestAttempts(t *testing.T) {
	w := newWitness()
	one, log := w.server(t)
	other, _ := w.server(t)
	at := func(d time.Duration) state.Seen { s := eve; s.At = s.At.Add(d); return s }
	for i := range 50 {
		one.try(1, "missing", at(time.Duration(i)*time.Second))
	}
	other.try(1, "missing", at(10*time.Second))
	one.Flush(t.Context())
	other.Flush(t.Context())
	want := []string{"7 1 dbsc missing browser 203.0.113.9 eve's, session_refused to ada@example.com of 203.0.113.9"}
	if diff := cmp.Diff(want, w.told(t)); diff != "" || len(w.released) != 1 {
		t.Errorf("%s; released %v", diff, w.released)
	}
	if got := log.String(); strings.Count(got, "withheld") != 1 || !strings.Contains(got, "why=missing binding=dbsc session=1 account=7 ip=203.0.113.9") {
		t.Errorf("the log: %s", got)
	}
	other.try(1, "expired", at(2*time.Minute))
	other.Flush(t.Context())
	if diff := cmp.Diff([]string{"7 1 dbsc expired browser 203.0.113.9 eve's"}, w.told(t)); diff != "" {
		t.Error(diff)
	}
	one.try(1, "expired", at(25*time.Hour))
	one.Flush(t.Context())
	if diff := cmp.Diff([]string{"7 1 dbsc expired browser 203.0.113.9 eve's, session_refused to ada@example.com of 203.0.113.9"}, w.told(t)); diff != "" {
		t.Error(diff)
	}
}

// TestAttemptsAreNoFalseAlarm: a browser that could not fetch its cookie is where it always was. It
// is told of and nobody is written to, unless something was made up.
func TestAttemptsAreNoFalseAlarm(t *testing.T) {
	const mails = ", session_refused to "
	for _, c := range []struct {
		name    string
		session int64
		why     string
		seen    state.Seen
		off     bool
		want    bool
	}{
		{"from elsewhere", 1, "missing", eve, false, true},
		{"where it is not wanted", 1, "missing", eve, true, false},
		{"as it always was", 1, "missing", state.Seen{IP: "192.0.2.7", UserAgent: "hers"}, false, false},
		{"by another program", 1, "skipped", state.Seen{IP: "192.0.2.7", UserAgent: "eve's"}, false, true},
		{"from another address", 1, "skipped", state.Seen{IP: "192.0.2.8", UserAgent: "hers"}, false, true},
		{"by a link, from another address", 1, WhyUnheld, state.Seen{IP: "192.0.2.8", UserAgent: "hers"}, false, false},
		{"by a link, in another program", 1, WhyUnheld, state.Seen{IP: "192.0.2.7", UserAgent: "eve's"}, false, true},
		{"made up at home", 1, "forged", state.Seen{IP: "192.0.2.7", UserAgent: "hers"}, false, true},
		{"by another key at home", 1, "wrong_key", state.Seen{IP: "192.0.2.7", UserAgent: "hers"}, false, true},
		{"to nobody", 3, "missing", eve, false, false},
	} {
		w := newWitness()
		a, _ := w.server(t)
		a.Mail = !c.off
		c.seen.At = eve.At
		a.try(c.session, c.why, c.seen)
		a.Flush(t.Context())
		told := w.told(t)
		if len(told) != 1 || strings.Contains(told[0], mails) != c.want || (len(w.released) == 1) != c.want {
			t.Errorf("%s: %q, released %v", c.name, told, w.released)
		}
	}
	for ip, same := range map[string]bool{"2001:db8:1:2::1": true, "2001:db8:1:2:9::5": true, "2001:db8:1:3::1": false, "": false, "192.0.2.7": false} {
		if got := expected(attempt{seen: state.Seen{IP: ip}}, &state.Session{IP: "2001:db8:1:2::77"}); got != same {
			t.Errorf("%s: %t", ip, got)
		}
	}
}

// TestAttemptsOnNothing: a session that has ended, a program's own look at a token and a server
// that tells of nothing are no attempts.
func TestAttemptsOnNothing(t *testing.T) {
	w := newWitness()
	a, log := w.server(t)
	a.try(9, "missing", eve)
	a.try(1, WhyNoRequest, eve)
	a.Flush(t.Context())
	if told := w.told(t); told != nil || log.Len() != 0 {
		t.Errorf("told %q; the log: %s", told, log)
	}
	var none *Attempts
	none.try(1, "missing", eve)
	none.Flush(t.Context())
}

// TestAttemptsWhileStoresAreDown: the log has them, and the server goes on.
func TestAttemptsWhileStoresAreDown(t *testing.T) {
	w := newWitness()
	w.fail = errors.New("down")
	a, log := w.server(t)
	a.try(1, "missing", eve)
	a.Flush(t.Context())
	if told := w.told(t); told != nil || !strings.Contains(log.String(), "withheld") || !strings.Contains(log.String(), "error=down") {
		t.Errorf("told %q; the log: %s", told, log)
	}
}

// TestAttemptsAreBounded: who has many sessions' cookies does not fill the server.
func TestAttemptsAreBounded(t *testing.T) {
	w := newWitness()
	a, _ := w.server(t)
	for i := range int64(3 * attemptsMost) {
		a.try(i, "missing", eve)
	}
	if len(a.told) > attemptsMost || len(a.waiting) > attemptsMost {
		t.Errorf("%d told, %d wait", len(a.told), len(a.waiting))
	}
	later := eve
	later.At = later.At.Add(2 * time.Minute)
	a.try(1, "missing", later)
	if a.waiting[1].seen.At != later.At || len(a.told) != 1 {
		t.Errorf("%d told two minutes later", len(a.told))
	}
}

// TestAttemptsRun tells at once, and of what is left at the end.
func TestAttemptsRun(t *testing.T) {
	w := newWitness()
	a, _ := w.server(t)
	released := make(chan struct{}, 9)
	a.Committed = func() { released <- struct{}{} }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	a.try(1, "missing", eve)
	select {
	case <-released:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is told")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
