package devicebound

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// signIn signs ann in by the page.
func signIn(w *suite.Tab) {
	w.T.Helper()
	w.Open("/account/login")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
}

// member is a tab of a browser in which ann has signed in, and which has bound that session.
func (b *browser) member() *suite.Tab {
	b.t.Helper()
	w := b.tab()
	signIn(w)
	b.bound()
	return w
}

// bound waits until the session is bound, and what was on its way by then has come.
func (b *browser) bound() {
	b.t.Helper()
	b.binds()
	b.Clock.Pass(11 * time.Second)
}

// binds waits until the session is bound: the browser has the cookie, and knows of one session.
func (b *browser) binds() {
	b.t.Helper()
	// The cookie is there a moment before the session.
	b.Eventually("the session is bound", func() bool { return b.cookie(boundCookie) != "" && len(b.bindings()) > 0 })
	if all := b.bindings(); len(all) != 1 {
		b.t.Fatalf("the browser knows of %d bound sessions", len(all))
	}
}

// status asks for a path of the contract in the page of a tab, by its CSRF token.
func status(w *suite.Tab, method, path, body string) int {
	w.T.Helper()
	var got int
	w.Ask(calling(method, path, body), &got)
	return got
}

// calling is the expression by which a page asks.
func calling(method, path, body string) string {
	said, _ := json.Marshal(body)
	if body == "" {
		said = []byte("undefined")
	}
	return fmt.Sprintf(`fetch('/_allauth/browser/v1%s', {method: '%s', body: %s, headers: {'Content-Type': 'application/json',
		'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? ''}}).then((r) => r.status)`, path, method, said)
}

// is ends the test unless the page is answered in a way.
func is(w *suite.Tab, want int, method, path, body string) {
	w.T.Helper()
	if got := status(w, method, path, body); got != want {
		w.T.Fatalf("%s %s: %d, want %d", method, path, got, want)
	}
}

// TestBoundSession is the life of a bound session: it is signed in to, bound, worked in, refreshed
// for three tabs at once, taken up again after a restart of the browser, and signed out of; the
// next one of that browser takes its place.
func TestBoundSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	w := b.member()
	first := b.bindings()[0]
	is(w, 200, "POST", "/account/email", `{"email": "ann@work.example"}`)

	tabs := []*suite.Tab{w, b.tab(), b.tab()}
	for _, w := range tabs {
		w.Open("/account/email")
		w.At("/account/email", "Addresses")
	}
	b.expire()
	from, letGo := s.mark(), s.holds(refreshes)
	for _, w := range tabs {
		w.Do("the page asks", chromedp.Evaluate[chromedp.Void](`void (window.asked = `+calling("GET", "/auth/session", "")+`)`))
	}
	s.waits(refreshes)
	letGo()
	for i, w := range tabs {
		var got int
		if w.Ask(`window.asked`, &got); got != 200 {
			t.Errorf("tab %d is answered %d", i, got)
		}
	}
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes for three tabs\n%s", n, s.requests(from))
	}

	s.Clock.Pass(time.Hour)
	b.expire()
	b.restart()
	from = s.mark()
	w = b.tab()
	w.Open("/account/")
	w.At("/account/", "Hello, ann")
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes after a restart\n%s", n, s.requests(from))
	}

	w.Press("Sign out")
	w.At("/account/login", "Sign in")
	s.Eventually("the browser forgets the session", func() bool { return len(b.bindings()) == 0 })
	if b.cookie(boundCookie) != "" {
		t.Error("the bound cookie is left")
	}
	if got := s.refreshes(first.RefreshURL, first.Key.ID); got.status != 200 || strings.TrimSpace(got.body) != fmt.Sprintf(`{"session_identifier":%q,"continue":false}`, first.Key.ID) {
		t.Errorf("a refresh after the sign-out: %d %s", got.status, got.body)
	}
	signIn(w)
	b.bound()
	if next := b.bindings()[0]; next.Key.ID != first.Key.ID || next.RefreshURL == first.RefreshURL {
		t.Errorf("the next session is %+v, the first was %+v", next.Key, first.Key)
	}
}

// TestInFlight: what a page has asked for before its session was bound, or its bound cookie
// replaced, is answered when it comes after that.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	w := b.tab()
	const asked = "/_allauth/browser/v1/account/email"
	binds, answers := s.holds(registers), s.holds(asked)
	w.Open("/account/login")
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	s.waits(registers)
	s.waits(asked)
	binds()
	b.binds()
	answers()
	w.At("/account/", "Hello, ann")
	s.Eventually("the page is answered", func() bool { return len(s.since(0, asked)) > 0 })
	if got := s.since(0, asked)[0]; got.bound != "" || got.status != 200 {
		t.Fatalf("in flight while the session is bound: %v", got)
	}

	s.Clock.Pass(11 * time.Second)
	from, answers := s.mark(), s.holds(asked)
	w.Do("the page asks", chromedp.Evaluate[chromedp.Void](`void (window.asked = `+calling("GET", "/account/email", "")+`)`))
	s.Eventually("the request is under way", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.waiting[asked] > 1
	})
	b.drop()
	is(w, 200, "GET", "/auth/session", "")
	if n := s.refreshed(from); n != 1 {
		t.Fatalf("%d refreshes\n%s", n, s.requests(from))
	}
	answers()
	var got int
	if w.Ask(`window.asked`, &got); got != 200 {
		t.Errorf("in flight while the cookie is replaced: %d\n%s", got, s.requests(from))
	}
}

// ticking has time go on by itself, by a microsecond at a time: no two requests are at once.
func ticking(_ *config.Config, o *server.Options) {
	still, n := o.Now, new(atomic.Int64)
	o.Now = func() time.Time { return still().Add(time.Duration(n.Add(1)) * time.Microsecond) }
}

// TestOneKey: a browser makes one key for a session, however much the page asks for until that is
// registered, and one more in a minute. It makes few signatures in a while, registrations included.
func TestOneKey(t *testing.T) {
	t.Parallel()
	s := newSite(t, ticking)
	b := s.browser(t)
	w, letGo := b.tab(), s.holds(registers)
	signIn(w)
	s.waits(registers)
	s.rests()
	s.Clock.Pass(61 * time.Second)
	var all []int
	w.Ask(`Promise.all([`+calling("GET", "/account/email", "")+`, `+calling("GET", "/account/authenticators", "")+`, `+
		calling("GET", "/auth/session", "")+`, `+calling("GET", "/auth/sessions", "")+`, `+calling("GET", "/account/providers", "")+`])`, &all)
	letGo()
	b.bound()
	s.rests()
	if made := s.since(0, registers); len(made) != 2 {
		t.Errorf("of %v it registers %v", all, made)
	}
}

// TestServerAway: a browser that cannot refresh says so; without a grace period it is answered as
// nobody, with one it reads, and it goes on where it was once the server is back.
func TestServerAway(t *testing.T) {
	t.Parallel()
	for _, grace := range []config.Seconds{0, 120} {
		t.Run(fmt.Sprint(grace), func(t *testing.T) {
			s := newSite(t, func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundGrace = grace })
			b := s.browser(t)
			w := b.member()
			s.fails(true)
			b.expire()
			s.Clock.Pass(s.Config.Session.DeviceBoundAge.Duration() - time.Minute)
			from, reads := s.mark(), 401
			if grace > 0 {
				reads = 200
			}
			is(w, reads, "GET", "/auth/session", "")
			is(w, 401, "POST", "/account/password/change", `{"current_password": "`+pass+`", "new_password": "amber lantern 9"}`)
			for _, r := range s.since(from, "/_allauth/") {
				if r.skipped == "" || r.bound != "" {
					t.Errorf("the browser does not say that it could not refresh: %v", r)
				}
			}
			s.fails(false)
			is(w, 200, "POST", "/account/email", `{"email": "ann@work.example"}`)
			w.Open("/account/")
			w.At("/account/", "Hello, ann")
		})
	}
}

// TestEndedElsewhere: a session that another browser ends is over here, too, and the browser
// learns so when it wants to refresh.
func TestEndedElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here, there := s.browser(t), s.browser(t)
	w, other := here.member(), there.member()
	is(other, 200, "POST", "/account/password/change", `{"current_password": "`+pass+`", "new_password": "amber lantern 9"}`)
	is(w, 401, "GET", "/auth/session", "")
	here.expire()
	is(w, 401, "GET", "/auth/session", "")
	if all := here.bindings(); len(all) != 0 {
		t.Errorf("the browser still knows of %v", all)
	}
	from := s.mark()
	there.expire()
	is(other, 200, "GET", "/auth/session", "")
	if n := s.refreshed(from); n != 1 {
		t.Errorf("%d refreshes of a session whose token was changed\n%s", n, s.requests(from))
	}
}

// TestAllCleared: where sign-outs clear all cookies, the page goes on all the same.
func TestAllCleared(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config, _ *server.Options) { c.Session.DeviceBoundClearSiteData = "cookies" })
	b := s.browser(t)
	w := b.member()
	w.Press("Sign out")
	w.At("/account/login", "Sign in")
	s.Eventually("the browser forgets the session", func() bool { return len(b.bindings()) == 0 })
	w.Fill("E-mail address", ann)
	w.Fill("Password", pass)
	w.Press("Sign in")
	w.At("/account/", "Hello, ann")
	b.bound()
}

// TestRequired: who has bound sessions must go on doing so; who cannot is let alone.
func TestRequired(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "require" })
	within := s.Config.Session.DeviceBoundWithin.Duration() + time.Second
	old := s.plain(t)
	w := old.tab()
	signIn(w)
	s.Clock.Pass(within)
	is(w, 200, "GET", "/auth/session", "")
	if old.cookie(boundCookie) != "" || len(s.since(0, registers)) > 0 {
		t.Errorf("a browser that knows nothing of it binds\n%s", s.requests(0))
	}

	b := s.browser(t)
	w = b.member()
	w.Press("Sign out")
	w.At("/account/login", "Sign in")
	letGo := s.holds(registers) // as if the browser had stopped
	defer letGo()
	signIn(w)
	is(w, 200, "GET", "/auth/session", "")
	s.Clock.Pass(within)
	is(w, 401, "GET", "/auth/session", "")
}
