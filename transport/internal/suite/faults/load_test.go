package faults

import (
	"slices"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestSessionsBesideStorm reads sessions while logins queue for their hashes: a read must
// not wait for them. What counts is how long one takes next to the other, for the machine
// may be slow.
func TestSessionsBesideStorm(t *testing.T) {
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 64}
	})
	in := l.Member("app", "ada@example.com")
	storm := make([]*suite.Client, 24)
	for i := range storm {
		storm[i] = l.App()
	}
	var logins []time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		logins = suite.AtOnce(len(storm), func(i int) time.Duration {
			start := time.Now()
			storm[i].Login("ada@example.com").Is(200)
			return time.Since(start)
		})
	}()
	var reads []time.Duration
	for ended := false; !ended; {
		start := time.Now()
		in.Session().Is(200)
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
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 3}
	})
	l.Member("app", "ada@example.com").Logout()
	clients := make([]*suite.Client, 24)
	for i := range clients {
		clients[i] = l.App()
	}
	var served, refused int
	var mu sync.Mutex
	suite.AtOnce(len(clients), func(i int) bool {
		var r *suite.Reply
		if i%4 == 0 {
			r = clients[i].Signup(string(rune('a'+i)) + "@example.com")
		} else {
			r = clients[i].Login("ada@example.com")
		}
		mu.Lock()
		defer mu.Unlock()
		if r.Status == 503 {
			refused++
			r.Busy()
			return true
		}
		served++
		return r.Status == 200 || r.Status == 401
	})
	if served < 4 || refused == 0 {
		t.Errorf("%d were served and %d refused by a queue of 3 beside 1", served, refused)
	}
	if rows, want := l.Count(`SELECT (SELECT count(*) FROM accounts) - 1 + (SELECT count(*) FROM sessions)`), served; rows != want {
		t.Errorf("%d accounts and sessions were stored for %d who were served", rows, want)
	}
	for _, c := range clients {
		if c.Token == "" {
			c.Login("ada@example.com").Is(200)
			break
		}
	}
}
