package servers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
)

// everything says that every story is played by every client behind every balancer.
const everything = "STAGEDOOR_SERVERS"

// everywhere reports whether all is to be played everywhere.
func everywhere() bool { return os.Getenv(everything) != "" }

// profiles are those whose stories are played: between them they have every flow.
func profiles() []string { return []string{"default", "codes", "phone", "username", "required", "jwt"} }

// onlyOnce are stories with names of their own, which a database has once.
func onlyOnce() []string { return []string{"signup/username_like_an_address", "provider_token/names"} }

// waits is the one story that lets time pass here, three seconds: it has a flow that no other
// has. Its profile asks for nothing that default does not.
const waits = "reauthenticate/by_passkey"

// carrier carries the requests of one play to the balancer, and notes who has answered.
type carrier struct {
	http.RoundTripper
	at string
	// before is called before each request, rest waits after it until no letter is on its way,
	// so that two of them arrive in their order; either may be nil.
	before func()
	rest   func(context.Context) error

	mu          sync.Mutex
	last        string
	steps, same int
	by          map[string]int
}

// RoundTrip carries a request.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.before != nil {
		c.before()
	}
	got, err := c.RoundTripper.RoundTrip(r)
	if err == nil && c.rest != nil {
		err = c.rest(r.Context())
	}
	if err != nil {
		return nil, err
	}
	// Of several that nginx has tried it is the last.
	all := strings.Split(got.Header.Get(served), ", ")
	by := all[len(all)-1]
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.steps++; by == c.last {
		c.same++
	}
	c.last = by
	c.by[by]++
	return got, nil
}

// newCarrier reaches an address by whatever name.
func newCarrier(at string, before func()) *carrier {
	c := &carrier{at: at, before: before, by: map[string]int{}}
	c.RoundTripper = &http.Transport{DialContext: c.dial, ResponseHeaderTimeout: patience}
	return c
}

// dial connects to the carrier's address.
func (c *carrier) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{Timeout: patience}).DialContext(ctx, network, c.at)
}

// target plays stories of one profile against the fleet behind its balancer. A story is left
// out that lets time pass, or has a configuration of its own: these servers have neither.
func (f *fleet) target(profile string, c *carrier) player.Target {
	return func(_ context.Context, s *player.Story, _ string) (*player.World, error) {
		text, err := os.ReadFile(s.File)
		if err != nil {
			return nil, err
		}
		switch {
		case s.Profile != profile || len(s.Config) > 0:
			return nil, fmt.Errorf("%w: it wants another configuration", player.ErrSkip)
		case s.Waits() > 0 && s.Name != waits || strings.Contains(string(text), "totp_next"):
			return nil, fmt.Errorf("%w: time would have to pass", player.ErrSkip)
		}
		w := &player.World{
			Base: f.url, Origin: f.url, HTTP: c, Now: time.Now, Pass: pass, Provider: f.provider,
			Messages: func(_ context.Context, to string, _ int) ([]device.Message, error) { return f.inbox.Take(to), nil },
			Add: func(ctx context.Context, a player.Account) (player.Created, error) {
				return stand.Add(ctx, f.inside, a)
			},
		}
		_, err = rand.Read(w.Seed[:])
		return w, err
	}
}

// pass waits, since the servers' clocks are the system's.
func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// plays are the stories of a profile, each by one client that takes turns unless everything is
// to be played; share is which part of them, of how many.
func plays(t *testing.T, profile string, share, of int) []player.Play {
	t.Helper()
	stories, err := player.LoadPaths(filepath.Join(root, "testdata/flows"))
	if err != nil {
		t.Fatal(err)
	}
	var out []player.Play
	n := 0
	for _, s := range stories {
		if s.Name == waits {
			s.Profile = "default"
		}
		if s.Profile != profile {
			continue
		}
		if everywhere() {
			clients := s.Clients
			if slices.Contains(onlyOnce(), s.Name) {
				clients = clients[:1]
			}
			out = append(out, player.Plays([]*player.Story{s}, clients...)...)
			continue
		}
		if n++; n%of == share || s.Name == waits {
			out = append(out, player.Play{Story: s, Client: s.Clients[n/of%len(s.Clients)]})
		}
	}
	return out
}

// replay plays and fails the test where a story departs.
func (f *fleet) replay(c *carrier, profile string, all []player.Play) player.Tally {
	f.t.Helper()
	var tally player.Tally
	c.rest = f.quiet
	player.RunAll(f.t.Context(), all, f.target(profile, c), 1, func(r player.Result) {
		tally.Add(r)
		if !r.Passed && r.Skipped == "" {
			var said strings.Builder
			player.Printer{Out: &said}.Print(r)
			f.t.Error(said.String())
		}
	})
	return tally
}

// flows are the flows of which the database has trails.
func (f *fleet) flows() []string {
	f.t.Helper()
	db, err := pgx.Connect(f.t.Context(), f.database)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }()
	rows, err := db.Query(f.t.Context(), `SELECT DISTINCT flow FROM runs`)
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// stories plays the stories through haproxy and nginx in front of three servers, which take
// turns: each request of a story goes to another server than the one before. All flows are
// among them.
func stories(t *testing.T) {
	var mu sync.Mutex
	// seen says of each flow of the profiles whether a run has gone through it.
	seen := map[string]bool{}
	behindEach(t, func(t *testing.T, proxy string) {
		for _, profile := range profiles() {
			t.Run(profile, func(t *testing.T) {
				for flow, was := range acrossServers(t, proxy, profile) {
					mu.Lock()
					seen[flow] = seen[flow] || was
					mu.Unlock()
				}
			})
		}
	})
	for flow, was := range seen {
		if !was {
			t.Errorf("no story went through %s", flow)
		}
	}
}

// acrossServers plays a share of the stories of a profile behind a balancer and returns the
// flows that there are, and whether runs have gone through each.
func acrossServers(t *testing.T, proxy, profile string) map[string]bool {
	at := freeAddress(t)
	f := newFleet(t, profile, at)
	balance(t, proxy, at, "", f.addresses())
	c := newCarrier(at, nil)
	tally := f.replay(c, profile, plays(t, profile, slices.Index(proxies(), proxy), len(proxies())))
	t.Logf("%s: %d requests, %v", tally, c.steps, c.by)
	if tally.Passed == 0 {
		t.Fatal("no story was played")
	}
	// A balancer of several threads or workers counts for each; a check in between counts too.
	if len(c.by) < 3 || c.same*10 > c.steps+30 {
		t.Errorf("of %d requests %d went to the server of the one before: %v", c.steps, c.same, c.by)
	}
	seen := map[string]bool{}
	for _, flow := range f.inside.Flows().All() {
		seen[string(flow.Graph.Flow)] = false
	}
	for _, flow := range f.flows() {
		seen[flow] = true
	}
	return seen
}
