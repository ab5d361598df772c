package server

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/state"
)

// many is how many clients do a thing at once.
const many = 50

// atOnce runs f n times at once and returns what each gave.
func atOnce[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			out[i] = f(i)
		})
	}
	runtime.Gosched()
	close(start)
	wg.Wait()
	return out
}

// tally counts answers by status.
func tally(all []*reply) map[int]int {
	n := make(map[int]int)
	for _, r := range all {
		n[r.Status]++
	}
	return n
}

// burst sends the same submission many times at once from one client. All of them have
// read the client's record before any is judged.
func (c *client) burst(method, path string, body func(i int) any) []*reply {
	c.t.Helper()
	c.gate.together(many)
	return atOnce(many, func(i int) *reply { return c.send(method, path, body(i)) })
}

// always is the same body each time.
func always(body any) func(int) any { return func(int) any { return body } }

// sameAnswer fails the test unless all answers are one: status, body, and token.
func sameAnswer(t *testing.T, all []*reply) {
	t.Helper()
	for i, r := range all {
		if r.Status != all[0].Status || r.Raw != all[0].Raw || r.token() != all[0].token() {
			t.Errorf("answer %d is %d %s %.300s\nthe first is %d %s %.300s",
				i, r.Status, r.token(), r.Raw, all[0].Status, all[0].token(), all[0].Raw)
			return
		}
	}
}

// TestSameFactorAtOnce submits one TOTP code, and one recovery code, many times at once
// to the run that waits for it: one session, and everybody is told of it.
func TestSameFactorAtOnce(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		c, secret := l.guarded(kind, "ada@example.com")
		submit := func(code string) {
			t.Helper()
			all := c.burst("POST", "/auth/2fa/authenticate", always(map[string]string{"code": code}))
			sameAnswer(t, all)
			all[0].is(200).user()
			if all[0].token() == "" {
				t.Error("no token")
			}
			if n := l.count(`SELECT count(*) FROM sessions`); n != 1 {
				t.Errorf("%d sessions, want 1", n)
			}
			c.token = all[0].token()
			c.session().is(200)
		}
		submit(l.totp(secret))
		recovery := c.recoveryCodes()
		c.logout().is(401)
		c.login("ada@example.com").is(401)
		submit(recovery[0])
		if left := c.recoveryCodes(); len(left) != len(recovery)-1 {
			t.Errorf("%d recovery codes are left of %d", len(left), len(recovery))
		}
	})
}

// TestSameCodeAtOnce submits the code of a mail many times at once.
func TestSameCodeAtOnce(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode)
		c := l.client(kind)
		c.signup("ada@example.com").is(401)
		all := c.burst("POST", "/auth/email/verify", always(map[string]string{"key": l.code("ada@example.com")}))
		sameAnswer(t, all)
		all[0].is(200).user()
		if n := l.count(`SELECT count(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
		c.token = all[0].token()
		c.session().is(200)
		if n := len(l.mails.to("ada@example.com")); n != 1 {
			t.Errorf("%d mails, want the first code alone", n)
		}
	})
}

// TestSameWrongCodeAtOnce submits one wrong code many times at once: it is one attempt,
// and everybody is told what the winner is.
func TestSameWrongCodeAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	c := l.app()
	c.signup("ada@example.com").is(401)
	all := c.burst("POST", "/auth/email/verify", always(map[string]string{"key": "BCDF-GHJK"}))
	sameAnswer(t, all)
	all[0].is(400, "key:incorrect_code")
	c.verify(l.code("ada@example.com")).is(200)
}

// TestGuessesAtOnce submits different wrong codes, and the right one among them, at once:
// three are judged, the rest come too late, and so does the right one afterwards.
func TestGuessesAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	c := l.app()
	c.signup("ada@example.com").is(401)
	right := l.code("ada@example.com")
	all := c.burst("POST", "/auth/email/verify", func(i int) any {
		return map[string]string{"key": fmt.Sprintf("BCDF-%04d", i)}
	})
	if got, want := tally(all), map[int]int{400: 3, 409: many - 3}; !maps.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	c.verify(right).is(409)
	c.session().is(401).pending()
	c.login("ada@example.com").is(401).pending("verify_email")
}

// TestResendsAtOnce asks for the code many times at once: as many mails go out as may,
// and the code in one of them is right.
func TestResendsAtOnce(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t, byCode)
		c := l.client(kind)
		c.signup("ada@example.com").is(401)
		l.mail("ada@example.com")
		all := c.burst("POST", "/auth/email/verify/resend", always(nil))
		if got, want := tally(all), map[int]int{200: 2, 409: many - 2}; !maps.Equal(got, want) {
			t.Errorf("answers %v, want %v", got, want)
		}
		l.quiet()
		mails := l.mails.to("ada@example.com")
		if len(mails) != 3 {
			t.Fatalf("%d mails, want 3", len(mails))
		}
		r := c.verify(mails[2].Data["code"])
		if r.Status != 200 {
			r.is(400, "key:incorrect_code")
			c.verify(mails[1].Data["code"]).is(200)
		}
	})
}

// TestFirstLoginsAtOnce signs in with the same words on many fresh clients at once: each
// gets a session of its own, for a repetition from elsewhere is a login like any other.
func TestFirstLoginsAtOnce(t *testing.T) {
	t.Parallel()
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		l.member(kind, "ada@example.com").logout()
		clients := make([]*client, many)
		for i := range clients {
			clients[i] = l.client(kind)
		}
		tokens := atOnce(many, func(i int) string {
			r := clients[i].login("ada@example.com")
			if r.Status != 200 {
				t.Errorf("%d: %s", r.Status, r.Raw)
			}
			return r.token()
		})
		slices.Sort(tokens)
		if n := len(slices.Compact(tokens)); n != many || slices.Contains(tokens, "") {
			t.Errorf("%d different tokens, want %d", n, many)
		}
		if n := l.count(`SELECT count(*) FROM sessions`); n != many {
			t.Errorf("%d sessions, want %d", n, many)
		}
		clients[0].logout().is(401)
		for _, c := range clients[1:] {
			c.session().is(200)
		}
	})
}

// TestSameSignupAtOnce signs up with one address on many fresh clients at once: whoever
// verifies it first has it, and none of the others.
func TestSameSignupAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, byCode)
	clients := make([]*client, many)
	for i := range clients {
		clients[i] = l.app()
	}
	all := atOnce(many, func(i int) *reply { return clients[i].signup("ada@example.com") })
	for _, r := range all {
		r.is(401).pending("verify_email")
	}
	l.quiet()
	sent := make(map[state.Template]int)
	code := ""
	for _, m := range l.mails.to("ada@example.com") {
		sent[m.Template]++
		code = m.Data["code"]
	}
	if want := map[state.Template]int{"email_code": many}; !maps.Equal(sent, want) {
		t.Errorf("mails: %s", cmp.Diff(want, sent))
	}
	in := 0
	for _, c := range clients {
		if r := c.verify(code); r.Status == 200 {
			in++
		}
	}
	if in != 1 {
		t.Errorf("the code signs in %d clients, want the one it was made for", in)
	}
	if n := l.count(`SELECT count(*) FROM emails`); n != 1 {
		t.Errorf("%d accounts have the address, want the one that verified it", n)
	}
}

// TestFactorOnTwoClientsAtOnce uses one TOTP code on two clients at once, and then once
// more: it signs in one of them.
func TestFactorOnTwoClientsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c, secret := l.guarded("app", "ada@example.com")
	for range 5 {
		clients := []*client{l.app(), l.app(), l.app()}
		for _, c := range clients {
			c.login("ada@example.com").is(401).pending("mfa_authenticate recovery_codes totp")
		}
		l.clock.pass(time.Minute)
		code := l.totp(secret)
		got := tally(atOnce(2, func(i int) *reply { return clients[i].factor(code) }))
		if want := map[int]int{200: 1, 400: 1}; !maps.Equal(got, want) {
			t.Fatalf("answers %v, want %v", got, want)
		}
		clients[2].factor(code).is(400, "code:incorrect_code")
	}
	l.clock.pass(-4 * time.Minute)
	c.factor(l.totp(secret)).is(400, "code:incorrect_code")
	l.clock.pass(5 * time.Minute)
	c.factor(strings.ReplaceAll(l.totp(secret), "", " ")).is(400, "code:incorrect_code")
	c.factor(" " + l.totp(secret) + " ").is(200)
}
