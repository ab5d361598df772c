package stand_test

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/player"
	"stagedoor/transport/internal/stand"
	"stagedoor/transport/server"
)

// flows is where the fixtures are.
const flows = "../../../testdata/flows"

// replay is what came of all fixtures.
type replay struct {
	plays []player.Play
	// text is what was printed, failed what departs.
	text   string
	failed []string
	took   time.Duration
	// atlas has the edges of every server and the ways of every run.
	atlas *atlas
	err   error
}

// replayed is the first replay of all fixtures, under the race detector of every third. Several tests look at it, so it is made once.
var replayed = sync.OnceValue(func() *replay {
	a := &atlas{
		flows: make(map[way][]engine.FlowID), taken: make(map[way][]player.Play), live: make(map[way]bool), graphs: make(map[string]engine.Graph), heard: &listener{},
	}
	stories, err := player.LoadPaths(flows)
	if err != nil {
		return &replay{err: err}
	}
	plays := player.Plays(stories)
	if raced {
		some := plays[:0]
		for i := 0; i < len(plays); i += 3 {
			some = append(some, plays[i])
		}
		plays = some
	}
	return replayAll(plays, a)
})

// firstReplay is the first replay of all fixtures, each of which must pass.
func firstReplay(t *testing.T) *replay {
	t.Helper()
	r := replayed()
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, story := range r.failed {
		t.Error(story)
	}
	return r
}

// replayAll plays every play, and has the atlas note what they take if there is one; else their servers
// offer to bind sessions.
func replayAll(plays []player.Play, a *atlas) *replay {
	began := time.Now()
	r := &replay{plays: plays, atlas: a}
	target := player.Target(offering)
	if a != nil {
		target = a.watched
	}
	var text bytes.Buffer
	printer := player.Printer{Out: &text, Verbose: true}
	player.RunAll(context.Background(), plays, target, runtime.GOMAXPROCS(0), func(one player.Result) {
		printer.Print(one)
		if !one.Passed {
			var story bytes.Buffer
			player.Printer{Out: &story}.Print(one)
			r.failed = append(r.failed, story.String())
		}
	})
	r.text, r.took = text.String(), time.Since(began)
	return r
}

// watched is a target whose servers tell the atlas what runs do.
func (a *atlas) watched(ctx context.Context, s *player.Story, client string) (*player.World, error) {
	var set *engine.Set
	play := player.Play{Story: s, Client: client}
	world, err := stand.New(stand.Config{Change: func(_ *config.Config, o *server.Options) {
		told := o.Observe
		o.Change = func(s *engine.Set) error { set = s; a.chart(s); return nil }
		o.Observe = func(ctx context.Context, turn engine.TurnEvent) {
			told(ctx, turn)
			a.note(set, turn, play)
		}
	}})(ctx, s, client)
	if err == nil {
		world.HTTP = &tap{to: world.HTTP, play: play, heard: a.heard}
	}
	return world, err
}

// listsCookies has the stories that list every cookie a browser is given: over https it is given one more.
var listsCookies = []string{"mfa_trust/named", "passkey_login/signed_in"}

// offering is a target whose servers offer to bind sessions to a key, to browsers as well, where a story
// says nothing of that: nobody in it can.
func offering(ctx context.Context, s *player.Story, client string) (*player.World, error) {
	return stand.New(stand.Config{Change: func(c *config.Config, _ *server.Options) {
		if len(s.Binds) > 0 || c.Session.DeviceBound != "off" {
			return
		}
		c.Session.DeviceBound = "offer"
		if !slices.Contains(listsCookies, s.Name) {
			c.PublicURL, c.MFA.WebAuthnAllowInsecureOrigin = strings.Replace(c.Origin(), "http://", "https://", 1), false
		}
	}})(ctx, s, client)
}

// TestFlows replays every fixture, and then all of them once more with servers that offer to bind sessions:
// what is printed is the same to the byte, no matter who watches, and whoever knows nothing of binding is
// answered as ever. Under the race detector, which looks for other things, once is enough.
func TestFlows(t *testing.T) {
	once := firstReplay(t)
	t.Logf("%d plays in %v", len(once.plays), once.took.Round(time.Millisecond))
	if raced {
		return
	}
	twice := replayAll(once.plays, nil)
	for _, story := range twice.failed {
		t.Error(story)
	}
	if once.text != twice.text {
		t.Errorf("two plays of the same stories differ at byte %d", firstDifference(once.text, twice.text))
	}
}

func firstDifference(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
