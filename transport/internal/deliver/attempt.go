package deliver

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"stagedoor/transport/notify"
)

// outboxTimeout is for one call of the outbox, also while shutting down.
const outboxTimeout = 5 * time.Second

// deliver makes one attempt at a message and records the result.
func (d *Dispatcher) deliver(ctx context.Context, l *lane, j job) {
	defer d.hand.drop(j.ID)
	now := d.cfg.Now()
	if !d.hand.holds(j.ID, now) {
		// The lease is over. The next process to claim it sends it; giving it back could take
		// it away from that one.
		d.log(ctx, slog.LevelWarn, "message waited too long here, left for the next claim", j)
		return
	}
	if now.Sub(j.QueuedAt) >= d.cfg.MaxAge(j.Template) {
		d.drop(ctx, j, "too old to be of use")
		return
	}
	err := d.attempt(ctx, l, j)
	if err == nil {
		d.done(ctx, j)
		d.log(ctx, slog.LevelDebug, "message sent", j)
		return
	}
	reason := scrub(err, j.Message)
	if errors.Is(err, notify.ErrPermanent) {
		d.drop(ctx, j, reason)
		return
	}
	now = d.cfg.Now()
	due := now.Add(d.jitter(backoff(now.Sub(j.QueuedAt))))
	if due.Sub(j.QueuedAt) >= d.cfg.MaxAge(j.Template) {
		d.drop(ctx, j, "too old for another attempt: "+reason)
		return
	}
	d.hand.drop(j.ID) // no renewal may come after it was put off
	d.log(ctx, slog.LevelWarn, "message not sent, trying again", j, "reason", reason, "due", due)
	d.retry(ctx, j, due)
}

// attempt sends a message once. Shutting down does not cut it off; the timeout does. A
// sender's panic is an error like others, so that one message cannot stop the rest.
func (d *Dispatcher) attempt(ctx context.Context, l *lane, j job) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.cfg.Timeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("notify: sender panicked: %v", r)
		}
	}()
	return l.sender.Send(ctx, j.Message)
}

// backoff is how long a message waits after a failure: a third of its age, so that it is
// late by no more than that once the trouble is over, whatever it was; at least 5 s, at most 4 h.
// It goes by the age and not by attempts: those also count claims that a crash or a stuck lane
// cut short, and a message must not wait an hour for trouble it never had.
func backoff(age time.Duration) time.Duration {
	return min(max(age/3, 5*time.Second), 4*time.Hour)
}

// jitter lengthens a wait by up to a fifth, so that messages that failed together do
// not come back together. Without entropy the wait is as it was.
func (d *Dispatcher) jitter(wait time.Duration) time.Duration {
	var b [2]byte
	if _, err := io.ReadFull(d.cfg.Entropy, b[:]); err != nil {
		return wait
	}
	return wait + time.Duration(float64(wait)/5*float64(binary.BigEndian.Uint16(b[:]))/(1<<16))
}

// done forgets a message. It tries hard: a message that is not forgotten goes out again.
func (d *Dispatcher) done(ctx context.Context, j job) {
	for wait := 50 * time.Millisecond; ; wait *= 4 {
		err := d.outbox(ctx, func(ctx context.Context) error { return d.cfg.Outbox.MessageDone(ctx, j.ID) })
		if err == nil {
			d.hand.forget(j.ID)
			return
		}
		if wait > time.Second {
			d.hand.wentOut(j.ID)
			d.log(ctx, slog.LevelError, "message cannot be taken off the outbox yet, another process may send it again", j, "error", err)
			return
		}
		time.Sleep(wait)
	}
}

// drop removes a message unsent.
func (d *Dispatcher) drop(ctx context.Context, j job, reason string) {
	d.log(ctx, slog.LevelError, "message dropped", j, "reason", reason)
	d.done(ctx, j)
}

// retry puts a message off. If that fails it comes back by itself when the lease is over.
func (d *Dispatcher) retry(ctx context.Context, j job, due time.Time) {
	err := d.outbox(ctx, func(ctx context.Context) error { return d.cfg.Outbox.RetryMessage(ctx, j.ID, due) })
	if err != nil {
		d.log(ctx, slog.LevelError, "message cannot be put off, it waits for the end of its lease", j, "error", err)
	}
}

// release returns a message that nobody tried to send, for another process to take at
// once, unless it may be theirs already.
func (d *Dispatcher) release(ctx context.Context, j job) {
	now := d.cfg.Now()
	held := d.hand.holds(j.ID, now)
	d.hand.drop(j.ID)
	if held {
		d.retry(ctx, j, now)
	}
}

// outbox calls the outbox, also while shutting down.
func (d *Dispatcher) outbox(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outboxTimeout)
	defer cancel()
	return call(ctx)
}

// log writes about a message without its secrets.
func (d *Dispatcher) log(ctx context.Context, level slog.Level, what string, j job, more ...any) {
	d.cfg.Logger.Log(ctx, level, what, append([]any{
		"message", j.ID, "template", j.Template, "channel", string(j.Channel), "to", redact(j.Message),
		"attempt", j.Attempts, "age", d.cfg.Now().Sub(j.QueuedAt).Round(time.Millisecond),
	}, more...)...)
}
