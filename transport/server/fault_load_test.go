package server

import (
	"slices"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/config"
)

// TestSessionsBesideStorm reads sessions while logins queue for their hashes: a read must
// not wait for them. What counts is how long one takes next to the other, for the machine
// may be slow.
func TestSessionsBesideStorm(t *testing.T) {
	l := newLab(t, func(c *config.Config, _ *Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 64}
	})
	in := l.member("app", "ada@example.com")
	storm := make([]*client, 24)
	for i := range storm {
		storm[i] = l.app()
	}
	var logins []time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		logins = atOnce(len(storm), func(i int) time.Duration {
			start := time.Now()
			storm[i].login("ada@example.com").is(200)
			return time.Since(start)
		})
	}()
	var reads []time.Duration
	for ended := false; !ended; {
		start := time.Now()
		in.session().is(200)
		reads = append(reads, time.Since(start))
		select {
		case <-done:
			ended = true
		default:
		}
	}
	if read, login := middle(reads), middle(logins); len(reads) < 10 || read > login/4 {
		t.Errorf("half of %d reads took more than %v beside logins of %v", len(reads), read, login)
	}
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// TestFullQueue sends more passwords than may wait: those too many are told to come
// again, the others are served, and afterwards all is as before.
func TestFullQueue(t *testing.T) {
	l := newLab(t, func(c *config.Config, _ *Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 3}
	})
	l.member("app", "ada@example.com").logout()
	clients := make([]*client, 24)
	for i := range clients {
		clients[i] = l.app()
	}
	var served, refused int
	var mu sync.Mutex
	atOnce(len(clients), func(i int) bool {
		var r *reply
		if i%4 == 0 {
			r = clients[i].signup(string(rune('a'+i)) + "@example.com")
		} else {
			r = clients[i].login("ada@example.com")
		}
		mu.Lock()
		defer mu.Unlock()
		if r.Status == 503 {
			refused++
			r.busy()
			return true
		}
		served++
		return r.Status == 200 || r.Status == 401
	})
	if served < 4 || refused == 0 {
		t.Errorf("%d were served and %d refused by a queue of 3 beside 1", served, refused)
	}
	if rows, want := l.count(`SELECT (SELECT count(*) FROM accounts) - 1 + (SELECT count(*) FROM sessions)`), served; rows != want {
		t.Errorf("%d accounts and sessions were stored for %d who were served", rows, want)
	}
	for _, c := range clients {
		if c.token == "" {
			c.login("ada@example.com").is(200)
			break
		}
	}
}
