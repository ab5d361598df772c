package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// kindOf is a kind of client, as the README has it.
type kindOf struct {
	name string
	// change is what its server has otherwise.
	change suite.SetUp
	// come signs somebody up, and returns what asks who is signed in: the client, and somebody who has
	// a copy of all that it would send, but for keys. Nothing where it is not let in.
	come func(t *testing.T, l *suite.Lab) (own, thief func() int)
}

// inBrowsers comes in a browser that binds, or does not.
func inBrowsers(slow bool) func(t *testing.T, l *suite.Lab) (own, thief func() int) {
	return func(t *testing.T, l *suite.Lab) (own, thief func() int) {
		b := browser(l, inside{l.Server}, slow)
		join(t, l, b, "ann@example.org")
		return ownAndThief(t, l, b)
	}
}

// fromPage comes in a browser that binds, by a page of another host: of the same site, or of another.
func fromPage(site string) func(t *testing.T, l *suite.Lab) (own, thief func() int) {
	return func(t *testing.T, l *suite.Lab) (own, thief func() int) {
		b := browser(l, page{inside{l.Server}, site}, false)
		join(t, l, b, "ann@example.org")
		return ownAndThief(t, l, b)
	}
}

// page says of requests where the page is that asks (Fetch metadata).
type page struct {
	inside
	site string
}

// RoundTrip answers a request.
func (p page) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Sec-Fetch-Site", p.site)
	r.Header.Set("Sec-Fetch-Mode", "cors")
	return p.inside.RoundTrip(r)
}

// ownAndThief asks who is signed in in a browser: it, and whoever has the cookies that it has now.
func ownAndThief(t *testing.T, l *suite.Lab, b *device.Browser) (own, thief func() int) {
	const path = headlessBrowser + "/auth/session"
	r, err := http.NewRequest(http.MethodGet, l.Config.Origin()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	copied := b.Cookies.Header(r.URL)
	return func() int { status, _ := send(t, l, b, "GET", path, ""); return status },
		func() int {
			status, _ := send(t, l, inside{l.Server}, "GET", path, "", "Cookie", copied)
			return status
		}
}

// stopped comes in a browser that has bound a session before, and binds no more.
func stopped(t *testing.T, l *suite.Lab) (own, thief func() int) {
	b := browser(l, inside{l.Server}, false)
	join(t, l, b, "ann@example.org")
	if status, body := send(t, l, b, "DELETE", headlessBrowser+"/auth/session", ""); status != http.StatusUnauthorized {
		t.Fatalf("sign-out: %d, %s", status, body)
	}
	b.Slow = true
	join(t, l, b, "bob@example.org")
	return ownAndThief(t, l, b)
}

// byToken comes with a token of a contract, by what sends requests for it.
func byToken(signUp, session string, proves bool) func(t *testing.T, l *suite.Lab) (own, thief func() int) {
	return func(t *testing.T, l *suite.Lab) (own, thief func() int) {
		var by http.RoundTripper = inside{l.Server}
		if proves {
			by = app(t, l)
		}
		status, body := send(t, l, by, "POST", signUp, `{"email":"ann@example.org","password":"`+suite.Password+`"}`)
		if status >= 400 {
			return nil, nil
		}
		var got struct {
			Access string `json:"access_token"`
			Type   string `json:"token_type"`
			Meta   struct {
				Token string `json:"session_token"`
			} `json:"meta"`
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		name, value := "X-Session-Token", got.Meta.Token
		if got.Access != "" {
			name, value = "Authorization", "Bearer "+got.Access
		}
		ask := func(by http.RoundTripper, name, value string) func() int {
			return func() int { status, _ := send(t, l, by, "GET", session, "", name, value); return status }
		}
		owns := ask(by, name, value)
		if proves && got.Access != "" {
			owns = ask(by, name, got.Type+" "+got.Access)
		}
		return owns, ask(inside{l.Server}, name, value)
	}
}

// kindsOfClients are the rows.
func kindsOfClients() []kindOf {
	const app, plain = "/_allauth/app/v1/auth/", "/auth/"
	plainHTTP := func(c *config.Config, _ *server.Options) { c.PublicURL = "http://localhost:8080" }
	anySite := func(c *config.Config, _ *server.Options) { c.Session.CookieSameSite = "none" }
	return []kindOf{
		{"a browser that can bind, over https", nil, inBrowsers(false)},
		{"a page of another host of the site, in such a browser", nil, fromPage("same-site")},
		{"a page of another site, in such a browser, by cookies", anySite, fromPage("cross-site")},
		{"such a browser over http on localhost", plainHTTP, inBrowsers(false)},
		{"a browser that has bound a session before, and does so no more", nil, stopped},
		{"any other browser", nil, inBrowsers(true)},
		{"an app that proves a key (DPoP)", nil, byToken(app+"signup", app+"session", true)},
		{"an app that does not", nil, byToken(app+"signup", app+"session", false)},
		{"a client of the plain contract that proves a key", nil, byToken(plain+"signup", plain+"session", true)},
		{"one that does not", nil, byToken(plain+"signup", plain+"session", false)},
	}
}

// outcome is what became of a client and its thief.
func outcome(t *testing.T, k kindOf, setting string) (client, thief string) {
	t.Helper()
	changes := []suite.SetUp{binding(setting)}
	if k.change != nil {
		changes = append(changes, k.change)
	}
	l := suite.NewLab(t, changes...)
	own, steals := k.come(t, l)
	if own == nil {
		return "is not let in", ""
	}
	at := [3]int{steals(), 0, own()}
	l.Clock.Pass(8*time.Minute + 30*time.Second) // the bound cookie has less than two minutes
	still := own()
	l.Clock.Pass(time.Minute + time.Second)
	at[1] = steals()
	switch {
	case at[2] != http.StatusOK:
		t.Fatalf("%s, %s: the client is answered %d", k.name, setting, at[2])
	case still != http.StatusOK:
		return "is signed out after 5 minutes", ""
	case own() != http.StatusOK:
		t.Fatalf("%s, %s: the client is out", k.name, setting)
	}
	switch [2]int(at[:2]) {
	case [2]int{200, 200}:
		return "is not bound", "the account, as long as the session lives"
	case [2]int{200, 401}:
		return "is bound", "the account for minutes: until the next bound cookie is a minute old, 10 at most"
	case [2]int{401, 401}:
		return "is bound", "nothing"
	}
	t.Fatalf("%s, %s: a thief is answered %v", k.name, setting, at)
	return "", ""
}

// TestReadmeBound tries what each kind of client gets, and holds the README to it.
func TestReadmeBound(t *testing.T) {
	if suite.Raced {
		t.Skip("thirty servers are started: with the race detector that takes a minute")
	}
	t.Parallel()
	var out strings.Builder
	out.WriteString("| client | its session, with `offer` | with `require` | what a copy of its cookies or token opens, with `offer` |\n|---|---|---|---|\n")
	for _, k := range kindsOfClients() {
		if client, _ := outcome(t, k, "off"); client != "is not bound" {
			t.Errorf("%s %s where nothing is offered", k.name, client)
		}
		offered, thief := outcome(t, k, "offer")
		required, _ := outcome(t, k, "require")
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", k.name, offered, required, thief)
	}
	suite.HoldReadme(t, "../../README.md", "<!-- bound: go test ./transport/server -run ReadmeBound -update -->\n", "<!-- end of the bound -->\n", out.String(), *update)
}
