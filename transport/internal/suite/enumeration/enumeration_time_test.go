package enumeration

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// samples is how many requests of each kind a comparison times.
const samples = 60

// pair is a request about a known and about an unknown account, n being unique.
type pair struct {
	name  string
	about func(c *suite.Client, known bool, n int) *suite.Reply
	want  int
	// before, if not nil, is sent first and not timed.
	before func(c *suite.Client, known bool, n int) *suite.Reply
	// hashes is set where the request makes or checks a password hash.
	hashes bool
	setUp  suite.SetUp
}

// timed are the requests whose time must not tell whether there is an account.
func timed() []pair {
	who := func(known bool, n int) string {
		if known {
			return "known@example.com"
		}
		return fmt.Sprintf("nobody%d@example.com", n)
	}
	byMail := func(path string) func(*suite.Client, bool, int) *suite.Reply {
		return func(c *suite.Client, known bool, n int) *suite.Reply {
			return c.Send("POST", path, map[string]string{"email": who(known, n)})
		}
	}
	quietly := func(change suite.SetUp) suite.SetUp {
		return func(c *config.Config, o *server.Options) {
			change(c, o)
			c.Account.EmailUnknownAccounts = false
		}
	}
	resetByLink := func(*config.Config, *server.Options) {}
	resetByCode := func(c *config.Config, _ *server.Options) { c.Account.PasswordResetByCodeEnabled = true }
	loginByCode := func(c *config.Config, _ *server.Options) { c.Account.LoginByCodeEnabled = true }
	signup := func(c *suite.Client, known bool, n int) *suite.Reply {
		return c.Send("POST", "/auth/signup", map[string]string{"email": who(known, n), "password": suite.Password})
	}
	return []pair{
		{name: "login", hashes: true, want: 400, setUp: suite.ByCode, about: func(c *suite.Client, known bool, n int) *suite.Reply {
			return c.Send("POST", "/auth/login", map[string]string{"email": who(known, n), "password": "not-this-one-1"})
		}},
		{name: "signup by code", hashes: true, want: 401, setUp: suite.ByCode, about: signup},
		{name: "signup by link", hashes: true, want: 401, setUp: func(*config.Config, *server.Options) {}, about: signup},
		{name: "resend after signup", want: 200, setUp: suite.ByCode, before: signup, about: func(c *suite.Client, _ bool, _ int) *suite.Reply {
			return c.Send("POST", "/auth/email/verify/resend", nil)
		}},
		{name: "resend of a login code", want: 200, setUp: func(c *config.Config, o *server.Options) {
			loginByCode(c, o)
			c.Account.LoginByCodeSupportsResend = 2
		}, before: byMail("/auth/code/request"), about: func(c *suite.Client, _ bool, _ int) *suite.Reply {
			return c.Send("POST", "/auth/code/resend", nil)
		}},
		{name: "reset by link", want: 200, setUp: resetByLink, about: byMail("/auth/password/request")},
		{name: "reset by link, no notices", want: 200, setUp: quietly(resetByLink), about: byMail("/auth/password/request")},
		{name: "reset by code", want: 401, setUp: resetByCode, about: byMail("/auth/password/request")},
		{name: "reset by code, no notices", want: 401, setUp: quietly(resetByCode), about: byMail("/auth/password/request")},
		{name: "login code", want: 401, setUp: loginByCode, about: byMail("/auth/code/request")},
		{name: "login code, no notices", want: 401, setUp: quietly(loginByCode), about: byMail("/auth/code/request")},
	}
}

// TestEnumerationTime compares how long known and unknown accounts take. A difference
// counts only if it is both sure (a rank test) and large enough to be of use over a
// network, three times in a row: the machine may be busy with something else.
func TestEnumerationTime(t *testing.T) {
	if testing.Short() || suite.Raced {
		t.Skip("times many requests, without the race detector")
	}
	for _, p := range timed() {
		t.Run(p.name, func(t *testing.T) {
			l := suite.NewLab(t, p.setUp, func(c *config.Config, _ *server.Options) {
				c.Hashing = config.Hashing{MemoryKiB: 8 << 10, Time: 2, Parallelism: 1, Queue: 128}
			})
			c := l.App()
			c.Signup("known@example.com").Is(401)
			c.Verify(l.Code("known@example.com"))
			var last string
			n := 0
			for range 3 {
				known, unknown := measure(l, p, &n)
				d := compare(known, unknown)
				last = d.String()
				t.Log(last)
				if !d.tells(p.hashes) {
					return
				}
			}
			t.Errorf("time tells known accounts from unknown ones: %s", last)
		})
	}
}

// measure times requests about both kinds of account, in turns whose order changes.
// Nothing is under way in the background when one begins.
func measure(l *suite.Lab, p pair, n *int) (known, unknown []time.Duration) {
	l.T.Helper()
	once := func(isKnown bool) time.Duration {
		*n++
		c := l.App()
		if p.before != nil {
			c.Token = p.before(c, isKnown, *n).Token()
		}
		l.Quiet()
		start := time.Now()
		r := p.about(c, isKnown, *n)
		took := time.Since(start)
		r.Is(p.want, r.Codes()...)
		c.HTTP.CloseIdleConnections()
		return took
	}
	for i := range samples + 3 {
		first := i%2 == 0
		a, b := once(first), once(!first)
		if !first {
			a, b = b, a
		}
		// The first ones warm up connections and caches.
		if i >= 3 {
			known, unknown = append(known, a), append(unknown, b)
		}
	}
	return known, unknown
}

// difference is what two series of times come to.
type difference struct {
	known, unknown time.Duration // medians
	// z is the statistic of the rank test: normal around 0 where there is no difference.
	z float64
}

// String tells it in one line.
func (d difference) String() string {
	return fmt.Sprintf("known %v, unknown %v, difference %v, z = %.1f", d.known, d.unknown, d.apart(), d.z)
}

func (d difference) apart() time.Duration { return (d.known - d.unknown).Abs() }

// tells reports whether somebody who times requests learns something: the rank test is
// sure (one false alarm in a thousand), and the medians are apart by more than 15 % of a
// request that hashes, or more than half a millisecond and a quarter of one that does not.
func (d difference) tells(hashes bool) bool {
	if math.Abs(d.z) < 3.29 {
		return false
	}
	typical := (d.known + d.unknown) / 2
	if hashes {
		return d.apart() > typical*15/100
	}
	return d.apart() > 500*time.Microsecond && d.apart() > typical/4
}

// compare makes the Mann-Whitney test, in its normal approximation.
func compare(a, b []time.Duration) difference {
	var u float64
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				u++
			case x == y:
				u += 0.5
			}
		}
	}
	m, n := float64(len(a)), float64(len(b))
	return difference{known: median(a), unknown: median(b), z: (u - m*n/2) / math.Sqrt(m*n*(m+n+1)/12)}
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

// TestCompare holds the comparison against series whose difference is known.
func TestCompare(t *testing.T) {
	series := func(from time.Duration) (out []time.Duration) {
		for i := range samples {
			// Spread over 2 ms, in an order that means nothing.
			out = append(out, from+time.Duration(i*37%samples)*2*time.Millisecond/samples)
		}
		return out
	}
	base := 10 * time.Millisecond
	for _, c := range []struct {
		apart  time.Duration
		hashes bool
		tells  bool
	}{
		{0, true, false}, {0, false, false},
		{time.Millisecond, true, false},
		{3 * time.Millisecond, true, true}, {-3 * time.Millisecond, true, true},
		{2 * time.Millisecond, false, false}, {4 * time.Millisecond, false, true},
	} {
		d := compare(series(base+c.apart), series(base))
		if got := d.tells(c.hashes); got != c.tells {
			t.Errorf("%v apart, hashes %v: tells %v, want %v (%s)", c.apart, c.hashes, got, c.tells, d)
		}
	}
	few := []time.Duration{1, 2, 3}
	if d := compare(few, []time.Duration{1000 * base, 2000 * base, 3000 * base}); d.tells(true) {
		t.Errorf("three samples are sure of something: %s", d)
	}
}
