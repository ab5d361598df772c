package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"stagedoor/transport/internal/device"
)

// letterWait is how long a letter may take.
const letterWait = 10 * time.Second

// letter is what is looked for in a letter: a code, the key of a link, or both.
type letter struct{ code, key string }

// Letters is where the letters that a server sends can be read.
type Letters interface {
	// next waits for the next letter to somebody that has a code or a key.
	next(ctx context.Context, to string) (letter, error)
	// Close ends it.
	Close() error
}

// errNoLetters says that the journey cannot go on without mail.
var errNoLetters = errors.New("the journey needs a code by mail; --mail dev reads the mailbox of a development server, --mail host:port takes the mail that the server sends there")

// noLetter says that none came.
func noLetter(to string, err error) error {
	return &Failure{Kind: KindLetter, Err: fmt.Errorf("to %s within %s: %w", to, letterWait, err)}
}

// ReceiveMail listens at an address, host:port, to which the server sends its mail (mail.smtp_host
// and mail.smtp_port there).
func ReceiveMail(ctx context.Context, address string) (Letters, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	inbox := &device.Inbox{}
	m := &mailServer{inbox: inbox, sink: device.NewSMTPSink(inbox)}
	go func() { _ = m.sink.Serve(l) }()
	return m, nil
}

// mailServer is a mail server that keeps what comes.
type mailServer struct {
	inbox *device.Inbox
	sink  *device.SMTPSink
}

func (m *mailServer) next(ctx context.Context, to string) (letter, error) {
	ctx, cancel := context.WithTimeout(ctx, letterWait)
	defer cancel()
	for {
		list, err := m.inbox.Wait(ctx, to, 1)
		if err != nil {
			return letter{}, noLetter(to, err)
		}
		for _, m := range slices.Backward(list) {
			if m.Code != "" || m.Key != "" {
				return letter{m.Code, m.Key}, nil
			}
		}
	}
}

// Close stops listening.
func (m *mailServer) Close() error { return m.sink.Close() }

// DevMailbox reads the mailbox of a development server, which answers nobody but this machine. What
// it is asked is work of the server: with a mail server of one's own ([ReceiveMail]) there is less.
func DevMailbox(base *url.URL) Letters {
	return &devMailbox{base: base.JoinPath("/dev/mailbox.json").String(), seen: make(map[string]int64)}
}

// devMailbox is the mailbox of a development server.
type devMailbox struct {
	base string
	mu   sync.Mutex
	// seen has the ids of the last letters that were read, by recipient.
	seen map[string]int64
}

func (d *devMailbox) next(ctx context.Context, to string) (letter, error) {
	ctx, cancel := context.WithTimeout(ctx, letterWait)
	defer cancel()
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		got, id, err := d.ask(ctx, to)
		if err != nil {
			return letter{}, noLetter(to, err)
		}
		if d.fresh(to, id) {
			return got, nil
		}
		select {
		case <-ctx.Done():
			return letter{}, noLetter(to, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// fresh reports whether a letter was not read yet, and remembers it.
func (d *devMailbox) fresh(to string, id int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	is := id > d.seen[to]
	d.seen[to] = max(d.seen[to], id)
	return is
}

var errNoMailbox = errors.New("no mailbox of a development server")

// ask asks for the newest letter to somebody with a code or a key; its id is 0 where there is none.
func (d *devMailbox) ask(ctx context.Context, to string) (letter, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"?to="+url.QueryEscape(to), nil)
	if err != nil {
		return letter{}, 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return letter{}, 0, err
	}
	defer resp.Body.Close()
	var list struct {
		Letters []struct {
			ID        int64
			Code, Key string
		}
	}
	if resp.StatusCode != http.StatusOK {
		return letter{}, 0, fmt.Errorf("%w: %s answered %d; --mail host:port takes the mail itself", errNoMailbox, d.base, resp.StatusCode)
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil || len(list.Letters) == 0 {
		return letter{}, 0, err
	}
	for _, l := range list.Letters {
		if l.Code != "" || l.Key != "" {
			return letter{l.Code, l.Key}, l.ID, nil
		}
	}
	return letter{}, 0, nil
}

// Close does nothing: the mailbox is the server's.
func (d *devMailbox) Close() error { return nil }
