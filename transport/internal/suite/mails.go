package suite

import (
	"context"
	"errors"
	"sync"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// mails takes what the server sends. It can be told to refuse, and to hold what it is
// given.
type mails struct {
	Mu   sync.Mutex
	Sent []state.Message
	read map[string]int
	// Refuse is how many deliveries fail before one is taken; tried counts all.
	Refuse, tried int
	// Held, if not nil, keeps deliveries waiting until it is closed.
	Held chan struct{}
}

var _ notify.Sender = (*mails)(nil)

// NewMails takes what a server sends that the test starts itself.
func NewMails() *mails { return &mails{read: make(map[string]int)} }

// Send takes a message.
func (m *mails) Send(ctx context.Context, msg state.Message) error {
	m.Mu.Lock()
	m.tried++
	held := m.Held
	m.Mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if m.Refuse > 0 {
		m.Refuse--
		return errors.New("the mail server is down")
	}
	m.Sent = append(m.Sent, msg)
	return nil
}

// To lists what was sent to an address, oldest first.
func (m *mails) To(address string) []state.Message {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	var out []state.Message
	for _, msg := range m.Sent {
		if msg.To == address {
			out = append(out, msg)
		}
	}
	return out
}

// Attempts counts deliveries that were begun.
func (m *mails) Attempts() int {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	return m.tried
}

// Mail waits for the next message to an address that the test has not read.
func (l *Lab) Mail(address string) state.Message {
	l.T.Helper()
	n := l.Mails.read[address]
	l.Mails.read[address]++
	l.Eventually("a mail to "+address, func() bool { return len(l.Mails.To(address)) > n })
	return l.Mails.To(address)[n]
}

// Code is the code, or the key of the link, of the next mail to an address.
func (l *Lab) Code(address string) string {
	l.T.Helper()
	msg := l.Mail(address)
	if c := msg.Data["code"]; c != "" {
		return c
	}
	if k := msg.Data["key"]; k != "" {
		return k
	}
	l.T.Fatalf("the mail %s to %s carries neither a code nor a key", msg.Template, address)
	return ""
}
