package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"stagedoor/state"
)

// stuckFor answers nothing to the recipients it picks until the delivery is given up.
func stuckFor(pick func(to string) bool) func(context.Context, state.Message) error {
	return func(ctx context.Context, m state.Message) error {
		if !pick(m.To) {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

func TestSlowMessageHoldsUpOnlyItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		o.mail.answer = stuckFor(func(to string) bool { return strings.HasPrefix(to, "slow") })
		for i := range 3 {
			o.send("email_code", fmt.Sprintf("slow%d@example.org", i))
		}
		for i := range 100 {
			o.send("email_code", fmt.Sprintf("u%d@example.org", i))
		}
		synctest.Wait()
		if got := o.mail.delivered(); len(got) != 100 {
			t.Errorf("%d of 100 are delivered while 3 of 4 workers wait", len(got))
		}
		o.close()
	})
}

func TestDeadMailServerDoesNotHoldUpTextMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		var dead atomic.Bool
		dead.Store(true)
		o.mail.answer = stuckFor(func(string) bool { return dead.Load() })
		for i := range 300 {
			o.outbox.put(messageTo("password_changed", fmt.Sprintf("u%d@example.org", i)), time.Now())
		}
		o.Kick()
		time.Sleep(time.Second)
		o.send("phone_login_code", "+491701234567")
		// Until the lane is known to be stuck text messages wait with the mails before them.
		time.Sleep(4 * time.Second)
		if o.sms.delivered()["+491701234567"] != 1 {
			t.Errorf("the text message waits behind mails: %+v", o.sms.all())
		}
		o.send("phone_login_code", "+491701234568")
		time.Sleep(2 * time.Second)
		if o.sms.delivered()["+491701234568"] != 1 {
			t.Errorf("the second text message waits behind mails: %+v", o.sms.all())
		}
		// And no mail is lost, none comes twice, once the server is back.
		time.Sleep(5 * time.Minute)
		dead.Store(false)
		time.Sleep(time.Hour)
		once(t, o.mail, 300)
		if all, _ := o.outbox.left(time.Now()); all != 0 {
			t.Errorf("%d left", all)
		}
		o.close()
	})
}

// messageTo is message to somebody else.
func messageTo[T ~string](template T, to string) state.Message {
	m := message(template)
	m.To = to
	return m
}

// once checks that n recipients have their message, each one copy.
func once(t *testing.T, r *recorder, n int) {
	t.Helper()
	got := r.delivered()
	for to, copies := range got {
		if copies != 1 {
			t.Errorf("%s has %d copies", to, copies)
		}
	}
	if len(got) != n {
		t.Errorf("%d delivered, want %d", len(got), n)
	}
}

func TestTextMessagesAloneAreEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Mail = nil })
		o.send("email_code", "ada@example.org")
		o.send("phone_code", "+491701234567")
		synctest.Wait()
		if all, _ := o.outbox.left(time.Now()); all != 0 || len(o.sms.all()) != 1 || !strings.Contains(o.log.String(), "no sender") {
			t.Errorf("%d left, tries %+v, log:\n%s", all, o.sms.all(), o.log.String())
		}
		o.close()
	})
}

func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Workers = 2 })
		o.mail.answer = func(ctx context.Context, _ state.Message) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for i := range 20 {
			o.outbox.put(messageTo("email_code", fmt.Sprintf("u%d@example.org", i)), time.Now())
		}
		o.Kick()
		time.Sleep(time.Second)
		start := time.Now()
		o.close()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %s, the deliveries under way need 2s", took)
		}
		once(t, o.mail, 2)
		if all, due := o.outbox.left(time.Now()); all != 18 || due != 18 {
			t.Errorf("%d left, %d of them for the next process to take at once; want 18", all, due)
		}
		next := open(t, func(c *Config) { c.Outbox, c.Mail = o.outbox, o.mail })
		time.Sleep(time.Minute)
		once(t, o.mail, 20)
		next.close()
	})
}

func TestShutdownDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		o.mail.answer = stuckFor(func(string) bool { return true })
		o.send("email_code", "ada@example.org")
		synctest.Wait()
		start := time.Now()
		o.close()
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %s, want the timeout", took)
		}
		if all, _ := o.outbox.left(time.Now()); all != 1 {
			t.Errorf("%d left, want the one that did not go out", all)
		}
	})
}

// A process that dies between the delivery and MessageDone leaves a claimed message
// behind: it goes out again, once the lease is over.
func TestCrashAfterDeliverySendsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lease = 10 * time.Second
		box := &memOutbox{}
		box.put(messageTo("email_code", "ada@example.org"), time.Now())
		if claimed, err := box.ClaimMessages(t.Context(), time.Now(), lease, 1); err != nil || len(claimed) != 1 {
			t.Fatal(claimed, err)
		}
		start := time.Now()
		o := open(t, func(c *Config) { c.Outbox = box })
		time.Sleep(10 * time.Minute)
		tries := o.mail.all()
		if len(tries) != 1 || tries[0].at.Sub(start) < lease || tries[0].at.Sub(start) > lease+2*time.Second {
			t.Errorf("tries %+v", tries)
		}
		o.close()
	})
}

func TestOutboxThatForgetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &memOutbox{failDone: 4}
		o := open(t, func(c *Config) { c.Outbox = box })
		o.send("email_code", "ada@example.org")
		time.Sleep(10 * time.Minute)
		if tries := o.mail.all(); len(tries) != 1 {
			t.Errorf("this process knows that it was sent; tries %+v", tries)
		}
		if all, _ := box.left(time.Now()); all != 0 {
			t.Error("it is in the outbox still")
		}
		if !strings.Contains(o.log.String(), "may send it again") {
			t.Errorf("log:\n%s", o.log.String())
		}
		box.mu.Lock()
		box.failDone = 3
		box.mu.Unlock()
		o.send("email_code", "bob@example.org")
		time.Sleep(10 * time.Minute)
		if got := o.mail.delivered()["bob@example.org"]; got != 1 {
			t.Errorf("%d copies although the outbox came back in time", got)
		}
		o.close()
	})
}

func TestOutboxIsDownForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &memOutbox{failClaims: 10}
		o := open(t, func(c *Config) { c.Outbox = box })
		o.send("email_code", "ada@example.org")
		time.Sleep(12 * time.Second)
		if got := o.mail.delivered()["ada@example.org"]; got != 1 || !strings.Contains(o.log.String(), "outbox cannot be read") {
			t.Errorf("%d copies, log:\n%s", got, o.log.String())
		}
		o.close()
	})
}

func TestIdleOutboxIsPolledGently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		time.Sleep(time.Minute)
		o.close()
		if o.outbox.claims > 62 {
			t.Errorf("%d claims in an idle minute", o.outbox.claims)
		}
	})
}

func TestManyMessagesTakeFewClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Poll = time.Hour })
		o.mail.answer = func(context.Context, state.Message) error { time.Sleep(10 * time.Millisecond); return nil }
		for i := range 1000 {
			o.outbox.put(messageTo("email_code", fmt.Sprintf("u%d@example.org", i)), time.Now())
		}
		start := time.Now()
		o.Kick()
		time.Sleep(time.Minute)
		once(t, o.mail, 1000)
		tries := o.mail.all()
		if took := tries[999].at.Sub(start); took > 3*time.Second {
			t.Errorf("1000 mails of 10 ms took 4 workers %s", took)
		}
		o.close()
		if o.outbox.claims > 1000/8+10 {
			t.Errorf("%d claims", o.outbox.claims)
		}
	})
}

// Two dispatchers, many kicks, a server that fails now and then: every message arrives,
// each once. Run it with -race.
func TestManyAtOnce(t *testing.T) {
	box := &memOutbox{}
	var mu sync.Mutex
	failed := map[string]bool{}
	both := &recorder{answer: func(_ context.Context, m state.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(m.To, "flaky") && !failed[m.To] {
			failed[m.To] = true
			return errors.New("450 later")
		}
		return nil
	}}
	// A clock that runs a thousand times as fast brings the retries into the test.
	began := time.Now()
	setup := func(c *Config) {
		c.Outbox, c.Mail, c.SMS, c.Poll = box, both, both, 5*time.Millisecond
		c.Now = func() time.Time { return began.Add(1000 * time.Since(began)) }
		c.Lease, c.Timeout = 10*time.Hour, time.Minute
		c.MaxAge = func(state.Template) time.Duration { return 100 * time.Hour }
	}
	one, two := open(t, setup), open(t, setup)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				to := fmt.Sprintf("u%d-%d@example.org", i, j)
				if j%5 == 0 {
					to = "flaky" + to
				}
				template := []string{"email_code", "phone_code"}[j%2]
				box.put(messageTo(template, to), began.Add(1000*time.Since(began)))
				one.Kick()
				two.Kick()
			}
		})
	}
	wg.Wait()
	waitUntil(t, "the outbox is empty", func() bool { all, _ := box.left(time.Now()); return all == 0 })
	one.close()
	two.close()
	once(t, both, 400)
}

func TestMailServerThatRefusesAndRecovers(t *testing.T) {
	s := (&smtpServer{onRcpt: "550 5.1.1 <john@example.org> is nobody, " + testCode}).start(t)
	m := mailer(t, s, nil)
	o := open(t, func(c *Config) { c.Mail = m })
	o.send("email_code", "john@example.org")
	waitUntil(t, "the mail is dropped", func() bool { all, _ := o.outbox.left(time.Now()); return all == 0 })
	log := o.log.String()
	if !strings.Contains(log, "550 5.1.1") || !strings.Contains(log, "j***@example.org") {
		t.Errorf("log:\n%s", log)
	}
	if strings.Contains(log, "john@") || strings.Contains(log, testCode) {
		t.Errorf("a secret is in the log:\n%s", log)
	}
	if len(s.inbox()) != 0 {
		t.Errorf("received %+v", s.inbox())
	}
}

func TestSlowMailServerBlocksNobody(t *testing.T) {
	s := (&smtpServer{delay: time.Second}).start(t)
	m := mailer(t, s, nil)
	o := open(t, func(c *Config) { c.Mail = m })
	start := time.Now()
	for i := range 8 {
		o.send("email_code", fmt.Sprintf("u%d@example.org", i))
	}
	o.send("phone_code", "+491701234567")
	if took := time.Since(start); took > 900*time.Millisecond {
		t.Errorf("the requests waited %s", took)
	}
	waitUntil(t, "the text message is out", func() bool { return len(o.sms.all()) == 1 })
	if sms := o.sms.all()[0].at.Sub(start); sms > 900*time.Millisecond {
		t.Errorf("the text message waited %s", sms)
	}
	waitUntil(t, "all mails are there", func() bool { return len(s.inbox()) == 8 })
	if most := s.busiest(); most < 2 || most > 4 {
		t.Errorf("%d mails at once for 4 workers", most)
	}
}
