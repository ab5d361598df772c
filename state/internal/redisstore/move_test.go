package redisstore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stagedoor/engine"
)

// contender is one submission that signs in, stopped between any two of its commands.
type contender struct {
	w    *swapping
	name string
	// todo are its commands in the order they reach their servers.
	todo []*call
	over bool
	won  bool
}

// race is everything that happens to one pending record.
type race struct {
	*rapid.T
	s    *Store
	from engine.Key
	runs []string
	all  []*contender
	// version is the pending record's, 0 once a contender has won; used tells that the
	// winner's client has gone on.
	version uint64
	winner  *contender
	used    bool
}

func (r *race) key(run string) engine.Key { return engine.Key("to-" + run + string(r.from)) }

func named(version uint64, name string) engine.Record {
	return engine.Record{Version: version, Runs: []engine.Run{{Slot: engine.SlotLogin, ID: name}}}
}

// start begins a sign-in of one of the runs from the record as it is now.
func (r *race) start() {
	run := rapid.SampledFrom(r.runs).Draw(r.T, "run")
	name := fmt.Sprintf("%s%d", run, len(r.all))
	w, err := r.s.prepare(engine.Swap{
		Key: r.from, From: max(r.version, 1), Now: time.Now(),
		Tombstone: engine.Tombstone{Run: run, Next: r.key(run)},
		Move:      &engine.Move{Key: r.key(run), Record: named(1, name), TTL: time.Minute},
	})
	if err != nil {
		r.Fatal(err)
	}
	c := &contender{w: w, name: name, todo: []*call{w.place, w.swap}}
	if rapid.Bool().Draw(r.T, "other order") { // two servers of a Cluster
		c.todo[0], c.todo[1] = c.todo[1], c.todo[0]
	}
	r.all = append(r.all, c)
}

// advance lets a contender do one thing more.
func (r *race) advance(c *contender) {
	ctx := r.Context()
	if len(c.todo) > 0 {
		now := c.todo[0]
		c.todo = c.todo[1:]
		r.s.do(ctx, nil, now)
		if now != c.w.swap {
			return
		}
		if _, won, err := r.s.compared(r.from, now); err != nil {
			r.Fatal(err)
		} else if won {
			if r.winner != nil || c.w.From != r.version {
				r.Fatalf("%s has won too", c.name)
			}
			r.winner, r.version, c.won = c, 0, true
		}
		return
	}
	c.over = true
	if c.won {
		r.s.prevail(ctx, c.w)
		return
	}
	newer, _, err := r.s.compared(r.from, c.w.swap)
	if err != nil {
		r.Fatal(err)
	}
	if err := r.s.undo(ctx, c.w, newer); err != nil {
		r.Fatal(err)
	}
	if newer.Tombstone != nil && newer.Tombstone.Run == c.w.Tombstone.Run { // a twin answers from the winner's record
		if e, _, err := r.s.Load(ctx, newer.Tombstone.Next, nil, time.Now()); err != nil || !e.Found {
			r.Fatalf("%s lost to its own run and finds no record: %v", c.name, err)
		}
	}
}

// guess is a wrong submission, which raises the version.
func (r *race) guess() {
	_, won, err := r.s.Swap(r.Context(), engine.Swap{Key: r.from, From: r.version, Record: named(r.version+1, "pending"), TTL: time.Minute})
	if err != nil || !won {
		r.Fatalf("guess: won %v, %v", won, err)
	}
	r.version++
}

// use is the winner's client going on, once it has its answer.
func (r *race) use() {
	_, won, err := r.s.Swap(r.Context(), engine.Swap{Key: r.winner.w.Move.Key, From: 1, Record: named(2, "used"), TTL: time.Minute})
	if err != nil || !won {
		r.Fatalf("the winner's client cannot go on: won %v, %v", won, err)
	}
	r.used = true
}

// check looks at the records under the new keys.
func (r *race) check(end bool) {
	for _, run := range r.runs {
		e, _, err := r.s.Load(r.Context(), r.key(run), nil, time.Now())
		if err != nil {
			r.Fatal(err)
		}
		mine := r.winner != nil && r.winner.over && r.winner.w.Tombstone.Run == run
		switch {
		case mine && !e.Found:
			r.Fatalf("the record of %s, who won, is not there", r.winner.name)
		case mine && r.used && e.Record.Runs[0].ID != "used", mine && !r.used && e.Record.Runs[0].ID != r.winner.name:
			r.Fatalf("%s has won and finds the record of %s", r.winner.name, e.Record.Runs[0].ID)
		case end && !mine && e.Found:
			r.Fatalf("a record of run %s was left behind: %+v", run, e)
		}
	}
}

// What tells a placed record from a used one is gone with the first step: it is only
// weight from then on.
func TestMoveLeavesNoClaims(t *testing.T) {
	s := startEmbedded(t, Config{})
	ctx := t.Context()
	move := &engine.Move{Key: "to", Record: named(1, "in"), TTL: time.Minute}
	if _, won, err := s.Swap(ctx, engine.Swap{Move: move}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	if _, won, err := s.Swap(ctx, engine.Swap{Key: "to", From: 1, Record: named(2, "on")}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	if value, err := s.client.Get(ctx, s.recordKey("to")).Result(); err != nil || !strings.HasPrefix(value, "2;") {
		t.Errorf("left is %q, %v", value, err)
	}
}

// However the commands of sign-ins of the same run and of others, wrong guesses between
// them, and the winner's next step are interleaved: at most one wins, its record is the
// one that is found, and nothing is left of the others.
func TestMoveInterleaved(t *testing.T) {
	s := startEmbedded(t, Config{Timeout: 5 * time.Second})
	var n int
	rapid.Check(t, func(rt *rapid.T) {
		n++
		r := &race{T: rt, s: s, from: engine.Key(fmt.Sprint("from", n)), runs: []string{"a", "b"}, version: 1}
		if _, won, err := s.Swap(rt.Context(), engine.Swap{Key: r.from, Record: named(1, "pending"), TTL: time.Minute}); err != nil || !won {
			rt.Fatalf("won %v, %v", won, err)
		}
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0, 1:
				if len(r.all) < 6 {
					r.start()
				}
			case 2:
				if r.version > 0 {
					r.guess()
				}
			case 3:
				if r.winner != nil && r.winner.over && !r.used {
					r.use()
				}
			default:
				if len(r.all) > 0 {
					if c := rapid.SampledFrom(r.all).Draw(rt, "who"); !c.over {
						r.advance(c)
					}
				}
			}
			r.check(false)
		}
		for _, c := range r.all {
			for !c.over {
				r.advance(c)
				r.check(false)
			}
		}
		r.check(true)
	})
}
