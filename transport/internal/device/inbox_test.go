package device

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/state"
)

func letter(to, text string) Message { return newMessage(state.ByMail, to, "", text) }

func texts(list []Message) string {
	var out []string
	for _, m := range list {
		out = append(out, m.Text)
	}
	return strings.Join(out, " ")
}

func TestInboxTakesOnce(t *testing.T) {
	var b Inbox
	if got := b.Take("ada@example.org"); len(got) != 0 {
		t.Errorf("an empty inbox has %v", got)
	}
	b.Put(letter("ada@example.org", "one"))
	b.Put(letter("bob@example.org", "two"))
	b.Put(letter("Ada@Example.org", "three"))
	if got := texts(b.Take("ADA@example.org")); got != "one three" {
		t.Errorf("took %q", got)
	}
	if got := b.Take("ada@example.org"); len(got) != 0 {
		t.Errorf("took %v again", got)
	}
	b.Put(letter("ada@example.org", "four"))
	if got := texts(b.Take("ada@example.org")); got != "four" {
		t.Errorf("took %q", got)
	}
	if got := texts(b.To("ada@example.org")); got != "one three four" {
		t.Errorf("all to one: %q", got)
	}
	if got := texts(b.All()); got != "one two three four" {
		t.Errorf("all: %q", got)
	}
	if got := texts(b.Take("bob@example.org")); got != "two" {
		t.Errorf("took %q", got)
	}
}

// However messages come and are asked for, each is taken once, in order.
func TestInboxAgainstLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Inbox
		fresh := map[string][]string{}
		for i := range rapid.IntRange(1, 30).Draw(t, "moves") {
			to := rapid.SampledFrom([]string{"a@example.org", "b@example.org", "+491701234567"}).Draw(t, "to")
			switch rapid.IntRange(0, 2).Draw(t, "move") {
			case 0:
				b.Put(letter(to, fmt.Sprint("n", i)))
				fresh[to] = append(fresh[to], fmt.Sprint("n", i))
			case 1:
				if got, want := texts(b.Take(to)), strings.Join(fresh[to], " "); got != want {
					t.Fatalf("took %q, want %q", got, want)
				}
				delete(fresh, to)
			case 2:
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				n := rapid.IntRange(0, 3).Draw(t, "n")
				got, err := b.Wait(ctx, to, n)
				if n <= len(fresh[to]) {
					if want := strings.Join(fresh[to], " "); err != nil || texts(got) != want {
						t.Fatalf("%q, %v; want %q", texts(got), err, want)
					}
					delete(fresh, to)
				} else if got != nil || !errors.Is(err, context.Canceled) {
					t.Fatalf("%q, %v", texts(got), err)
				}
			}
		}
	})
}

func TestInboxWaits(t *testing.T) {
	var b Inbox
	b.Put(letter("ada@example.org", "one"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 20 {
			b.Put(letter(fmt.Sprintf("p%d@example.org", i), "other"))
		}
		b.Put(letter("ada@example.org", "two"))
	})
	got, err := b.Wait(ctx, "ada@example.org", 2)
	if err != nil || texts(got) != "one two" {
		t.Errorf("%q, %v", texts(got), err)
	}
	wg.Wait()

	soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got, err := b.Wait(soon, "ada@example.org", 1); got != nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "0 of 1 messages came to ada@example.org") {
		t.Errorf("%v, %v", got, err)
	}
}

// Several waiters are all woken, each by its own message.
func TestInboxWakesAll(t *testing.T) {
	var b Inbox
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 8 {
		to := fmt.Sprintf("p%d@example.org", i)
		wg.Go(func() {
			if got, err := b.Wait(ctx, to, 3); err != nil || texts(got) != "x y z" {
				t.Errorf("%s: %q, %v", to, texts(got), err)
			}
		})
	}
	for _, text := range []string{"x", "y", "z"} {
		for i := range 8 {
			b.Put(letter(fmt.Sprintf("p%d@example.org", i), text))
		}
	}
	wg.Wait()
}
