package deliver

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stagedoor/state"
)

// A message that waits in a lane until its lease is over, which could not be renewed, is left
// alone: by then it can be somebody else's.
func TestNothingIsSentUnderAnOldLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &memOutbox{failRetry: 1 << 30}
		slow := func(context.Context, state.Message) error {
			time.Sleep(9 * time.Second)
			return nil
		}
		both := &recorder{answer: slow}
		for i := range 8 {
			box.put(messageTo("password_changed", fmt.Sprintf("u%d@example.org", i)), time.Now())
		}
		setup := func(c *Config) { c.Outbox, c.Mail, c.Workers = box, both, 1 }
		first, second := open(t, setup), open(t, setup)
		time.Sleep(30 * time.Minute)
		if got := both.delivered(); len(got) != 8 {
			t.Errorf("delivered: %v", got)
		}
		if log := first.log.String() + second.log.String(); !strings.Contains(log, "left for the next claim") || !strings.Contains(log, "cannot be renewed") {
			t.Error("nothing waited too long: the test tests nothing")
		}
		first.close()
		second.close()
	})
}

// What is slow is sent once, however short the lease: it is renewed while the message waits and
// while it is on its way.
func TestLeasesAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &memOutbox{}
		both := &recorder{answer: func(context.Context, state.Message) error {
			time.Sleep(29 * time.Second)
			return nil
		}}
		for i := range 8 {
			box.put(messageTo("password_changed", fmt.Sprintf("u%d@example.org", i)), time.Now())
		}
		setup := func(c *Config) { c.Outbox, c.Mail, c.Workers = box, both, 1 }
		first, second := open(t, setup), open(t, setup)
		time.Sleep(30 * time.Minute)
		once(t, both, 8)
		first.close()
		second.close()
	})
}

// deaf is an outbox that a process has which is killed: it claims once, and then nothing more
// comes of it.
type deaf struct {
	*memOutbox
	once sync.Once
}

func (d *deaf) ClaimMessages(ctx context.Context, now time.Time, lease time.Duration, limit int) (list []state.Queued, err error) {
	d.once.Do(func() { list, err = d.memOutbox.ClaimMessages(ctx, now, lease, limit) })
	return list, err
}

func (*deaf) MessageDone(context.Context, int64) error             { return nil }
func (*deaf) RetryMessage(context.Context, int64, time.Time) error { return nil }

// What a process had in hand that was killed is carried by another within seconds.
func TestKilledWithLettersInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, sent := &memOutbox{}, &recorder{}
		queued := time.Now()
		for i := range 4 {
			box.put(messageTo("login_code", fmt.Sprintf("u%d@example.org", i)), queued)
		}
		killed := open(t, func(c *Config) {
			c.Outbox, c.Workers = &deaf{memOutbox: box}, 1
			c.Mail = &recorder{answer: func(context.Context, state.Message) error { time.Sleep(time.Hour); return nil }}
		})
		time.Sleep(time.Second)
		other := open(t, func(c *Config) { c.Outbox, c.Mail = box, sent })
		time.Sleep(20 * time.Second)
		once(t, sent, 4)
		for _, try := range sent.all() {
			if waited := try.at.Sub(queued); waited > 15*time.Second {
				t.Errorf("%s waited for %s", try.to, waited)
			}
		}
		other.close()
		killed.close()
	})
}
