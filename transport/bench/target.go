package bench

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Contract names what a server speaks.
type Contract string

// The contracts that journeys are known of.
const (
	// Headless is the contract of django-allauth's headless mode, for apps.
	Headless Contract = "headless"
	// Plain is stagedoor's own, with bearer tokens, which stands at /auth.
	Plain Contract = "rest"
	// Kratos is that of Ory Kratos, its flows for native apps.
	Kratos Contract = "kratos"
	// Hanko is that of Hanko's flow API.
	Hanko Contract = "hanko"
)

// Contracts are all of them.
func Contracts() []Contract { return []Contract{Headless, Plain, Kratos, Hanko} }

// Target is a server under load.
type Target struct {
	// Base is its address, such as http://127.0.0.1:8080.
	Base *url.URL
	// Contract is what it speaks; [Headless] where it is empty.
	Contract Contract
	// Mount is the path under which the contract stands, such as /_allauth.
	Mount string
	// Origin is that of pages on which passkeys are used; the server's own where it is empty.
	Origin string
	// Letters has the mail the server sends, for journeys that need a code; nil where there is none.
	Letters Letters
	// Timeout is how long an answer may take; ten seconds where it is 0.
	Timeout time.Duration

	// now is the time that authenticator apps show codes of, and wait lets it pass.
	now  func() time.Time
	wait func(ctx context.Context, d time.Duration) error
}

// Local reports whether a server is on this machine, by its address alone.
func (t Target) Local() bool {
	name := t.Base.Hostname()
	ip := net.ParseIP(name)
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
}

// complete fills in what was left out.
func (t Target) complete() (Target, error) {
	if t.Base == nil || t.Base.Host == "" || t.Base.Scheme != "http" && t.Base.Scheme != "https" {
		return t, fmt.Errorf("%v is no address of a server, such as http://127.0.0.1:8080", t.Base)
	}
	if t.Contract == "" {
		t.Contract = Headless
	}
	if !slices.Contains(Contracts(), t.Contract) {
		return t, fmt.Errorf("no contract %q; there are %v", t.Contract, Contracts())
	}
	if t.Origin == "" {
		// The names of this machine are one site to the servers that know passkeys.
		t.Origin = t.Base.Scheme + "://" + strings.Replace(t.Base.Host, "127.0.0.1", "localhost", 1)
	}
	if t.Timeout <= 0 {
		t.Timeout = 10 * time.Second
	}
	if t.now == nil {
		t.now, t.wait = time.Now, pause
	}
	t.Mount = "/" + strings.Trim(t.Mount, "/")
	if t.Mount == "/" {
		t.Mount = ""
	}
	return t, nil
}

// journey is what a connection does over and over.
type journey struct {
	name, what string
	// ready makes what walks need: an account, a session. It runs before the load and after a
	// walk that failed, and is not counted. It may be nil.
	ready func(v *visitor) error
	// walk is the journey itself, nil where it is one request.
	walk func(v *visitor) error
	// one is that request, its URL without the server, and the status of its answer.
	one func(v *visitor) (Request, int)
	// codes says that every walk uses up a code of an authenticator app, of which an account
	// has one in half a minute.
	codes bool
}

// once walks it.
func (j journey) once(v *visitor) error {
	if j.walk != nil {
		return j.walk(v)
	}
	r, want := j.one(v)
	_, err := v.step(r.Method+" "+r.URL, r.Method, r.URL, r.Header, []byte(r.Body), want)
	return err
}

// journeys are those of a contract.
func (c Contract) journeys() []journey {
	switch c {
	case Plain:
		return plainJourneys()
	case Kratos:
		return kratosJourneys()
	case Hanko:
		return hankoJourneys()
	default:
		return headlessJourneys()
	}
}

// find is the journey of a name.
func (c Contract) find(name string) (journey, error) {
	var names []string
	for _, j := range c.journeys() {
		if j.name == name {
			return j, nil
		}
		names = append(names, j.name)
	}
	return journey{}, fmt.Errorf("no journey %q of the contract %s; there are %s", name, c, strings.Join(names, ", "))
}

// Journeys are the names of what can be walked under a contract, each with what it is.
func (c Contract) Journeys() [][2]string {
	var out [][2]string
	for _, j := range c.journeys() {
		out = append(out, [2]string{j.name, j.what})
	}
	return out
}

// Probe asks a server for one answer, so that a wrong address is told from a slow server.
func (t Target) Probe(ctx context.Context) error {
	t, err := t.complete()
	if err != nil {
		return err
	}
	c := newConn(t.Base, t.Timeout)
	defer c.hangUp()
	_, err = c.send(ctx, encode(nil, "GET", c.host, t.Mount+"/", nil, nil))
	return err
}
