package servers

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// load is how many people sign in and out all the time, and pause how long each waits between
// two requests.
const (
	load  = 6
	pause = 15 * time.Millisecond
)

// loadRun is people who sign in, look who is signed in, and sign out, until they are stopped.
type loadRun struct {
	ended chan struct{}
	all   sync.WaitGroup

	mu sync.Mutex
	// requests counts all; lost those that were answered otherwise than a server alone would,
	// unanswered those that met an error of the balancer or none. first is the first of them.
	requests, lost, unanswered int
	first                      string
}

// String says what came of it.
func (l *loadRun) String() string {
	return fmt.Sprintf("%d requests, %d without an answer, %d with another one", l.requests, l.unanswered, l.lost)
}

// startLoad has people at the fleet's address.
func (f *fleet) startLoad() *loadRun {
	l := &loadRun{ended: make(chan struct{})}
	for i := range load {
		a := f.newApp("http://" + f.at)
		l.all.Go(func() {
			for !l.over() {
				l.visit(a, address(i))
			}
		})
	}
	return l
}

// visit is one sign-in, a few looks and a sign-out.
func (l *loadRun) visit(a *app, email string) {
	a.token = ""
	if !l.count(200, a.login(email)) {
		return
	}
	for range 4 {
		if !l.count(200, a.ask("GET", "/auth/session", nil)) {
			return
		}
	}
	l.count(401, a.ask("DELETE", "/auth/session", nil))
}

// count notes what a request was answered, and reports whether it is what it should be.
func (l *loadRun) count(want int, got answer) bool {
	defer time.Sleep(pause)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	switch {
	case got.status == want:
		return true
	case got.status == 0 || got.status >= http.StatusInternalServerError:
		l.unanswered++
	default:
		l.lost++
	}
	if l.first == "" {
		l.first = fmt.Sprintf("%d %.300s", got.status, got.raw)
	}
	return false
}

func (l *loadRun) over() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// stop ends the load and waits until the last request is answered.
func (l *loadRun) stop() {
	close(l.ended)
	l.all.Wait()
}
