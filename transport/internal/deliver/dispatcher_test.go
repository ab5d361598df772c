package deliver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// safeBuffer is a log that several goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// post office: a running dispatcher with everything around it.
type office struct {
	*Dispatcher
	outbox    *memOutbox
	mail, sms *recorder
	log       *safeBuffer
	stop      context.CancelFunc
	stopped   chan struct{}
}

// open starts a dispatcher, stopped when the test is over at the latest.
func open(t *testing.T, change func(*Config)) *office {
	t.Helper()
	o := &office{outbox: &memOutbox{}, mail: &recorder{}, sms: &recorder{}, log: &safeBuffer{}, stopped: make(chan struct{})}
	c := Config{
		Outbox: o.outbox, Mail: o.mail, SMS: o.sms,
		Logger: slog.New(slog.NewTextHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&c)
	}
	if box, ok := c.Outbox.(*memOutbox); ok {
		o.outbox = box
	}
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.Dispatcher, o.stop = d, cancel
	go func() {
		defer close(o.stopped)
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(o.close)
	return o
}

// close stops the dispatcher and waits until it has.
func (o *office) close() {
	o.stop()
	<-o.stopped
}

// send releases a message to somebody and kicks.
func (o *office) send(template, to string) {
	m := message(template)
	m.To = to
	o.outbox.put(m, time.Now())
	o.Kick()
}

func TestMessagesLeaveAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Poll = time.Hour })
		synctest.Wait()
		start := time.Now()
		o.send("email_code", "ada@example.org")
		o.send("phone_code", "+491701234567")
		synctest.Wait()
		mail, sms := o.mail.all(), o.sms.all()
		if len(mail) != 1 || len(sms) != 1 || mail[0].to != "ada@example.org" || sms[0].to != "+491701234567" {
			t.Fatalf("mail %+v, sms %+v", mail, sms)
		}
		if time.Since(start) != 0 {
			t.Errorf("waited %s", time.Since(start))
		}
		if all, _ := o.outbox.left(time.Now()); all != 0 {
			t.Errorf("%d messages left", all)
		}
		o.close()
	})
}

func TestMessagesLeaveWithoutAKick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		synctest.Wait()
		o.outbox.put(message("email_code"), time.Now())
		time.Sleep(1100 * time.Millisecond)
		if got := o.mail.all(); len(got) != 1 {
			t.Errorf("tries %+v", got)
		}
		o.close()
	})
}

func TestLatencyOverSMTP(t *testing.T) {
	s := (&smtpServer{}).start(t)
	m := mailer(t, s, nil)
	o := open(t, func(c *Config) { c.Mail, c.Poll = m, time.Hour })
	o.send("email_code", "warm@example.org")
	waitUntil(t, "the first mail is there", func() bool { return len(s.inbox()) == 1 })
	best := time.Hour
	for i := range 10 {
		start := time.Now()
		o.send("email_code", "john@example.org")
		waitUntil(t, "the mail is there", func() bool { return len(s.inbox()) == i+2 })
		best = min(best, time.Since(start))
	}
	// Far above the few milliseconds it takes, far below any timer that could be at work.
	if best > 200*time.Millisecond {
		t.Errorf("the fastest mail took %s", best)
	}
	t.Logf("the fastest mail took %s", best)
}

func TestKickNeverWaits(t *testing.T) {
	d, err := New(Config{Outbox: &memOutbox{}, Mail: &recorder{}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			d.Kick()
		}
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("Kick waits where nobody runs")
	}
}

func TestRunsOnlyOnce(t *testing.T) {
	o := open(t, nil)
	o.send("email_code", "ada@example.org")
	waitUntil(t, "it runs", func() bool { return len(o.mail.all()) == 1 })
	if err := o.Run(t.Context()); err == nil {
		t.Error("it runs a second time")
	}
}

func TestRetriesBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		var down atomic.Bool
		down.Store(true)
		o.mail.answer = func(context.Context, state.Message) error {
			if down.Load() {
				return errors.New("450 later")
			}
			return nil
		}
		start := time.Now()
		o.send("password_changed", "ada@example.org")
		time.Sleep(7 * time.Hour)
		tries := o.mail.all()
		if len(tries) < 20 || len(tries) > 40 || !tries[0].at.Equal(start) {
			t.Fatalf("%d tries %+v", len(tries), tries)
		}
		for i := range len(tries) - 1 {
			want := max(5*time.Second, tries[i].at.Sub(start)/3)
			// The poll interval adds up to a second.
			if got := tries[i+1].at.Sub(tries[i].at); got < want || got > want+want/5+time.Second {
				t.Errorf("wait %d is %s, want %s", i, got, want)
			}
		}
		down.Store(false)
		time.Sleep(5 * time.Hour)
		if all, _ := o.outbox.left(time.Now()); all != 0 || o.mail.delivered()["ada@example.org"] != 1 {
			t.Errorf("%d left, delivered %v", all, o.mail.delivered())
		}
		o.close()
	})
}

func TestUselessMessagesAreDropped(t *testing.T) {
	for template, life := range map[string]time.Duration{
		"email_code": 15 * time.Minute, "password_reset_key": 24 * time.Hour, "password_changed": 24 * time.Hour,
	} {
		t.Run(template, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := open(t, nil)
				o.mail.answer = func(context.Context, state.Message) error { return errors.New("450 later") }
				start := time.Now()
				o.send(template, "ada@example.org")
				time.Sleep(life + time.Hour)
				tries := o.mail.all()
				if last := tries[len(tries)-1].at.Sub(start); last >= life || last < life/4 {
					t.Errorf("last try after %s", last)
				}
				if all, _ := o.outbox.left(time.Now()); all != 0 {
					t.Error("not dropped")
				}
				if log := o.log.String(); strings.Count(log, "message dropped") != 1 || !strings.Contains(log, "450 later") {
					t.Errorf("log:\n%s", log)
				}
				o.close()
			})
		})
	}
}

func TestOldMessagesAreNotSentAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) {
			c.MaxAge = func(template state.Template) time.Duration {
				if template == "login_code" {
					return 3 * time.Minute
				}
				return notify.MaxAge(template)
			}
		})
		for _, template := range []string{"login_code", "email_code"} {
			o.outbox.put(message(template), time.Now().Add(-3*time.Minute))
		}
		o.Kick()
		synctest.Wait()
		if got := o.mail.all(); len(got) != 1 {
			t.Errorf("tries %+v", got)
		}
		if log := o.log.String(); !strings.Contains(log, "too old") || !strings.Contains(log, "login_code") {
			t.Errorf("log:\n%s", log)
		}
		o.close()
	})
}

func TestRefusedMessagesAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, nil)
		o.mail.answer = func(context.Context, state.Message) error { return permanent(errors.New("550 5.1.1")) }
		o.send("email_code", "ada@example.org")
		time.Sleep(time.Hour)
		if all, _ := o.outbox.left(time.Now()); all != 0 || len(o.mail.all()) != 1 {
			t.Errorf("%d left, tries %+v", all, o.mail.all())
		}
		log := o.log.String()
		for _, want := range []string{"level=ERROR", "message dropped", "550 5.1.1", "to=a***@example.org", "template=email_code", "attempt=1"} {
			if !strings.Contains(log, want) {
				t.Errorf("%q is missing in the log:\n%s", want, log)
			}
		}
		o.close()
	})
}

func TestNoLogHasASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Outbox = &memOutbox{failRetry: 5} })
		tell := func(_ context.Context, m state.Message) error {
			err := fmt.Errorf("450 %s %s %s %s", m.To, m.Data["code"], m.Data["key"], m.Data["url"])
			switch m.Template {
			case "login_code":
				return permanent(err)
			case "password_changed":
				panic(err)
			}
			return err
		}
		o.mail.answer, o.sms.answer = tell, tell
		for _, template := range state.Templates() {
			m := message(template)
			o.outbox.put(m, time.Now())
			m.Channel = "pigeon"
			o.outbox.put(m, time.Now())
		}
		time.Sleep(25 * time.Hour)
		log := o.log.String()
		for _, secret := range []string{testCode, strings.ReplaceAll(testCode, "-", ""), testKey, "verify-email", "john@", "+491701234567"} {
			if strings.Contains(log, secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		for _, want := range []string{"j***@example.org", "trying again", "message dropped", "panicked", "no sender", "cannot be put off"} {
			if !strings.Contains(log, want) {
				t.Errorf("%q is missing in the log", want)
			}
		}
		if all, _ := o.outbox.left(time.Now()); all != 0 {
			t.Errorf("%d left", all)
		}
		o.close()
	})
}

func TestPanicIsOneMessagesTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := open(t, func(c *Config) { c.Workers = 1 })
		o.mail.answer = func(_ context.Context, m state.Message) error {
			if m.To == "bad@example.org" {
				panic("bad")
			}
			return nil
		}
		o.send("email_code", "bad@example.org")
		o.send("email_code", "good@example.org")
		synctest.Wait()
		if o.mail.delivered()["good@example.org"] != 1 {
			t.Errorf("delivered %v", o.mail.delivered())
		}
		o.close()
	})
}

func TestDispatcherFaultsAreReportedTogether(t *testing.T) {
	d, err := New(Config{Workers: -1, Timeout: -1, Poll: -1, Lease: -time.Minute})
	if err == nil || d != nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no outbox", "-1 workers", "negative", "lease", "neither"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	d, err = New(Config{Outbox: &memOutbox{}, Mail: &recorder{}})
	if err != nil || d.cfg.Workers != 4 || d.cfg.Poll != time.Second || d.cfg.Lease != 10*time.Second || d.cfg.Timeout != 30*time.Second {
		t.Errorf("defaults: %+v, %v", d, err)
	}
}

func TestBackoff(t *testing.T) {
	last := time.Duration(0)
	for age := time.Duration(0); age < 48*time.Hour; age += time.Second {
		wait := backoff(age)
		if wait < last || wait < 5*time.Second || wait > 4*time.Hour {
			t.Fatalf("backoff(%s) = %s after %s", age, wait, last)
		}
		last = wait
	}
	for age, want := range map[time.Duration]time.Duration{
		0: 5 * time.Second, time.Minute: 20 * time.Second, time.Hour: 20 * time.Minute, 20 * time.Hour: 4 * time.Hour, -time.Hour: 5 * time.Second,
	} {
		if got := backoff(age); got != want {
			t.Errorf("backoff(%s) = %s, want %s", age, got, want)
		}
	}
}

func TestJitter(t *testing.T) {
	for name, c := range map[string]struct {
		entropy  string
		min, max time.Duration
	}{
		"least": {"\x00\x00", time.Minute, time.Minute},
		"most":  {"\xff\xff", 71 * time.Second, 72 * time.Second},
		"none":  {"", time.Minute, time.Minute},
	} {
		d, err := New(Config{Outbox: &memOutbox{}, Mail: &recorder{}, Entropy: strings.NewReader(c.entropy)})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.jitter(time.Minute); got < c.min || got > c.max {
			t.Errorf("%s: %s", name, got)
		}
	}
}
