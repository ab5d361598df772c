package outages

import (
	"context"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func otherOutages() []outage {
	return []outage{
		{"mail and text messages are down for an hour", "nothing; letters wait", 0, 25 * time.Minute, "codes that would have expired on their way", mailDown},
		{"a server is killed with -9, at each point between load and effect", "no answer; the same step again goes on", 0, 0, "nothing", killedEverywhere},
		{"a clock that jumps an hour ahead", "runs that wait end early, and begin anew", 0, 0, "nothing else", clockAhead},
		{"a clock that jumps an hour back", "nothing", 0, 0, "nothing", clockBack},
		{"one of two servers has a clock a minute off", "codes of apps (TOTP) are refused at it", 0, 0, "nothing", minuteOff},
		{"one of two servers has a clock an hour off", "that, and runs that go from one to the other begin anew", 0, 0, "nothing", hourOff},
		{"100 000 sign-ins are begun and abandoned", "nothing; 700 bytes of Redis each at most, until their time is over", 0, 0, "nothing", abandoned},
		{"a storm of sign-ins", "sign-ins wait, then 503; half of all reads take at most twice as long as alone", 0, 0, "nothing", storm},
	}
}

// knock has the server look for messages that are due.
func knock(l *suite.Lab) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_ = l.WaitIdle(ctx) // it fails while a message waits for its next try
}

// sent counts the letters that have gone out.
func sent(l *suite.Lab) int {
	l.Mails.Mu.Lock()
	defer l.Mails.Mu.Unlock()
	return len(l.Mails.Sent)
}

func mailDown(t *testing.T, o outage) {
	byLink := func(c *config.Config, opt *server.Options) {
		c.Account.EmailVerificationByCodeEnabled = false
		c.Account.EmailNotifications = true
		c.Account.LoginByCodeEnabled, c.Account.LoginMethods = true, []string{"email", "phone"}
		c.SMS.Supplied, opt.SMS = true, opt.Mail
	}
	l := suite.NewLab(t, byLink)
	in := l.Member("app", "ada@example.com")
	const number = "+31612345678"
	if _, err := l.AddAccount(t.Context(), server.NewAccount{Email: "cleo@example.com", EmailVerified: true, Phone: number, PhoneVerified: true}); err != nil {
		t.Fatal(err)
	}
	before := l.Mails.Attempts()
	l.Mails.Refuse = 1 << 20
	c := l.App()
	c.Signup("bob@example.com").Is(401).Pending("verify_email")
	in.Do("POST", "/account/password/change", map[string]string{"current_password": suite.Password, "new_password": "another-horse-8"}).Is(200)
	coded := l.App()
	coded.Do("POST", "/auth/code/request", map[string]string{"email": "ada@example.com"}).Is(401).Pending("login_by_code")
	texted := l.App()
	texted.Do("POST", "/auth/code/request", map[string]string{"phone": number}).Is(401).Pending("login_by_code")
	for range 60 {
		l.Clock.Pass(time.Minute)
		knock(l)
	}
	tried := l.Mails.Attempts() - before
	l.Mails.Mu.Lock()
	l.Mails.Refuse = 0
	before = len(l.Mails.Sent)
	l.Mails.Mu.Unlock()
	took := time.Duration(0)
	for ; sent(l) < before+2 && took < 4*time.Hour; took += time.Minute {
		l.Clock.Pass(time.Minute)
		knock(l)
	}
	t.Logf("tried %d times in the hour; the letters came %v after its end", tried, took)
	if took > o.back {
		t.Errorf("letters came %v after mail was back, and the table says %v", took, o.back)
	}
	if tried < 6 || tried > 60 {
		t.Errorf("%d tries for three letters in an hour", tried)
	}
	// The run of the sign-up is over; the link of the letter is good for days.
	l.App().Verify(l.Code("bob@example.com")).Is(401).Pending()
	c = l.App()
	c.Login("bob@example.com").Is(200)
	// The code of a sign-in lives for minutes: it is not sent when it is worth nothing.
	for _, m := range l.Mails.To("ada@example.com") {
		if m.Template == "login_code" {
			t.Error("a code that had expired was sent")
		}
	}
	if n := len(l.Mails.To(number)); n != 0 {
		t.Errorf("%d codes that had expired were texted", n)
	}
	texted.Token = ""
	texted.Do("POST", "/auth/code/request", map[string]string{"phone": number}).Is(401).Pending("login_by_code")
	texted.Do("POST", "/auth/code/confirm", map[string]string{"code": l.Code(number)}).Is(200)
	coded.Do("POST", "/auth/code/confirm", map[string]string{"code": "BCDF-GHJK"}).Is(410)
	coded.Session().Is(401).Pending()
}

// clockAhead puts the clock ahead: what waits is over and can be begun anew, and sessions go on.
func clockAhead(t *testing.T, _ outage) {
	s := newScene(t, "")
	s.Clock.Pass(time.Hour)
	s.sound(t, false)
}

// clockBack puts the clock back: what waits goes on, and what was used stays used.
func clockBack(t *testing.T, _ outage) {
	s := newScene(t, "")
	s.Clock.Pass(-time.Hour)
	s.sound(t, true)
	fresh := s.App()
	fresh.Signup("new@example.com").Is(401).Pending("verify_email")
	fresh.Verify(s.Code("new@example.com")).Is(200)
	s.Clock.Pass(time.Hour)
	fresh.Session().Is(200)
}
