package deliver

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// MailboxConfig says what a development mailbox keeps.
type MailboxConfig struct {
	Templates *notify.Templates
	// Size is how many letters are kept; 500 if zero. Older ones are forgotten.
	Size int
	// Now dates the letters; time.Now if nil.
	Now func() time.Time
}

// Letter is a message that was sent, in words.
type Letter struct {
	// ID counts the letters of one mailbox, from 1.
	ID       int64
	At       time.Time
	Channel  state.Channel
	Template state.Template
	To       string
	notify.Rendered
	// Code, Key and URL are the message's own, empty where it has none, so that nobody
	// has to find them in the text.
	Code, Key, URL string
}

// Mailbox keeps what it should send, mail and text messages, in memory: it is for
// development and shows secrets to everybody who may look. It is a [notify.Sender] and safe for
// concurrent use.
type Mailbox struct {
	templates *notify.Templates
	size      int
	now       func() time.Time

	mu      sync.Mutex
	last    int64
	letters []Letter // oldest first
}

// NewMailbox makes an empty mailbox. It refuses a negative size and missing templates.
func NewMailbox(c MailboxConfig) (*Mailbox, error) {
	if c.Templates == nil {
		return nil, errors.New("notify: mailbox has no templates")
	}
	if c.Size < 0 {
		return nil, errors.New("notify: mailbox size is negative")
	}
	if c.Size == 0 {
		c.Size = 500
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Mailbox{templates: c.Templates, size: c.Size, now: c.Now}, nil
}

// Send keeps a message. It fails only where the message cannot be put into words.
func (b *Mailbox) Send(_ context.Context, m state.Message) error {
	words, err := b.templates.Render(m)
	if err != nil {
		return permanent(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	if len(b.letters) == b.size {
		b.letters = slices.Delete(b.letters, 0, 1)
	}
	b.letters = append(b.letters, Letter{
		ID: b.last, At: b.now(), Channel: m.Channel, Template: m.Template, To: m.To, Rendered: words,
		Code: m.Data["code"], Key: m.Data["key"], URL: m.Data["url"],
	})
	return nil
}

// List returns the letters to one recipient, or all of them if to is empty, newest
// first. Addresses are compared without regard to case.
func (b *Mailbox) List(to string) []Letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Letter, 0, len(b.letters))
	for _, l := range slices.Backward(b.letters) {
		if to == "" || strings.EqualFold(l.To, to) {
			out = append(out, l)
		}
	}
	return out
}

// Get returns one letter; false if it was never there or is forgotten.
func (b *Mailbox) Get(id int64) (Letter, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.letters, func(l Letter) bool { return l.ID == id })
	if i < 0 {
		return Letter{}, false
	}
	return b.letters[i], true
}

// Clear forgets all letters. Their ids are not used again.
func (b *Mailbox) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = nil
}

// Tee returns a sender that sends by next and keeps a copy of what was delivered. What
// next refuses is not kept: it comes again, or never went out.
func (b *Mailbox) Tee(next notify.Sender) notify.Sender { return tee{box: b, next: next} }

type tee struct {
	box  *Mailbox
	next notify.Sender
}

// Send delivers, then keeps. The message is gone by then, so a copy that fails is no
// reason to send it again.
func (t tee) Send(ctx context.Context, m state.Message) error {
	if err := t.next.Send(ctx, m); err != nil {
		return err
	}
	_ = t.box.Send(ctx, m)
	return nil
}
