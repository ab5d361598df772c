package faults

import (
	"context"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSlowMail lets the mail server take its time: nobody waits for it, and the mail
// arrives once.
func TestSlowMail(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	held := make(chan struct{})
	l.Mails.Held = held
	c := l.App()
	c.Signup("ada@example.com").Is(401).Pending("verify_email")
	l.Eventually("the mail is on its way", func() bool { return l.Mails.Attempts() == 1 })
	if n := len(l.Mails.To("ada@example.com")); n != 0 {
		t.Fatalf("%d mails have arrived at a server that holds them", n)
	}
	c.Session().Is(401).Pending("verify_email")
	close(held)
	c.Verify(l.Code("ada@example.com")).Is(200)
	l.Quiet()
	if n := len(l.Mails.To("ada@example.com")); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// TestMailDown refuses mail at first: nobody is told, the mail is tried again, later each
// time, and arrives once.
func TestMailDown(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	l.Mails.Refuse = 3
	c := l.App()
	c.Signup("ada@example.com").Is(401).Pending("verify_email")
	for i, wait := range []time.Duration{10 * time.Second, time.Minute, 4 * time.Minute} {
		n := i + 1
		l.Eventually("the mail is tried", func() bool { return l.Mails.Attempts() >= n })
		time.Sleep(20 * time.Millisecond)
		if got := l.Mails.Attempts(); got != n {
			t.Fatalf("%d tries, want %d: it is tried again at once", got, n)
		}
		l.Clock.Pass(wait)
		retry(l)
	}
	c.Verify(l.Code("ada@example.com")).Is(200)
	l.Quiet()
	if n := len(l.Mails.To("ada@example.com")); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

// retry has the server look for messages that are due.
func retry(l *suite.Lab) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_ = l.WaitIdle(ctx) // it fails while a message waits for its next try
}

// TestMailAcrossRestart ends the server while a mail waits for its next try: the next
// process on the same files sends it.
func TestMailAcrossRestart(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	l.Mails.Refuse = 1
	c := l.App()
	c.Signup("ada@example.com").Is(401).Pending("verify_email")
	l.Eventually("the mail is tried", func() bool { return l.Mails.Attempts() == 1 })
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := suite.NewLab(t, suite.ByCode, func(cfg *config.Config, _ *server.Options) { cfg.DataDir = l.Config.DataDir })
	next.Clock.Pass(time.Minute)
	code := next.Code("ada@example.com")
	again := next.App()
	again.Login("ada@example.com").Is(401).Pending("verify_email")
	again.Verify(code).Is(400, "key:incorrect_code")
	again.Verify(next.Code("ada@example.com")).Is(200)
	next.Quiet()
	if n := len(next.Mails.To("ada@example.com")); n != 2 {
		t.Errorf("%d mails, want the one that waited and that of the login", n)
	}
}
