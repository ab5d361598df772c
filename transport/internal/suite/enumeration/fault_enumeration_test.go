package enumeration

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// shape is all of an answer that may not tell whether an address is taken: status, body
// but for the token in it, and the names of headers and cookies.
func shape(r *suite.Reply) string {
	body := r.Raw
	if r.Meta.Token != "" {
		body = strings.ReplaceAll(body, r.Meta.Token, "TOKEN")
	}
	var cookies []string
	for _, k := range (&http.Response{Header: r.Header}).Cookies() {
		k.Value = strings.Repeat("x", len(k.Value))
		k.Expires = time.Time{}
		k.RawExpires = ""
		cookies = append(cookies, k.String())
	}
	slices.Sort(cookies)
	headers := slices.Sorted(maps.Keys(r.Header))
	return fmt.Sprintf("%d %s\n%q\n%q", r.Status, body, cookies, headers)
}

// alike plays one conversation twice, with an address that is free and with one that is
// taken, and fails where an answer differs.
func alike(l *suite.Lab, t *testing.T, kind, name string, play func(c *suite.Client, email string) []*suite.Reply) {
	t.Helper()
	l.Member(kind, "taken@"+name)
	// What the owner's own mails have used up of the limits is given time to pass.
	l.Clock.Pass(time.Hour)
	a := play(l.Client(kind), "fresh@"+name)
	l.Clock.Pass(time.Hour)
	b := play(l.Client(kind), "taken@"+name)
	if len(a) != len(b) {
		t.Fatalf("%d answers about a free address, %d about a taken one", len(a), len(b))
	}
	for i := range a {
		if shape(a[i]) != shape(b[i]) {
			t.Errorf("answer %d, to %s, differs\nfree:  %s\ntaken: %s", i, a[i].What, shape(a[i]), shape(b[i]))
		}
	}
}

// TestSignupHidesAccounts signs up with a free and with a taken address and goes on with
// everything a client may do then but for the code itself.
func TestSignupHidesAccounts(t *testing.T) {
	t.Parallel()
	wrong := func(c *suite.Client, n int) []*suite.Reply {
		var out []*suite.Reply
		for i := range n {
			out = append(out, c.Verify(fmt.Sprintf("BCDF-%04d", i)), c.Session())
		}
		return out
	}
	resend := func(c *suite.Client) []*suite.Reply {
		return []*suite.Reply{c.Do("POST", "/auth/email/verify/resend", nil), c.Session()}
	}
	info := func(c *suite.Client) []*suite.Reply {
		return []*suite.Reply{c.Do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "BCDF-GHJK"), c.Session()}
	}
	begin := func(c *suite.Client, email string) []*suite.Reply {
		return []*suite.Reply{c.Signup(email), c.Session(), c.Do("GET", "/config", nil), c.Factor("123456")}
	}
	conversations := map[string]func(c *suite.Client, email string) []*suite.Reply{
		"wrong codes": func(c *suite.Client, email string) []*suite.Reply { return append(begin(c, email), wrong(c, 5)...) },
		"resends": func(c *suite.Client, email string) []*suite.Reply {
			out := begin(c, email)
			for range 4 {
				out = append(out, resend(c)...)
				c.Clock.Pass(20 * time.Second)
			}
			return append(out, wrong(c, 4)...)
		},
		"resend at once": func(c *suite.Client, email string) []*suite.Reply {
			return slices.Concat(begin(c, email), resend(c), wrong(c, 1), resend(c), wrong(c, 3), resend(c))
		},
		"asking for what a code is": func(c *suite.Client, email string) []*suite.Reply {
			return slices.Concat(begin(c, email), info(c), wrong(c, 1), info(c), info(c))
		},
		"expiry": func(c *suite.Client, email string) []*suite.Reply {
			out := begin(c, email)
			c.Clock.Pass(899 * time.Second)
			out = append(out, c.Session())
			c.Clock.Pass(time.Second)
			return slices.Concat(out, []*suite.Reply{c.Session()}, wrong(c, 1), resend(c))
		},
		"cancelled": func(c *suite.Client, email string) []*suite.Reply {
			return append(append(begin(c, email), c.Logout()), wrong(c, 1)...)
		},
		"a second sign-up": func(c *suite.Client, email string) []*suite.Reply {
			c.Clock.Pass(time.Minute)
			out := append(begin(c, email), wrong(c, 1)...)
			c.Clock.Pass(time.Minute)
			return append(append(out, c.Signup("other"+email)), wrong(c, 4)...)
		},
		"bad input": func(c *suite.Client, email string) []*suite.Reply {
			return []*suite.Reply{
				c.Do("POST", "/auth/signup", map[string]string{"email": email}),
				c.Do("POST", "/auth/signup", map[string]string{"email": email, "password": "short"}),
				c.Do("POST", "/auth/signup", map[string]string{"email": strings.ToUpper(email), "password": suite.Password}),
			}
		},
	}
	modes := map[string]suite.SetUp{
		"by link":              func(*config.Config, *server.Options) {},
		"by code":              suite.ByCode,
		"by code, with limits": func(c *config.Config, o *server.Options) { suite.ByCode(c, o); suite.DefaultLimits(c, o) },
	}
	for mode, change := range modes {
		t.Run(mode, func(t *testing.T) {
			suite.Kinds(t, func(t *testing.T, kind string) {
				l := suite.NewLab(t, change)
				for i, name := range slices.Sorted(maps.Keys(conversations)) {
					t.Run(name, func(t *testing.T) {
						alike(l, t, kind, fmt.Sprintf("talk%d.example.com", i), conversations[name])
					})
				}
			})
		})
	}
}

// TestLoginHidesAccounts logs in to an account that is there and to one that is not, with
// a password that is wrong.
func TestLoginHidesAccounts(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		alike(suite.NewLab(t, suite.DefaultLimits), t, kind, "example.com", func(c *suite.Client, email string) []*suite.Reply {
			var out []*suite.Reply
			for range 8 { // the limit comes in between
				out = append(out, c.Do("POST", "/auth/login", map[string]string{"email": email, "password": "not this one 1"}), c.Session())
			}
			return out
		})
	})
}

// TestLinkOfTheFirstSignup signs up twice with one address and opens the link of the
// first mail where the second sign-up only pretends to wait: it is as good there as
// anywhere, and signs nobody in.
func TestLinkOfTheFirstSignup(t *testing.T) {
	t.Parallel()
	suite.Kinds(t, func(t *testing.T, kind string) {
		l := suite.NewLab(t)
		l.Client(kind).Signup("ada@example.com").Is(401)
		key := l.Code("ada@example.com")
		c := l.Client(kind)
		c.Signup("ada@example.com").Is(401).Pending("verify_email")
		c.Verify(key).Is(401).Pending()
		c.Session().Is(401).Pending()
		c.Login("ada@example.com").Is(200)
	})
}
