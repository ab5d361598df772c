package outages

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"stagedoor/transport/internal/suite"
)

// crowd is people who use a server all the time while something breaks.
type crowd struct {
	l     *suite.Lab
	ended chan struct{}
	all   sync.WaitGroup

	mu sync.Mutex
	// slowest is the longest that any request took, last when a request met the fault last.
	slowest time.Duration
	last    time.Time
	// good and bad count the answers that are as they should be, and those that are 503.
	good, bad int
	// members are the addresses of those who have signed up, all the way.
	members []string
}

// pause is how long people wait between two requests.
const pause = 5 * time.Millisecond

// gather has people use a server: three who sign in and out, and two who sign up. Each is an
// account of their own.
func gather(l *suite.Lab) *crowd {
	c := &crowd{l: l, ended: make(chan struct{})}
	for i := range 3 {
		email := fmt.Sprintf("visitor%d@example.com", i)
		visitor := l.Member("app", email)
		visitor.Logout()
		c.all.Go(func() {
			for !c.over() {
				c.visit(visitor, email)
			}
		})
	}
	for i := range 2 {
		c.all.Go(func() {
			for n := 0; !c.over(); n++ {
				c.join(l.App(), fmt.Sprintf("newcomer%d-%d@example.com", i, n))
			}
		})
	}
	return c
}

func (c *crowd) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// calm waits until nobody has met the fault for a while, or for as long as it may take at most.
func (c *crowd) calm(most time.Duration) {
	const while = 400 * time.Millisecond
	ended := time.Now()
	for deadline := ended.Add(2*most + while); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		c.mu.Lock()
		last := c.last
		c.mu.Unlock()
		if time.Since(last) > while && time.Since(ended) > 2*while {
			return
		}
	}
}

// leave ends it and waits until everybody has come to the end of what they were at.
func (c *crowd) leave() {
	close(c.ended)
	c.all.Wait()
}

// ask sends a request and notes what came of it: an answer of the fault is a 503 in the
// contract's form, which asks to come again and hands out nothing.
func (c *crowd) ask(send func() *suite.Reply) *suite.Reply {
	began := time.Now()
	r := send()
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slowest = max(c.slowest, now.Sub(began))
	if r.Status != http.StatusServiceUnavailable {
		c.good++
		return r
	}
	c.bad++
	c.last = now
	if r.Header.Get("Retry-After") == "" || r.Token() != "" {
		c.l.T.Errorf("%s: a 503 with Retry-After %q and a token: %v", r.What, r.Header.Get("Retry-After"), r.Token() != "")
	}
	return r
}

// again repeats a request until it is answered by something else than the fault.
func (c *crowd) again(send func() *suite.Reply) *suite.Reply {
	for deadline := time.Now().Add(suite.Patience); ; time.Sleep(pause) {
		if r := c.ask(send); r.Status != http.StatusServiceUnavailable {
			return r
		}
		if time.Now().After(deadline) {
			c.l.T.Errorf("nothing but 503 for %v", suite.Patience)
			return &suite.Reply{T: c.l.T}
		}
	}
}

// visit is a sign-in, a few looks, and a sign-out. Who is signed in stays so.
func (c *crowd) visit(v *suite.Client, email string) {
	v.Token = ""
	want := func(status int, send func() *suite.Reply) bool {
		time.Sleep(pause)
		r := c.again(send)
		if r.Status != status {
			c.l.T.Errorf("%s: %d, want %d: %.300s", r.What, r.Status, status, r.Raw)
		}
		return r.Status == status
	}
	if !want(200, func() *suite.Reply { return v.Login(email) }) {
		return
	}
	for range 2 {
		if !want(200, v.Session) {
			return
		}
	}
	// A sign-out whose answer was lost has signed out all the same.
	if r := c.again(func() *suite.Reply { return v.Do("DELETE", "/auth/session", nil) }); r.Status != 401 && r.Status != 410 {
		c.l.T.Errorf("%s: %d: %.300s", r.What, r.Status, r.Raw)
	}
}

// join is a sign-up with the code of a letter. Wherever the run was lost there is a next move:
// to sign in, which sends another code.
func (c *crowd) join(n *suite.Client, email string) {
	r := c.again(func() *suite.Reply { return n.Signup(email) })
	if r.Status != 401 {
		c.l.T.Errorf("%s: %d: %.300s", r.What, r.Status, r.Raw)
		return
	}
	if c.finish(n, email) {
		c.mu.Lock()
		c.members = append(c.members, email)
		c.mu.Unlock()
	}
}

// finish comes to a session from a sign-up, whatever was lost of it, and reports whether it did.
func (c *crowd) finish(n *suite.Client, email string) bool {
	for moves := 0; ; moves++ {
		if code, ok := c.code(email); ok {
			r := c.again(func() *suite.Reply { return n.Verify(code) })
			if r.Status == 200 {
				return true
			}
		}
		r := c.again(func() *suite.Reply { return n.Login(email) })
		switch {
		case r.Status == 200:
			return true
		case r.Status == 410: // the app has forgotten the token of a run that is lost
		case r.Status == 409: // signed in by a step whose answer was lost
			return c.again(n.Session).Status == 200
		case r.Status != 401 || moves > 20:
			c.l.T.Errorf("%s has no next move: %d %.300s", email, r.Status, r.Raw)
			return false
		}
	}
}

// code is the newest code that was mailed to an address.
func (c *crowd) code(email string) (string, bool) {
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(pause) {
		if mails := c.l.Mails.To(email); len(mails) > 0 {
			code := mails[len(mails)-1].Data["code"]
			return code, code != ""
		}
	}
	return "", false
}

// judge fails the test where an outage, which is over since ended, was worse than its row says.
func (c *crowd) judge(t *testing.T, o outage, ended time.Time) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	back := max(0, c.last.Sub(ended))
	t.Logf("%d answers, %d of them 503; the slowest took %v, the last 503 came %v after the end", c.good+c.bad, c.bad,
		c.slowest.Round(time.Millisecond), back.Round(time.Millisecond))
	slowest, wait := o.slowest, o.back
	if suite.Raced {
		slowest, wait = 2*slowest, 2*wait
	}
	if o.slowest > 0 && c.slowest > slowest {
		t.Errorf("a request took %v, and the table says %v", c.slowest, o.slowest)
	}
	if back > wait {
		t.Errorf("a 503 came %v after the end, and the table says %v", back, o.back)
	}
	if c.good < 20 {
		t.Errorf("only %d answers were good: nobody can have noticed anything", c.good)
	}
}
