package stolen

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/transport/internal/suite"
)

// walkTime is how long random plays go on.
const walkTime = 2 * time.Second

// haul is what a thief has copied, and when.
type haul struct {
	*hand
	// bound is the short-lived cookie of it, until when the cookie is good.
	bound string
	until time.Time
}

// street is an owner at a browser, in front of two servers, and a thief who comes by.
type street struct {
	t        *rapid.T
	one, two *suite.Lab
	owner    *hand
	password string
	// signedIn says that the owner is, bound and fetched since when the session is bound, and when the
	// latest short-lived cookie was fetched.
	signedIn       bool
	bound, fetched time.Time
	latest         string
	hauls          []haul
}

// turn has the owner's browser meet one of the servers.
func (s *street) turn() {
	lab := []*suite.Lab{s.one, s.two}[rapid.IntRange(0, 1).Draw(s.t, "server")]
	s.owner.to.Store(lab)
}

// noted notes what the browser has done of itself.
func (s *street) noted() {
	if has := s.owner.browser.Cookies.Value(boundCookie); has != "" {
		s.latest = has
	}
	for what := range strings.SplitSeq(s.owner.did(), ", ") {
		switch {
		case what == "registered":
			s.bound, s.fetched = s.one.Clock.Read(), s.one.Clock.Read()
		case what == "refreshed":
			s.fetched = s.one.Clock.Read()
		case strings.HasPrefix(what, "not registered"):
			s.t.Fatalf("the owner's browser: %s", what)
		}
	}
}

func (s *street) signIn() {
	if s.signedIn {
		return
	}
	s.turn()
	s.owner.web("POST", "/auth/login", suite.M{"email": owner, "password": s.password}).is(200)
	s.signedIn = true
	s.noted()
}

func (s *street) work() {
	s.turn()
	r := s.owner.web("GET", "/auth/session", nil)
	s.noted()
	if s.signedIn != (r.status == 200) {
		s.t.Fatalf("the owner, signed in %v, is answered %d", s.signedIn, r.status)
	}
}

func (s *street) changePassword() {
	if !s.signedIn {
		return
	}
	next := suite.Password
	if s.password == next {
		next = "another-horse-8"
	}
	s.turn()
	s.owner.web("POST", "/account/password/change", suite.M{"current_password": s.password, "new_password": next}).is(200)
	s.password = next
	s.noted()
}

func (s *street) signOut() {
	if s.signedIn {
		s.turn()
		s.owner.web("DELETE", "/auth/session", nil).is(401)
		s.signedIn = false
		s.noted()
	}
}

func (s *street) wait() {
	pass(s.one, time.Duration(rapid.IntRange(1, 700).Draw(s.t, "seconds"))*time.Second)
}

func (s *street) steal() {
	thief := s.owner.copied()
	s.hauls = append(s.hauls, haul{thief, s.owner.browser.Cookies.Value(boundCookie), s.fetched.Add(boundAge)})
}

// use has the thief come with something that he has copied, whole or in part.
func (s *street) use() {
	if len(s.hauls) == 0 {
		return
	}
	h := rapid.SampledFrom(s.hauls).Draw(s.t, "haul")
	now := s.one.Clock.Read()
	thief, whole := h.hand, rapid.Bool().Draw(s.t, "whole")
	if !whole {
		thief = h.without(boundCookie)
	}
	thief.to.Store([]*suite.Lab{s.one, s.two}[rapid.IntRange(0, 1).Draw(s.t, "server")])
	r := thief.web("GET", rapid.SampledFrom([]string{"/auth/session", "/account/email"}).Draw(s.t, "path"), nil)
	// The cookie of before is good for requests on their way, also where it has ended on it.
	late := now.Sub(s.fetched) < overlap && now.Before(h.until.Add(overlap))
	may := s.signedIn && (now.Sub(s.bound) < settles || whole && h.bound != "" && (h.bound == s.latest && now.Before(h.until) || late))
	if r.signedIn() && !may {
		s.t.Fatalf("the thief is in with a copy (whole %v, good until %v) at %v: the cookie of now was fetched at %v", whole, h.until, now, s.fetched)
	}
}

// TestWalk has an owner and a thief do what they can in any order, at two servers: the copy is of
// use as long as SECURITY.md says, and the owner never notices.
func TestWalk(t *testing.T) {
	t.Parallel()
	began, walks := time.Now(), 0
	one := suite.NewLab(t, binding("offer"))
	member(one)
	two := beside(one, binding("offer"))
	was := suite.Password
	rapid.Check(t, func(rt *rapid.T) {
		if time.Since(began) > walkTime {
			return
		}
		walks++
		s := &street{t: rt, one: one, two: two, owner: newBrowser(one), password: was}
		defer func() { was = s.password }()
		s.owner.web("GET", "/config", nil)
		moves := []func(){
			s.work, s.work, s.work, s.signIn, s.signOut, s.changePassword, s.wait, s.wait, s.steal, s.steal, s.use, s.use, s.use,
			func() { s.owner.browser.Restart() }, func() { s.owner.browser.Cookies.Drop(boundCookie) },
		}
		s.signIn()
		for range rapid.IntRange(1, 40).Draw(rt, "moves") {
			moves[rapid.IntRange(0, len(moves)-1).Draw(rt, "move")]()
		}
	})
	if walks == 0 {
		t.Error("nobody went anywhere")
	}
	t.Logf("%d walks", walks)
}
