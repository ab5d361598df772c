package statetest

import (
	"fmt"
	"sync"
	"time"

	"stagedoor/state"
)

func outboxTests() []test {
	return []test{
		{"a message waits for its release", (*lab).releaseFirst},
		{"what nobody releases is dropped", (*lab).dropped},
		{"a notice that nobody releases goes out", (*lab).unreleasedNotice},
		{"a repeated turn sends one set", (*lab).oneSet},
		{"a claimed message belongs to its claimer for the lease", (*lab).lease},
		{"oldest first, so many at once", (*lab).oldestFirst},
		{"given back and done", (*lab).retryAndDone},
		{"8 workers hand out each message once", (*lab).workers},
	}
}

// queue commits messages of one turn, named by their template.
func (l *lab) queue(run string, version uint64, templates ...state.Template) {
	l.Helper()
	var writes []state.Write
	for _, t := range templates {
		writes = append(writes, state.Queue{Message: state.Message{Channel: state.ByMail, Template: t, To: "x@example.org", Data: map[string]string{"code": "A1B2"}}})
	}
	if r := l.commit(state.Batch{Run: run, Version: version, Writes: writes}); !r.Messages {
		l.Error("the receipt tells of no message")
	}
}

func (l *lab) release(run string, version uint64) {
	l.Helper()
	if err := l.Ledger.Release(l.ctx, run, version, l.now); err != nil {
		l.Fatalf("release: %v", err)
	}
}

// claims claims messages and compares their templates.
func (l *lab) claims(limit int, want ...state.Template) []state.Queued {
	l.Helper()
	list := l.claim(limit)
	var got []state.Template
	for _, q := range list {
		got = append(got, q.Template)
	}
	l.equal("claimed", got, want)
	return list
}

func (l *lab) releaseFirst() {
	l.queue("r", 1, "a", "b")
	l.queue("r", 2, "other turn")
	l.queue("s", 1, "other run")
	l.claims(10)
	l.release("r", 1)
	list := l.claims(10, "a", "b")
	want := state.Queued{ID: list[0].ID, Attempts: 1, QueuedAt: l.now, Message: state.Message{
		Channel: state.ByMail, Template: "a", To: "x@example.org", Data: map[string]string{"code": "A1B2"},
	}}
	l.equal("message", list[0], want)
	if list[0].ID == list[1].ID {
		l.Error("two messages have one id")
	}
	l.release("r", 1) // again is no error, and sends nothing twice
	l.claims(10)
	l.release("nobody", 9)
	l.claims(10)
}

func (l *lab) dropped() {
	l.queue("r", 1, "in time")
	l.queue("r", 2, "late")
	l.now = l.now.Add(time.Minute)
	l.release("r", 1)
	l.claims(10, "in time")
	l.now = l.now.Add(time.Microsecond)
	l.release("r", 2)
	l.claims(10)
	l.now = l.now.Add(-30 * time.Second) // dropped is dropped, whatever the clock says
	l.release("r", 2)
	l.claims(10)
}

// unreleasedNotice: what was stored is told of, by the last turn that has stored it, a minute
// later; but for turns of a run of which another has told.
func (l *lab) unreleasedNotice() {
	l.queue("crashed", 1, state.PasswordResetTemplate, "code")
	l.queue("crashed", 2, state.PasswordResetTemplate, state.EmailConfirmedTemplate)
	l.queue("twins", 1, state.PasswordChangedTemplate)
	l.queue("twins", 2, state.PasswordChangedTemplate)
	l.release("twins", 2)
	told := l.claims(10, state.PasswordChangedTemplate)
	if err := l.Outbox.MessageDone(l.ctx, told[0].ID); err != nil {
		l.Fatal(err)
	}
	l.now = l.now.Add(time.Minute)
	l.claims(10)
	l.now = l.now.Add(time.Microsecond)
	l.claims(10, state.PasswordResetTemplate, state.EmailConfirmedTemplate)
	l.now = l.now.Add(30 * time.Second)
	l.claims(10)
}

func (l *lab) oneSet() {
	l.queue("r", 1, "first a", "first b")
	l.queue("r", 1, "second")
	l.queue("r", 2, "another turn")
	l.release("r", 1)
	l.claims(10, "second")
	l.queue("r", 1, "late twin")
	l.claims(10)
	l.now = l.now.Add(2 * time.Minute)
	l.claims(10, "second") // its lease is over; what was released is not replaced
}

func (l *lab) lease() {
	l.queue("r", 1, "m")
	l.release("r", 1)
	l.claims(10, "m")
	l.now = l.now.Add(time.Minute - time.Microsecond)
	l.claims(10)
	l.now = l.now.Add(time.Microsecond)
	if got := l.claims(10, "m")[0].Attempts; got != 2 {
		l.Errorf("attempts %d, want 2", got)
	}
}

func (l *lab) oldestFirst() {
	var all []state.Template
	for i := range 7 {
		name := fmt.Sprintf("m%d", i)
		all = append(all, state.Template(name))
		l.queue(name, 1, state.Template(name))
		l.release(name, 1)
		l.now = l.now.Add(time.Second)
	}
	l.claims(0)
	l.claims(3, all[:3]...)
	l.claims(3, all[3:6]...)
	l.claims(3, all[6:]...)
	l.claims(3)
}

func (l *lab) retryAndDone() {
	l.queue("r", 1, "retry", "done")
	l.release("r", 1)
	list := l.claims(10, "retry", "done")
	if err := l.Outbox.RetryMessage(l.ctx, list[0].ID, l.now.Add(time.Hour)); err != nil {
		l.Fatal(err)
	}
	if err := l.Outbox.MessageDone(l.ctx, list[1].ID); err != nil {
		l.Fatal(err)
	}
	l.now = l.now.Add(time.Hour - time.Second)
	l.claims(10)
	l.now = l.now.Add(time.Second)
	l.claims(10, "retry")
	for range 2 {
		if err := l.Outbox.MessageDone(l.ctx, list[0].ID); err != nil {
			l.Errorf("done: %v", err)
		}
	}
	if err := l.Outbox.RetryMessage(l.ctx, list[0].ID, l.now); err != nil {
		l.Errorf("retry of a message that is gone: %v", err)
	}
	l.now = l.now.Add(time.Hour)
	l.claims(10)
}

func (l *lab) workers() {
	const messages = 240
	for i := range messages / 4 {
		run := fmt.Sprint("r", i)
		l.queue(run, 1, "a", "b", "c", "d")
		l.release(run, 1)
	}
	var mu sync.Mutex
	seen := map[int64]int{}
	errs := together(8, func(int) error {
		for {
			list, err := l.Outbox.ClaimMessages(l.ctx, l.now, time.Minute, 3)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, q := range list {
				seen[q.ID]++
			}
			done := len(seen) == messages
			mu.Unlock()
			// Others may hold what is due at this moment; they have it, then.
			if len(list) == 0 || done {
				return nil
			}
		}
	})
	for _, err := range errs {
		if err != nil {
			l.Errorf("worker: %v", err)
		}
	}
	for _, q := range l.claim(messages) { // what no worker saw
		seen[q.ID]++
	}
	if len(seen) != messages {
		l.Errorf("%d messages were handed out, want %d", len(seen), messages)
	}
	for id, n := range seen {
		if n != 1 {
			l.Errorf("message %d was handed out %d times within one lease", id, n)
		}
	}
}
