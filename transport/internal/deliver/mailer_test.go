package deliver

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/notify"
)

// mailer is a Mailer for a test server; change may alter its configuration.
func mailer(t testing.TB, s *smtpServer, change func(*MailConfig)) *Mailer {
	t.Helper()
	c := MailConfig{
		Templates: testTemplates(t, testSite()), From: "Acme <no-reply@acme.example>",
		Host: "127.0.0.1", Timeout: 5 * time.Second, Hello: "client.test",
		Now: func() time.Time { return time.Date(2026, 11, 23, 18, 20, 0, 0, time.UTC) },
	}
	if s != nil {
		c.Port, c.RootCAs = s.port(), s.roots
	}
	if change != nil {
		change(&c)
	}
	m, err := NewMailer(c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// parts takes a mail apart: its header, and its parts by content type.
func parts(t testing.TB, raw string) (netmail.Header, map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("not a mail: %v\n%s", err, raw)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, out
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("part %v: %v", p.Header, err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		out[kind] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
}

func TestMailArrivesWhole(t *testing.T) {
	s := (&smtpServer{}).start(t)
	m := mailer(t, s, nil)
	msg := message("email_confirmation")
	if err := m.Send(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	got := s.inbox()
	if len(got) != 1 || !strings.HasPrefix(got[0].from, "<no-reply@acme.example>") || got[0].to != "<john@example.org>" {
		t.Fatalf("received %+v", got)
	}
	header, body := parts(t, got[0].data)
	want, err := m.cfg.Templates.Render(msg)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(body["text/plain"]) != strings.TrimSpace(want.Text) {
		t.Errorf("text:\n%s", body["text/plain"])
	}
	if strings.TrimSpace(body["text/html"]) != strings.TrimSpace(want.HTML) {
		t.Errorf("page:\n%s", body["text/html"])
	}
	if strings.Count(body["text/plain"], "\n"+testURL+"\n") != 1 {
		t.Errorf("the link did not survive the way:\n%s", body["text/plain"])
	}
	for name, value := range map[string]string{
		"From": `"Acme" <no-reply@acme.example>`, "To": "<john@example.org>", "Subject": want.Subject,
		"Date": "Mon, 23 Nov 2026 18:20:00 +0000", "Auto-Submitted": "auto-generated",
	} {
		if header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, header.Get(name), value)
		}
	}
	if id := header.Get("Message-Id"); len(id) != len("<>@acme.example")+32 {
		t.Errorf("message id %q", id)
	}
}

// waitUntil waits for something that comes by itself.
func waitUntil(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestMailRefusals(t *testing.T) {
	for _, c := range []struct {
		name      string
		server    *smtpServer
		permanent bool
		says      string
	}{
		{"recipient unknown", &smtpServer{onRcpt: "550 5.1.1 no john@example.org here"}, true, "550 5.1.1"},
		{"sender unwanted", &smtpServer{onMail: "553 5.7.1 not you"}, true, "553 5.7.1"},
		{"content unwanted", &smtpServer{onDot: "554 5.7.1 no " + testCode + " here"}, true, "554 5.7.1"},
		{"data unwanted", &smtpServer{onData: "554 no valid recipients"}, true, "554"},
		{"recipient later", &smtpServer{onRcpt: "450 4.2.1 grey"}, false, "450 4.2.1"},
		{"content later", &smtpServer{onDot: "451 4.3.0 disk"}, false, "451 4.3.0"},
		{"server full", &smtpServer{onMail: "452 4.3.1 full"}, false, "452 4.3.1"},
		{"sign-in wanted", &smtpServer{onMail: "530 5.7.0 sign in"}, false, "530 5.7.0"},
		{"no service", &smtpServer{greeting: "554 5.3.2 no service"}, false, "no service"},
		{"busy", &smtpServer{greeting: "421 4.3.2 busy"}, false, "busy"},
		{"lost at once", &smtpServer{greeting: "drop"}, false, "mail server"},
		{"lost before the recipient", &smtpServer{onRcpt: "drop"}, false, "connection lost"},
		{"lost after the content", &smtpServer{onDot: "drop"}, false, "connection lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.server.start(t)
			err := mailer(t, s, nil).Send(t.Context(), message("email_code"))
			if err == nil || errors.Is(err, notify.ErrPermanent) != c.permanent || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("error %v, permanent %v", err, errors.Is(err, notify.ErrPermanent))
			}
			for _, secret := range []string{testCode, "john"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q is in the error: %v", secret, err)
				}
			}
			waitUntil(t, "the connection is closed", func() bool { return s.connections() == 0 })
		})
	}
}

func TestMailIsDeliveredWhateverTheServerSaysAtTheEnd(t *testing.T) {
	for _, bye := range []string{"drop", "421 going down", "hang"} {
		s := (&smtpServer{onRset: bye, onQuit: bye}).start(t)
		start := time.Now()
		if err := mailer(t, s, nil).Send(t.Context(), message("email_code")); err != nil {
			t.Errorf("%s: %v", bye, err)
		}
		if len(s.inbox()) != 1 || time.Since(start) > 4*time.Second {
			t.Errorf("%s: %d mails after %s", bye, len(s.inbox()), time.Since(start))
		}
	}
}

func TestMailTimesOut(t *testing.T) {
	for name, s := range map[string]*smtpServer{
		"silent": {greeting: "hang"}, "stops": {onRcpt: "hang"}, "never accepts": {onDot: "hang"},
	} {
		t.Run(name, func(t *testing.T) {
			s.start(t)
			m := mailer(t, s, func(c *MailConfig) { c.Timeout = 100 * time.Millisecond })
			start := time.Now()
			err := m.Send(t.Context(), message("email_code"))
			if err == nil || errors.Is(err, notify.ErrPermanent) {
				t.Fatalf("error %v", err)
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("gave up after %s", took)
			}
		})
	}
}

func TestMailGivesUpWithItsContext(t *testing.T) {
	s := (&smtpServer{onRcpt: "hang"}).start(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if err := mailer(t, s, nil).Send(ctx, message("email_code")); err == nil {
		t.Fatal("no error")
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

func TestMailServerIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	m := mailer(t, nil, func(c *MailConfig) { c.Port = port })
	if err := m.Send(t.Context(), message("email_code")); err == nil || errors.Is(err, notify.ErrPermanent) {
		t.Errorf("error %v", err)
	}
}

func TestMailRefusesWhatIsNoAddress(t *testing.T) {
	s := (&smtpServer{}).start(t)
	m := mailer(t, s, nil)
	for _, to := range []string{
		"", "john", "john@", "@example.org", "John <john@example.org>", "<john@example.org>", "a@example.org, b@example.org",
		"john@example.org\r\nBcc: b@example.org", "john@example.org\n", " john@example.org", "john@example.org (x)",
		"john@example.org\r\nRCPT TO:<b@example.org>", "john@exam\x00ple.org",
	} {
		msg := message("email_code")
		msg.To = to
		if err := m.Send(t.Context(), msg); !errors.Is(err, notify.ErrPermanent) {
			t.Errorf("%q: %v", to, err)
		} else if to != "" && strings.Contains(err.Error(), to) {
			t.Errorf("the error repeats %q", to)
		}
	}
	msg := message("email_code")
	msg.Template = "nonsense"
	if err := m.Send(t.Context(), msg); !errors.Is(err, notify.ErrPermanent) || !errors.Is(err, notify.ErrNoTemplate) {
		t.Errorf("unknown template: %v", err)
	}
	msg = message("phone_code")
	msg.To = "john@example.org"
	if err := m.Send(t.Context(), msg); !errors.Is(err, notify.ErrPermanent) {
		t.Errorf("a text message: %v", err)
	}
	if len(s.inbox()) != 0 {
		t.Errorf("received %+v", s.inbox())
	}
	msg = message("email_code")
	msg.To = `"john doe"@example.org`
	if err := m.Send(t.Context(), msg); err != nil || s.inbox()[0].to != `<"john doe"@example.org>` {
		t.Errorf("quoted address: %v, %+v", err, s.inbox())
	}
}

func TestManyMailsAtOnce(t *testing.T) {
	s := (&smtpServer{secure: true, user: "robot", password: "s3cret"}).start(t)
	m := mailer(t, s, func(c *MailConfig) { c.User, c.Password = "robot", "s3cret" })
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			if err := m.Send(t.Context(), message("email_code")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, r := range s.inbox() {
		h, _ := parts(t, r.data)
		ids[h.Get("Message-Id")] = true
	}
	if len(ids) != 24 {
		t.Errorf("%d message ids for 24 mails", len(ids))
	}
}

func TestMailerFaultsAreReportedTogether(t *testing.T) {
	m, err := NewMailer(MailConfig{From: "nobody", Host: "http://mail", Port: 70000, TLS: "maybe", Timeout: -1, Password: "s3cret"})
	if err == nil || m != nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no templates", `"nobody" is no address`, "host name", "70000", `"maybe"`, "negative", "no user"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Error("the password is in the error")
	}
}

func TestMailPortsByPolicy(t *testing.T) {
	for policy, want := range map[TLSPolicy]int{"": 25, TLSOpportunistic: 25, TLSNone: 25, TLSMandatory: 587, TLSImplicit: 465} {
		m := mailer(t, nil, func(c *MailConfig) { c.TLS = policy })
		if m.cfg.Port != want {
			t.Errorf("%q: port %d, want %d", policy, m.cfg.Port, want)
		}
	}
}
