package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stagedoor/state"
	"stagedoor/transport/internal/suite"
)

// many is how many clients do a thing at once.
const many = 50

// tally counts answers by status.
func tally(all []*suite.Reply) map[int]int {
	n := make(map[int]int)
	for _, r := range all {
		n[r.Status]++
	}
	return n
}

// burst sends the same submission many times at once from one client. All of them have
// read the client's record before any is judged.
func burst(c *suite.Client, method, path string, body func(i int) any) []*suite.Reply {
	c.T.Helper()
	c.Gate.Together(many)
	return suite.AtOnce(many, func(i int) *suite.Reply { return c.Send(method, path, body(i)) })
}

// always is the same body each time.
func always(body any) func(int) any { return func(int) any { return body } }

// sameAnswer fails the test unless all answers are one: status, body, and token.
func sameAnswer(t *testing.T, all []*suite.Reply) {
	t.Helper()
	for i, r := range all {
		if r.Status != all[0].Status || r.Raw != all[0].Raw || r.Token() != all[0].Token() {
			t.Errorf("answer %d is %d %s %.300s\nthe first is %d %s %.300s",
				i, r.Status, r.Token(), r.Raw, all[0].Status, all[0].Token(), all[0].Raw)
			return
		}
	}
}

// TestSameFactorAtOnce submits one TOTP code, and one recovery code, many times at once
// to the run that waits for it: one session, and everybody is told of it.
func TestSameFactorAtOnce(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		c, secret := l.Guarded(kind, "ada@example.com")
		submit := func(code string) {
			t.Helper()
			all := burst(c, "POST", "/auth/2fa/authenticate", always(map[string]string{"code": code}))
			sameAnswer(t, all)
			all[0].Is(200).User()
			if all[0].Token() == "" {
				t.Error("no token")
			}
			if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 {
				t.Errorf("%d sessions, want 1", n)
			}
			c.Token = all[0].Token()
			c.Session().Is(200)
		}
		submit(l.TOTP(secret))
		recovery := c.RecoveryCodes()
		c.Logout().Is(401)
		c.Login("ada@example.com").Is(401)
		submit(recovery[0])
		if left := c.RecoveryCodes(); len(left) != len(recovery)-1 {
			t.Errorf("%d recovery codes are left of %d", len(left), len(recovery))
		}
	})
}

// TestSameCodeAtOnce submits the code of a mail many times at once.
func TestSameCodeAtOnce(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401)
		all := burst(c, "POST", "/auth/email/verify", always(map[string]string{"key": l.Code("ada@example.com")}))
		sameAnswer(t, all)
		all[0].Is(200).User()
		if n := l.Count(`SELECT count(*) FROM sessions`); n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
		c.Token = all[0].Token()
		c.Session().Is(200)
		if n := len(l.Mails.To("ada@example.com")); n != 1 {
			t.Errorf("%d mails, want the first code alone", n)
		}
	})
}

// TestSameWrongCodeAtOnce submits one wrong code many times at once: it is one attempt,
// and everybody is told what the winner is.
func TestSameWrongCodeAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	c := l.App()
	c.Signup("ada@example.com").Is(401)
	all := burst(c, "POST", "/auth/email/verify", always(map[string]string{"key": "BCDF-GHJK"}))
	sameAnswer(t, all)
	all[0].Is(400, "key:incorrect_code")
	c.Verify(l.Code("ada@example.com")).Is(200)
}

// TestGuessesAtOnce submits different wrong codes, and the right one among them, at once:
// three are judged, the rest come too late, and so does the right one afterwards.
func TestGuessesAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	c := l.App()
	c.Signup("ada@example.com").Is(401)
	right := l.Code("ada@example.com")
	all := burst(c, "POST", "/auth/email/verify", func(i int) any {
		return map[string]string{"key": fmt.Sprintf("BCDF-%04d", i)}
	})
	if got, want := tally(all), map[int]int{400: 3, 409: many - 3}; !maps.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
	c.Verify(right).Is(409)
	c.Session().Is(401).Pending()
	c.Login("ada@example.com").Is(401).Pending("verify_email")
}

// TestResendsAtOnce asks for the code many times at once: as many mails go out as may,
// and the code in one of them is right.
func TestResendsAtOnce(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t, suite.ByCode)
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401)
		l.Mail("ada@example.com")
		all := burst(c, "POST", "/auth/email/verify/resend", always(nil))
		if got, want := tally(all), map[int]int{200: 2, 409: many - 2}; !maps.Equal(got, want) {
			t.Errorf("answers %v, want %v", got, want)
		}
		l.Quiet()
		mails := l.Mails.To("ada@example.com")
		if len(mails) != 3 {
			t.Fatalf("%d mails, want 3", len(mails))
		}
		r := c.Verify(mails[2].Data["code"])
		if r.Status != 200 {
			r.Is(400, "key:incorrect_code")
			c.Verify(mails[1].Data["code"]).Is(200)
		}
	})
}

// TestFirstLoginsAtOnce signs in with the same words on many fresh clients at once: each
// gets a session of its own, for a repetition from elsewhere is a login like any other.
func TestFirstLoginsAtOnce(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		l.Member(kind, "ada@example.com").Logout()
		clients := make([]*suite.Client, many)
		for i := range clients {
			clients[i] = l.Client(kind)
		}
		tokens := suite.AtOnce(many, func(i int) string {
			r := clients[i].Login("ada@example.com")
			if r.Status != 200 {
				t.Errorf("%d: %s", r.Status, r.Raw)
			}
			return r.Token()
		})
		slices.Sort(tokens)
		if n := len(slices.Compact(tokens)); n != many || slices.Contains(tokens, "") {
			t.Errorf("%d different tokens, want %d", n, many)
		}
		if n := l.Count(`SELECT count(*) FROM sessions`); n != many {
			t.Errorf("%d sessions, want %d", n, many)
		}
		clients[0].Logout().Is(401)
		for _, c := range clients[1:] {
			c.Session().Is(200)
		}
	})
}

// TestSameSignupAtOnce signs up with one address on many fresh clients at once: whoever
// verifies it first has it, and none of the others.
func TestSameSignupAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t, suite.ByCode)
	clients := make([]*suite.Client, many)
	for i := range clients {
		clients[i] = l.App()
	}
	all := suite.AtOnce(many, func(i int) *suite.Reply { return clients[i].Signup("ada@example.com") })
	for _, r := range all {
		r.Is(401).Pending("verify_email")
	}
	l.Quiet()
	sent := make(map[state.Template]int)
	code := ""
	for _, m := range l.Mails.To("ada@example.com") {
		sent[m.Template]++
		code = m.Data["code"]
	}
	if want := map[state.Template]int{"email_code": many}; !maps.Equal(sent, want) {
		t.Errorf("mails: %s", cmp.Diff(want, sent))
	}
	in := 0
	for _, c := range clients {
		if r := c.Verify(code); r.Status == 200 {
			in++
		}
	}
	if in != 1 {
		t.Errorf("the code signs in %d clients, want the one it was made for", in)
	}
	if n := l.Count(`SELECT count(*) FROM emails`); n != 1 {
		t.Errorf("%d accounts have the address, want the one that verified it", n)
	}
}

// TestFactorOnTwoClientsAtOnce uses one TOTP code on two clients at once, and then once
// more: it signs in one of them.
func TestFactorOnTwoClientsAtOnce(t *testing.T) {
	t.Parallel()
	l := suite.NewLab(t)
	c, secret := l.Guarded("app", "ada@example.com")
	for range 5 {
		clients := []*suite.Client{l.App(), l.App(), l.App()}
		for _, c := range clients {
			c.Login("ada@example.com").Is(401).Pending("mfa_authenticate recovery_codes totp")
		}
		l.Clock.Pass(time.Minute)
		code := l.TOTP(secret)
		got := tally(suite.AtOnce(2, func(i int) *suite.Reply { return clients[i].Factor(code) }))
		if want := map[int]int{200: 1, 400: 1}; !maps.Equal(got, want) {
			t.Fatalf("answers %v, want %v", got, want)
		}
		clients[2].Factor(code).Is(400, "code:incorrect_code")
	}
	l.Clock.Pass(-4 * time.Minute)
	c.Factor(l.TOTP(secret)).Is(400, "code:incorrect_code")
	l.Clock.Pass(5 * time.Minute)
	// It is one code, however it is typed.
	c.Factor(strings.ReplaceAll(l.TOTP(secret), "", " ")).Is(200)
	clients := []*suite.Client{l.App(), l.App()}
	for i, typed := range []string{l.TOTP(secret), " " + l.TOTP(secret) + " "} {
		clients[i].Login("ada@example.com").Is(401)
		clients[i].Factor(typed).Is(400, "code:incorrect_code")
	}
}
