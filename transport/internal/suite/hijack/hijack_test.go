package hijack

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// hijackDepth is how many moves the explorer makes in every order, before the owner's way
// in and all that a stranger can do then. STAGEDOOR_HIJACK, a number, says otherwise.
const hijackDepth = 2

func hijackDepthOf(t *testing.T) int {
	set := os.Getenv("STAGEDOOR_HIJACK")
	switch {
	case set == "" && suite.Raced:
		return 1 // it takes minutes with the race detector
	case set == "":
		return hijackDepth
	}
	n, err := strconv.Atoi(set)
	if err != nil || n < 0 {
		t.Fatalf("STAGEDOOR_HIJACK: not a number of moves (got %q)", set)
	}
	return n
}

// protected are the stores as they are.
func protected(s server.Stores) server.Stores { return s }

// explored explores a configuration and says how much of it there is.
func explored(t *testing.T, f battlefield, guard func(server.Stores) server.Stores, depth int) *explorer {
	began := time.Now()
	e := newExplorer(t, newGround(t, f, guard), depth)
	e.run()
	t.Logf("depth %d: %d states, %d plays, %d moves, %d requests in %v",
		depth, e.states, e.games, e.made, e.requests, time.Since(began).Round(time.Millisecond))
	return e
}

// TestHijack has a stranger and an owner meet in every order of moves: once an account is
// the owner's, because he has been in or his address or number is proved, no move of the
// stranger's opens it, and there is always a way in for the owner.
func TestHijack(t *testing.T) {
	for _, f := range battlefields() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for i, h := range explored(t, f, protected, hijackDepthOf(t)).shortest() {
				if i == 10 {
					t.Error("there are more")
					break
				}
				t.Errorf("%s:\n%s", h.kind(), h)
			}
		})
	}
}

// TestHijackFinds shows holes to the explorer, where nothing is asked of who put a
// credential there: it finds each, by the shortest play there is. A stranger whose session
// was left alone is in at once; otherwise he has to come back.
func TestHijackFinds(t *testing.T) {
	if suite.Raced {
		t.Skip("it takes minutes with the race detector; without -race it runs")
	}
	for name, want := range map[string][]string{
		"default": {
			"password, owner: code, password",
			"provider, owner: reset, provider",
			"own account, second address, owner: code",
			"own account, second address, owner: reset, own code",
		},
		"codes": {
			"password, owner: looked at reset, password",
			"changed address, owner: code, password",
		},
		"phone": {
			"number, owner: number, password",
			"password, owner: reset, own SMS",
		},
		"optional": {
			"password, owner: code",
			"password, connected, owner: reset, connected",
			"password, own address, owner: reset, own code",
			"provider, passkey, owner: the stranger's letter, passkey",
		},
		"email_authentication": {"own account, second address, owner: provider"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := battlefields()
			f := all[slices.IndexFunc(all, func(f battlefield) bool { return f.name == name })]
			depth := hijackDepth
			if name == "codes" || name == "phone" {
				depth = 1 // there are many moves here, and what is wanted is near
			}
			e := explored(t, f, unprotected, depth)
			for _, kind := range want {
				moves := strings.Count(kind, ", ") + 1
				if !slices.ContainsFunc(e.shortest(), func(h hole) bool {
					return strings.HasPrefix(h.kind()+",", kind+",") && len(h.moves) <= moves+1
				}) {
					t.Errorf("not found: %s", kind)
				}
			}
			if t.Failed() {
				for _, h := range e.shortest() {
					t.Logf("%s:\n%s", h.kind(), h)
				}
			}
		})
	}
}

// hijackTime is how long random plays go on in each configuration; STAGEDOOR_WALK, a
// duration, says otherwise.
func hijackTime(t *testing.T) time.Duration {
	d := time.Second
	if set := os.Getenv("STAGEDOOR_WALK"); set != "" {
		var err error
		if d, err = time.ParseDuration(set); err != nil {
			t.Fatalf("STAGEDOOR_WALK: %v", err)
		}
	}
	return d
}

// TestHijackWalk goes where the explorer is too slow to come: long plays of moves at
// random, at whose end the owner comes in and the stranger tries all that he has.
func TestHijackWalk(t *testing.T) {
	for _, f := range battlefields() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w, limit, began, walks, cameIn := newGround(t, f, protected), hijackTime(t), time.Now(), 0, 0
			failed := false
			rapid.Check(t, func(rt *rapid.T) {
				if !failed && time.Since(began) > limit {
					return
				}
				walks++
				g := w.play(t, nil)
				g.swapped = rapid.Bool().Draw(rt, "apps and browsers change places")
				g.wander(rt)
				if g.cameIn {
					cameIn++
				}
				if g.fault != "" {
					failed = true
					rt.Logf("%s", hole{g.moves, g.fault})
					rt.Fatal("this play ends in what must not be") // the same words each time, so that it is made shorter
				}
			})
			if !failed && cameIn == 0 {
				t.Errorf("in %d walks the owner never came in", walks)
			}
			t.Logf("%d walks, %d requests", walks, w.requests)
		})
	}
}

// wander makes moves at random, then has the owner come in and the stranger come back.
func (g *game) wander(rt *rapid.T) {
	all := slices.Concat(plants(), returns(), ways())
	for range rapid.IntRange(1, 8).Draw(rt, "moves") {
		can := slices.DeleteFunc(slices.Clone(all), func(m *move) bool { return !m.can(g) })
		if g.make(rapid.SampledFrom(can).Draw(rt, "move")); g.fault != "" {
			return
		}
	}
	if !g.cameIn {
		g.comeIn(ways())
	}
	g.comeBack(returns())
	if g.fault == "" {
		g.comeIn(ways())
	}
}
