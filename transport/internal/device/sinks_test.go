package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"

	"stagedoor/state"
	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/notify"
)

// listen starts a mail server for an inbox; it stops when the test is over.
func listen(t *testing.T) (*Inbox, *net.TCPAddr) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var b Inbox
	sink := NewSMTPSink(&b)
	served := make(chan error, 1)
	go func() { served <- sink.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(sink.Close(), <-served, sink.Close()); err != nil {
			t.Error(err)
		}
	})
	return &b, l.Addr().(*net.TCPAddr)
}

// As any program sends mail.
func TestSMTPSinkTakesMail(t *testing.T) {
	for name, encoding := range map[string]mail.Encoding{"quoted-printable": mail.EncodingQP, "base64": mail.EncodingB64, "8bit": mail.NoEncoding} {
		t.Run(name, func(t *testing.T) {
			b, at := listen(t)
			client, err := mail.NewClient("127.0.0.1", mail.WithPort(at.Port), mail.WithTLSPolicy(mail.NoTLS))
			if err != nil {
				t.Fatal(err)
			}
			msg := mail.NewMsg(mail.WithEncoding(encoding))
			if err := errors.Join(msg.From("server@example.com"), msg.To("ada@example.org", "bob@example.org")); err != nil {
				t.Fatal(err)
			}
			const subject = "Größe, a subject that is rather long and goes on over more than one line of the header"
			msg.Subject(subject)
			const text = "Grüße,\n\nK7QM-3XPA\n\n.a line that begins with a dot, and one that is long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n"
			msg.SetBodyString(mail.TypeTextPlain, text)
			msg.AddAlternativeString(mail.TypeTextHTML, "<p>Other words</p>")
			if err := client.DialAndSendWithContext(t.Context(), msg); err != nil {
				t.Fatal(err)
			}
			for _, to := range []string{"ada@example.org", "bob@example.org"} {
				got := b.Take(to)
				if len(got) != 1 {
					t.Fatalf("%s: %v", to, got)
				}
				m := got[0]
				if strings.TrimRight(m.Text, "\n") != strings.TrimRight(text, "\n") || m.Subject != subject {
					t.Errorf("%q\n%q", m.Subject, m.Text)
				}
				if m.Kind != Code || m.Code != "K7QM-3XPA" || m.Channel != state.ByMail || m.To != to {
					t.Errorf("%+v", m)
				}
			}
		})
	}
}

// As a mail is written by hand: bare text, no type, 7bit or none; and HTML alone.
func TestSMTPSinkTakesPlainMail(t *testing.T) {
	b, at := listen(t)
	for i, c := range []struct{ header, body, want string }{
		{"", "Hello\r\n123456\r\n", "Hello\n123456\n"},
		{"Content-Type: text/plain; charset=\"utf-8\"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 7bit\r\n", "Hello\r\n\r\n123456\r\n", "Hello\n\n123456\n"},
		{"Content-Type: text/html\r\n", "<p>Hello</p>\r\n", "<p>Hello</p>\n"},
		{"Content-Type: multipart/mixed; boundary=x\r\n", "--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>no\r\n--y\r\nContent-Type: text/plain\r\n\r\nyes\r\n--y--\r\n--x--\r\n", "yes"},
	} {
		to := fmt.Sprintf("p%d@example.org", i)
		body := "From: server@example.com\r\nTo: " + to + "\r\nSubject: =?utf-8?q?H=C3=A4llo?=\r\nDate: Sat, 17 May 2031 12:00:00 +0000\r\n" + c.header + "\r\n" + c.body
		if err := smtp.SendMail(at.String(), nil, "server@example.com", []string{to}, []byte(body)); err != nil {
			t.Fatal(err)
		}
		got := b.Take(to)
		if len(got) != 1 || got[0].Text != c.want || got[0].Subject != "Hällo" {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

// A mail that cannot be read is refused, for good, and nobody gets it.
func TestSMTPSinkRefuses(t *testing.T) {
	b, at := listen(t)
	for _, body := range []string{
		"no header at all\r\n",
		"From: a@example.com\r\nDate: Sat, 17 May 2031 12:00:00 +0000\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n",
		"From: a@example.com\r\nDate: Sat, 17 May 2031 12:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n",
	} {
		err := smtp.SendMail(at.String(), nil, "server@example.com", []string{"ada@example.org"}, []byte(body))
		if err == nil || !strings.Contains(err.Error(), "5.6.0") {
			t.Errorf("%q: %v", body, err)
		}
	}
	if got := b.All(); len(got) != 0 {
		t.Errorf("delivered: %v", got)
	}
	if err := smtp.SendMail(at.String(), nil, "server@example.com", []string{"ada@example.org"}, []byte("Subject: x\r\n\r\n"+strings.Repeat("x", largestBody))); err == nil {
		t.Error("a mail larger than allowed is taken")
	}
}

// The server's own mailer and webhook, over the wire, say the same as its messages do
// when they are handed over in the process.
func TestSendersAgree(t *testing.T) {
	overWire, at := listen(t)
	hook := httptest.NewServer(HTTPSink(overWire))
	defer hook.Close()
	words, err := notify.NewTemplates(notify.Site{Name: "Example", URL: "https://www.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	mailer, err := deliver.NewMailer(deliver.MailConfig{Templates: words, From: "server@example.com", Host: "127.0.0.1", Port: at.Port, TLS: deliver.TLSNone})
	if err != nil {
		t.Fatal(err)
	}
	sms, err := deliver.NewSMS(deliver.SMSConfig{Templates: words, URL: hook.URL + "/sms"})
	if err != nil {
		t.Fatal(err)
	}
	var direct Inbox
	inProcess := NewSender(&direct, words)
	for _, name := range state.Templates() {
		m := state.Message{Template: name, To: "ada@example.org", Data: map[string]string{
			"code": "K7QM-3XPA", "key": "Mzk:1w2AbC:4fGh_7-kLmNoPqRs", "url": "https://www.example.org/v/Mzk:1w2AbC:4fGh_7-kLmNoPqRs",
		}}
		m.Channel = name.Channel()
		var wire notify.Sender = mailer
		if m.Channel == state.BySMS {
			wire, m.To = sms, "+491701234567"
			if strings.HasSuffix(string(name), "taken") || strings.HasSuffix(string(name), "unknown") || strings.HasSuffix(string(name), "removed") {
				m.Data = nil
			}
		}
		if err := errors.Join(inProcess.Send(t.Context(), m), wire.Send(t.Context(), m)); err != nil {
			t.Fatal(err)
		}
		a, b := direct.Take(m.To), overWire.Take(m.To)
		if len(a) != 1 || len(b) != 1 {
			t.Fatalf("%s: %v and %v", name, a, b)
		}
		b[0].Name, b[0].Text = a[0].Name, strings.TrimRight(b[0].Text, "\n")
		a[0].Text = strings.TrimRight(a[0].Text, "\n")
		if fmt.Sprint(a[0]) != fmt.Sprint(b[0]) {
			t.Errorf("%s:\n%+v\n%+v", name, a[0], b[0])
		}
	}
}

func TestSenderRefuses(t *testing.T) {
	words, err := notify.NewTemplates(notify.Site{Name: "Example"})
	if err != nil {
		t.Fatal(err)
	}
	var b Inbox
	err = NewSender(&b, words).Send(context.Background(), state.Message{Channel: state.ByMail, Template: "unheard", To: "a@example.org"})
	if !errors.Is(err, notify.ErrPermanent) || !errors.Is(err, notify.ErrNoTemplate) || len(b.All()) != 0 {
		t.Errorf("%v, %v", err, b.All())
	}
}

func TestHTTPSink(t *testing.T) {
	var b Inbox
	web := httptest.NewServer(HTTPSink(&b))
	defer web.Close()
	call := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, web.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := web.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(text))
	}
	for _, body := range []string{
		`{"to":"+491701234567","code":"123456","kind":"phone_code"}`,
		`{"to":"+491701234567","code":"","kind":"phone_taken","text":"Somebody signed up with\n123456\n"}`,
		`{"to":"+491707654321","code":"ABC-DEF","text":"Enter ABC-DEF, or open https://h/v/1234567890123456"}`,
		`{"to":"+491707654321","code":"","text":"Open https://h/v/1234567890123456"}`,
	} {
		if status, text := call(http.MethodPost, "/sms", body); status != http.StatusOK {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	for _, body := range []string{``, `[]`, `{"code":"123456"}`, `{"to":""}`, `{"to":"` + strings.Repeat("1", largestBody) + `"}`} {
		if status, _ := call(http.MethodPost, "/sms", body); status != http.StatusBadRequest {
			t.Errorf("%.40s: %d", body, status)
		}
	}
	b.Put(letter("ada@example.org", "https://h/v/1234567890123456"))
	for path, want := range map[string]string{
		"/sms?to=%2B491701234567": `[{"to":"+491701234567","text":"123456","kind":"code","code":"123456","name":"phone_code"},` +
			`{"to":"+491701234567","text":"Somebody signed up with\n123456\n","kind":"notice","code":"","name":"phone_taken"}]`,
		"/mail?to=ADA@example.org": `[{"to":"ada@example.org","text":"https://h/v/1234567890123456","kind":"link","code":"","key":"1234567890123456"}]`,
		"/mail?to=eve@example.org": `[]`,
	} {
		if _, text := call(http.MethodGet, path, ""); text != want {
			t.Errorf("%s: %s", path, text)
		}
	}
	_, text := call(http.MethodGet, "/sms", "")
	var list []seen
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 4 || list[2].Kind != Code || list[3].Kind != Link {
		t.Errorf("%v, %v", list, err)
	}
	if got := b.Take("+491707654321"); len(got) != 2 || got[0].Redact("•") != "Enter •, or open https://h/v/•" {
		t.Errorf("%+v", got)
	}
}
