package server

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
)

// shape is all of an answer that may not tell whether an address is taken: status, body
// but for the token in it, and the names of headers and cookies.
func (r *reply) shape() string {
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
func (l *lab) alike(t *testing.T, kind, name string, play func(c *client, email string) []*reply) {
	t.Helper()
	l.member(kind, "taken@"+name)
	// What the owner's own mails have used up of the limits is given time to pass.
	l.clock.pass(time.Hour)
	a := play(l.client(kind), "fresh@"+name)
	l.clock.pass(time.Hour)
	b := play(l.client(kind), "taken@"+name)
	if len(a) != len(b) {
		t.Fatalf("%d answers about a free address, %d about a taken one", len(a), len(b))
	}
	for i := range a {
		if a[i].shape() != b[i].shape() {
			t.Errorf("answer %d, to %s, differs\nfree:  %s\ntaken: %s", i, a[i].what, a[i].shape(), b[i].shape())
		}
	}
}

// TestSignupHidesAccounts signs up with a free and with a taken address and goes on with
// everything a client may do then but for the code itself.
func TestSignupHidesAccounts(t *testing.T) {
	t.Parallel()
	wrong := func(c *client, n int) []*reply {
		var out []*reply
		for i := range n {
			out = append(out, c.verify(fmt.Sprintf("BCDF-%04d", i)), c.session())
		}
		return out
	}
	resend := func(c *client) []*reply {
		return []*reply{c.do("POST", "/auth/email/verify/resend", nil), c.session()}
	}
	info := func(c *client) []*reply {
		return []*reply{c.do("GET", "/auth/email/verify", nil, "X-Email-Verification-Key", "BCDF-GHJK"), c.session()}
	}
	begin := func(c *client, email string) []*reply {
		return []*reply{c.signup(email), c.session(), c.do("GET", "/config", nil), c.factor("123456")}
	}
	conversations := map[string]func(c *client, email string) []*reply{
		"wrong codes": func(c *client, email string) []*reply { return append(begin(c, email), wrong(c, 5)...) },
		"resends": func(c *client, email string) []*reply {
			out := begin(c, email)
			for range 4 {
				out = append(out, resend(c)...)
				c.clock.pass(20 * time.Second)
			}
			return append(out, wrong(c, 4)...)
		},
		"resend at once": func(c *client, email string) []*reply {
			return slices.Concat(begin(c, email), resend(c), wrong(c, 1), resend(c), wrong(c, 3), resend(c))
		},
		"asking for what a code is": func(c *client, email string) []*reply {
			return slices.Concat(begin(c, email), info(c), wrong(c, 1), info(c), info(c))
		},
		"expiry": func(c *client, email string) []*reply {
			out := begin(c, email)
			c.clock.pass(899 * time.Second)
			out = append(out, c.session())
			c.clock.pass(time.Second)
			return slices.Concat(out, []*reply{c.session()}, wrong(c, 1), resend(c))
		},
		"cancelled": func(c *client, email string) []*reply {
			return append(append(begin(c, email), c.logout()), wrong(c, 1)...)
		},
		"a second sign-up": func(c *client, email string) []*reply {
			c.clock.pass(time.Minute)
			out := append(begin(c, email), wrong(c, 1)...)
			c.clock.pass(time.Minute)
			return append(append(out, c.signup("other"+email)), wrong(c, 4)...)
		},
		"bad input": func(c *client, email string) []*reply {
			return []*reply{
				c.do("POST", "/auth/signup", map[string]string{"email": email}),
				c.do("POST", "/auth/signup", map[string]string{"email": email, "password": "short"}),
				c.do("POST", "/auth/signup", map[string]string{"email": strings.ToUpper(email), "password": password}),
			}
		},
	}
	modes := map[string]setUp{
		"by link":              func(*config.Config, *Options) {},
		"by code":              byCode,
		"by code, with limits": func(c *config.Config, o *Options) { byCode(c, o); defaultLimits(c, o) },
	}
	for mode, change := range modes {
		t.Run(mode, func(t *testing.T) {
			kinds(t, func(t *testing.T, kind string) {
				l := newLab(t, change)
				for i, name := range slices.Sorted(maps.Keys(conversations)) {
					t.Run(name, func(t *testing.T) {
						l.alike(t, kind, fmt.Sprintf("talk%d.example.com", i), conversations[name])
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
	kinds(t, func(t *testing.T, kind string) {
		newLab(t, defaultLimits).alike(t, kind, "example.com", func(c *client, email string) []*reply {
			var out []*reply
			for range 8 { // the limit comes in between
				out = append(out, c.do("POST", "/auth/login", map[string]string{"email": email, "password": "not this one 1"}), c.session())
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
	kinds(t, func(t *testing.T, kind string) {
		l := newLab(t)
		l.client(kind).signup("ada@example.com").is(401)
		key := l.code("ada@example.com")
		c := l.client(kind)
		c.signup("ada@example.com").is(401).pending("verify_email")
		c.verify(key).is(401).pending()
		c.session().is(401).pending()
		c.login("ada@example.com").is(200)
	})
}
