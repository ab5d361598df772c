package server

import (
	"testing"
	"time"

	"stagedoor/transport/config"
)

// TestSlowMail lets the mail server take its time: nobody waits for it, and the mail
// arrives once.
func TestSlowMail(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	held := make(chan struct{})
	l.mails.held = held
	c := l.app()
	c.signup("ada@example.com").is(401).pending("verify_email")
	l.eventually("the mail is on its way", func() bool { return l.mails.attempts() == 1 })
	if n := len(l.mails.to("ada@example.com")); n != 0 {
		t.Fatalf("%d mails have arrived at a server that holds them", n)
	}
	c.session().is(401).pending("verify_email")
	close(held)
	c.verify(l.code("ada@example.com")).is(200)
	l.quiet()
	if n := len(l.mails.to("ada@example.com")); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// TestMailDown refuses mail at first: nobody is told, the mail is tried again, later each
// time, and arrives once.
func TestMailDown(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	l.mails.refuse = 3
	c := l.app()
	c.signup("ada@example.com").is(401).pending("verify_email")
	for i, wait := range []time.Duration{10 * time.Second, time.Minute, 4 * time.Minute} {
		n := i + 1
		l.eventually("the mail is tried", func() bool { return l.mails.attempts() >= n })
		time.Sleep(20 * time.Millisecond)
		if got := l.mails.attempts(); got != n {
			t.Fatalf("%d tries, want %d: it is tried again at once", got, n)
		}
		l.clock.pass(wait)
		l.dispatch.Kick()
	}
	c.verify(l.code("ada@example.com")).is(200)
	l.quiet()
	if n := len(l.mails.to("ada@example.com")); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// TestMailAcrossRestart ends the server while a mail waits for its next try: the next
// process on the same files sends it.
func TestMailAcrossRestart(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	l.mails.refuse = 1
	c := l.app()
	c.signup("ada@example.com").is(401).pending("verify_email")
	l.eventually("the mail is tried", func() bool { return l.mails.attempts() == 1 })
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := newLab(t, byCode, func(cfg *config.Config, _ *Options) { cfg.DataDir = l.config.DataDir })
	next.clock.pass(time.Minute)
	code := next.code("ada@example.com")
	again := next.app()
	again.login("ada@example.com").is(401).pending("verify_email")
	again.verify(code).is(400, "key:incorrect_code")
	again.verify(next.code("ada@example.com")).is(200)
	next.quiet()
	if n := len(next.mails.to("ada@example.com")); n != 2 {
		t.Errorf("%d mails, want the one that waited and that of the login", n)
	}
}
