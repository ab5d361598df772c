package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/emersion/go-smtp"
	"github.com/wneessen/go-mail"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// NewSender returns a sender that puts what a server in this process sends into an inbox,
// in the words that people would read.
func NewSender(to *Inbox, words *notify.Templates) notify.Sender {
	return sender{inbox: to, words: words}
}

type sender struct {
	inbox *Inbox
	words *notify.Templates
}

// Send delivers a message at once.
func (s sender) Send(_ context.Context, m state.Message) error {
	words, err := s.words.Render(m)
	if err != nil {
		return fmt.Errorf("%w: %w", notify.ErrPermanent, err)
	}
	got := newMessage(m.Channel, m.To, words.Subject, words.Text)
	got.Name = string(m.Template)
	s.inbox.Put(got)
	return nil
}

// SMTPSink is a mail server (RFC 5321) that takes every mail and puts it into an inbox.
type SMTPSink struct{ server *smtp.Server }

// NewSMTPSink makes a mail server for an inbox. It asks nobody to sign in, and takes
// mails of up to 1 MiB.
func NewSMTPSink(to *Inbox) *SMTPSink {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{inbox: to}, nil }))
	s.Domain = "localhost"
	s.MaxMessageBytes = largestBody
	s.EnableSMTPUTF8 = true
	return &SMTPSink{server: s}
}

// Serve takes mail on a listener until the sink is closed; then it returns nil.
func (s *SMTPSink) Serve(l net.Listener) error {
	if err := s.server.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("device: mail: %w", err)
	}
	return nil
}

// Close stops the sink and closes its listeners and connections.
func (s *SMTPSink) Close() error {
	if err := s.server.Close(); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("device: mail: %w", err)
	}
	return nil
}

// delivery is one mail on its way in.
type delivery struct {
	inbox *Inbox
	to    []string
}

// Mail names the sender, which nobody asks for.
func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt names a recipient.
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = append(d.to, to)
	return nil
}

// Data reads the mail and delivers it to all of its recipients.
func (d *delivery) Data(r io.Reader) error {
	msg, err := mail.EMLToMsgFromReader(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the mail cannot be read: " + err.Error()}
	}
	text, err := plain(msg)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	subject := strings.Join(msg.GetGenHeader(mail.HeaderSubject), " ")
	if words, err := new(mime.WordDecoder).DecodeHeader(subject); err == nil { // RFC 2047
		subject = words
	}
	for _, to := range d.to {
		d.inbox.Put(newMessage(state.ByMail, to, subject, text))
	}
	return nil
}

// plain is the plain text of a mail, or its first part if there is none.
func plain(msg *mail.Msg) (string, error) {
	parts := msg.GetParts()
	if len(parts) == 0 {
		return "", errors.New("the mail has no text")
	}
	chosen := parts[0]
	for _, p := range parts {
		if p.GetContentType() == mail.TypeTextPlain {
			chosen = p
			break
		}
	}
	text, err := chosen.GetContent()
	if err != nil {
		return "", fmt.Errorf("the mail's text cannot be read: %w", err)
	}
	return string(text), nil
}

// Reset drops the mail.
func (d *delivery) Reset() { d.to = nil }

// Logout ends the talk.
func (d *delivery) Logout() error { return nil }

// seen is a message as the HTTP sink shows it.
type seen struct {
	To      string `json:"to"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
	Kind    Kind   `json:"kind"`
	Code    string `json:"code"`
	Key     string `json:"key,omitempty"`
	Name    string `json:"name,omitempty"`
}

// HTTPSink returns a handler that takes text messages as a webhook, and shows what has
// come:
//
//	POST /sms           a JSON object: to, code (empty for a notice), kind (what the server
//	                    calls the message) and, if there is one, the whole text
//	GET /mail?to=, /sms?to=
//	                    a JSON list, newest last; of everybody without to
func HTTPSink(b *Inbox) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sms", func(w http.ResponseWriter, r *http.Request) {
		var sms struct{ To, Code, Kind, Text string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody)).Decode(&sms); err != nil || sms.To == "" {
			http.Error(w, "sms: not a JSON object with a recipient in to", http.StatusBadRequest)
			return
		}
		b.Put(newSMS(sms.To, sms.Code, sms.Kind, sms.Text))
		say(w, http.StatusOK, map[string]bool{"ok": true})
	})
	show := func(channel state.Channel) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			list := []seen{}
			to := r.URL.Query().Get("to")
			for _, m := range b.All() {
				if m.Channel == channel && (to == "" || strings.EqualFold(m.To, to)) {
					list = append(list, seen{m.To, m.Subject, m.Text, m.Kind, m.Code, m.Key, m.Name})
				}
			}
			say(w, http.StatusOK, list)
		}
	}
	mux.HandleFunc("GET /mail", show(state.ByMail))
	mux.HandleFunc("GET /sms", show(state.BySMS))
	return mux
}

// newSMS makes a message of what a webhook receives. The code comes in a field of its own,
// and only that counts: words that look like one make no code.
func newSMS(to, code, name, text string) Message {
	if text == "" {
		text = code
	}
	m := newMessage(state.BySMS, to, "", text)
	m.Name, m.Code, m.Kind = name, code, Notice
	keys := m.findKeys()
	switch {
	case code != "":
		m.Kind = Code
	case len(keys) > 0:
		m.Kind = Link
	}
	m.Secrets = places(m.Text, append(keys, code)...)
	return m
}
