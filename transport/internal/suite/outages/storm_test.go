package outages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// tries is how often a measurement may be made anew where something else used the machine.
const tries = 12

// storm has people read their sessions while others sign in, more of them than hashes can
// be made of: half of the reads take at most twice as long as alone. Both are asked of the
// handler itself, so that the network and the test's own work do not count.
func storm(t *testing.T, _ outage) {
	if suite.Raced {
		t.Skip("the race detector makes what computes many times slower than what waits")
	}
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 64}
	})
	in := l.Member("app", "ada@example.com")
	var alone, beside time.Duration
	for range tries {
		alone = reads(t, l, in.Token, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			var all sync.WaitGroup
			for range 24 {
				all.Go(func() {
					body := strings.NewReader(`{"email": "ada@example.com", "password": "` + suite.Password + `"}`)
					if w := call(l, "POST", "/auth/login", "", body); w.Code != http.StatusOK {
						t.Errorf("a sign-in: %d %s", w.Code, w.Body)
					}
				})
			}
			all.Wait()
		}()
		beside = reads(t, l, in.Token, done)
		t.Logf("half of the reads take %v alone, %v beside a storm", alone, beside)
		if beside <= 2*alone {
			return
		}
	}
	t.Errorf("half of the reads take %v beside a storm, and %v alone", beside, alone)
}

// reads is how long half of the reads of a session take at most, until something is done, and
// 200 of them at least.
func reads(t *testing.T, l *suite.Lab, token string, done <-chan struct{}) time.Duration {
	t.Helper()
	var all []time.Duration
	for over := done == nil; len(all) < 200 || !over; {
		began := time.Now()
		w := call(l, "GET", "/auth/session", token, http.NoBody)
		all = append(all, time.Since(began))
		if w.Code != http.StatusOK {
			t.Fatalf("a read: %d %s", w.Code, w.Body)
		}
		select {
		case <-done:
			over = true
		default:
		}
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// call asks the server's handler for a path of the contract for apps.
func call(l *suite.Lab, method, path, token string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, l.URL+"/_allauth/app/v1"+path, body)
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("X-Session-Token", token)
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w
}
