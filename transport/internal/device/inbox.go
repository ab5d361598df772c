package device

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Inbox is the mailboxes and phones of everybody in a story. The zero value is ready,
// and safe for concurrent use. Addresses are compared without regard to case.
type Inbox struct {
	mu sync.Mutex
	// all is every message, oldest first; taken how many of them each recipient's story
	// has seen.
	all   []Message
	taken map[string]int
	// more is closed when a message comes; nil if nobody waits.
	more chan struct{}
}

// Put delivers a message.
func (b *Inbox) Put(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, m)
	if b.more != nil {
		close(b.more)
		b.more = nil
	}
}

// All returns every message, oldest first, taken or not.
func (b *Inbox) All() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.all)
}

// To returns every message to one recipient, oldest first, taken or not.
func (b *Inbox) To(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of(to)
}

func (b *Inbox) of(to string) []Message {
	var out []Message
	for _, m := range b.all {
		if strings.EqualFold(m.To, to) {
			out = append(out, m)
		}
	}
	return out
}

// Take returns the messages to one recipient that came since it was last asked, oldest
// first.
func (b *Inbox) Take(to string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.take(b.of(to), to)
}

func (b *Inbox) take(all []Message, to string) []Message {
	if b.taken == nil {
		b.taken = make(map[string]int)
	}
	to = strings.ToLower(to)
	fresh := all[b.taken[to]:]
	b.taken[to] = len(all)
	return fresh
}

// Wait is Take as soon as at least n messages have come. When ctx ends first it returns
// an error that wraps the context's, and takes nothing.
func (b *Inbox) Wait(ctx context.Context, to string, n int) ([]Message, error) {
	for {
		b.mu.Lock()
		all := b.of(to)
		have := len(all) - b.taken[strings.ToLower(to)]
		if have >= n {
			fresh := b.take(all, to)
			b.mu.Unlock()
			return fresh, nil
		}
		if b.more == nil {
			b.more = make(chan struct{})
		}
		more := b.more
		b.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return nil, fmt.Errorf("device: %d of %d messages came to %s: %w", have, n, to, context.Cause(ctx))
		}
	}
}
