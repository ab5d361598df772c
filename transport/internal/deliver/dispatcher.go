package deliver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// Config says what a [Dispatcher] takes, and how it sends it.
type Config struct {
	// Outbox holds the messages. It must not be nil.
	Outbox state.Outbox
	// Mail and SMS deliver. A message for a channel without a sender is dropped.
	Mail, SMS notify.Sender
	// Now is the clock that leases, ages and retries go by; time.Now if nil.
	Now func() time.Time
	// Entropy spreads the retries, and is safe for concurrent use; crypto/rand if nil.
	Entropy io.Reader
	// Logger gets every failure; slog.Default if nil.
	Logger *slog.Logger
	// Workers is how many messages are on their way at once, for each channel; 4 if zero.
	Workers int
	// Timeout is for one delivery; 30 s if zero.
	Timeout time.Duration
	// Lease is how long a claimed message is out of others' reach, and how long one
	// waits after a crash to be sent again; 10 s if zero. It is renewed for as long as this
	// process has the message.
	Lease time.Duration
	// Poll is how often the outbox is looked at without a [Dispatcher.Kick]; 1 s if zero.
	Poll time.Duration
	// MaxAge is how long after it was queued a message of a template is still sent;
	// [notify.MaxAge] if nil.
	MaxAge func(template state.Template) time.Duration
}

// Dispatcher sends what an outbox releases. Mail and text messages have workers of
// their own: where one channel is slow, the other goes on, and a slow message holds up
// no more than its worker.
type Dispatcher struct {
	cfg     Config
	lanes   map[state.Channel]*lane
	hand    hand
	wake    chan struct{}
	starved atomic.Bool
	running atomic.Bool
}

// New checks the configuration and reports all faults together. Nothing is sent before
// [Dispatcher.Run].
func New(c Config) (*Dispatcher, error) {
	c.setDefaults()
	var faults []error
	if c.Outbox == nil {
		faults = append(faults, errors.New("notify: dispatcher has no outbox"))
	}
	if c.Workers < 0 {
		faults = append(faults, fmt.Errorf("notify: %d workers: there must be one at least", c.Workers))
	}
	if c.Timeout < 0 || c.Poll < 0 || c.Lease < 0 {
		faults = append(faults, fmt.Errorf("notify: timeout %s, poll interval %s and lease %s must not be negative", c.Timeout, c.Poll, c.Lease))
	}
	if c.Mail == nil && c.SMS == nil {
		faults = append(faults, errors.New("notify: dispatcher has neither a mail nor an sms sender"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	d := &Dispatcher{cfg: c, lanes: map[state.Channel]*lane{}, wake: make(chan struct{}, 1), hand: newHand()}
	for channel, sender := range map[state.Channel]notify.Sender{state.ByMail: c.Mail, state.BySMS: c.SMS} {
		if sender != nil {
			d.lanes[channel] = newLane(sender, c.Workers)
		}
	}
	return d, nil
}

func (c *Config) setDefaults() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Entropy == nil {
		c.Entropy = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Workers == 0 {
		c.Workers = 4
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Lease == 0 {
		c.Lease = 10 * time.Second
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	if c.MaxAge == nil {
		c.MaxAge = notify.MaxAge
	}
}

// Kick says that a message was released, so that it leaves at once. It never waits, and
// may be called at any time by anybody.
func (d *Dispatcher) Kick() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends. Then it claims nothing more, lets what is on its way arrive
// (the timeout at most), returns the rest, and returns nil. A dispatcher runs only
// once; a second call is an error.
func (d *Dispatcher) Run(ctx context.Context) error {
	if d.running.Swap(true) {
		return errors.New("notify: a dispatcher runs only once")
	}
	var workers, keeper sync.WaitGroup
	held, letGo := context.WithCancel(context.WithoutCancel(ctx))
	keeper.Go(func() { d.renew(held) })
	for _, l := range d.lanes {
		for range d.cfg.Workers {
			workers.Go(func() { d.work(ctx, l) })
		}
	}
	for ctx.Err() == nil {
		more := false
		d.safely("claim", func() { more = d.fill(ctx) })
		if more {
			continue
		}
		timer := time.NewTimer(d.cfg.Poll)
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	for _, l := range d.lanes {
		close(l.queue)
	}
	workers.Wait()
	letGo()
	keeper.Wait()
	return nil
}

// fill claims as many messages as the lanes have room for and reports whether there
// may be more.
func (d *Dispatcher) fill(ctx context.Context) bool {
	now := d.cfg.Now()
	room := d.room(now)
	if room == 0 {
		return false
	}
	// A claim that is cut off half way would lock its messages away for a whole lease.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outboxTimeout)
	defer cancel()
	claimed, err := d.cfg.Outbox.ClaimMessages(ctx, now, d.cfg.Lease, room)
	if err != nil {
		d.cfg.Logger.Error("outbox cannot be read, messages wait", "error", err)
		return false
	}
	for _, q := range claimed {
		d.enqueue(ctx, job{q}, now.Add(d.cfg.Lease))
	}
	return len(claimed) == room
}

// room is how many messages can be claimed: as many as every lane takes, since nobody
// knows for which one they are. A lane that is stuck is not waited for; its messages are
// put off, so that the other lane's come to light.
func (d *Dispatcher) room(now time.Time) int {
	// Set before the lanes are looked at: a worker that finishes a message later wakes us.
	d.starved.Store(true)
	room := -1
	for _, l := range d.lanes {
		free := l.free()
		if free == 0 && l.stuck(now) {
			continue
		}
		if room < 0 || free < room {
			room = free
		}
	}
	if room <= 0 {
		return 0
	}
	d.starved.Store(false)
	return room
}

// enqueue hands a message that was claimed until then to its lane.
func (d *Dispatcher) enqueue(ctx context.Context, j job, until time.Time) {
	if j.Channel == state.ToNobody || d.hand.hasGone(j.ID) {
		d.done(ctx, j)
		return
	}
	l, ok := d.lanes[j.Channel]
	if !ok {
		d.drop(ctx, j, "no sender for this channel")
		return
	}
	if len(l.queue) == 0 {
		l.progress(d.cfg.Now())
	}
	d.hand.take(j.ID, until)
	select {
	case l.queue <- j:
	default:
		d.hand.drop(j.ID)
		d.retry(ctx, j, d.cfg.Now().Add(d.jitter(putOff)))
	}
}

// work sends the messages of a lane until there are no more.
func (d *Dispatcher) work(ctx context.Context, l *lane) {
	for j := range l.queue {
		if ctx.Err() != nil {
			d.safely("release", func() { d.release(ctx, j) })
			continue
		}
		d.safely("deliver", func() { d.deliver(ctx, l, j) })
		l.progress(d.cfg.Now())
		if d.starved.Swap(false) {
			d.Kick()
		}
	}
}

// safely keeps a panic, of an outbox that a program brings, say, from ending the process. The
// message it was about comes up again when its lease is over.
func (d *Dispatcher) safely(what string, do func()) {
	defer func() {
		if fault := recover(); fault != nil {
			d.cfg.Logger.Error("panic while messages are carried", "doing", what, "fault", state.Fault(fault), "stack", string(debug.Stack()))
		}
	}()
	do()
}
