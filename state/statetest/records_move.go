package statetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/engine"
)

// moved is what a client that signed in has under its new key.
func (r *records) moved(hint string) engine.Entry {
	return engine.Entry{Found: true, Record: r.record(1, hint), Account: snapshot(1), Session: hint}
}

// move makes the swap of a sign-in by a run.
func (r *records) move(from engine.Key, version uint64, run string, to engine.Key, hint string) engine.Swap {
	e := r.moved(hint)
	return engine.Swap{
		Key: from, From: version, TTL: time.Minute, Now: r.now,
		Tombstone: engine.Tombstone{Last: engine.Last{From: version, Digest: []byte(hint)}, Run: run, Next: to},
		Move:      &engine.Move{Key: to, Record: e.Record, Account: e.Account, Session: e.Session, TTL: time.Minute},
	}
}

func testMove(r *records) {
	from, to := r.put("pending"), r.key()
	sw := r.move(from, 1, "run", to, "in")
	if _, won := r.swap(sw); !won {
		r.Fatal("the move was lost")
	}
	r.want(r.load(from), engine.Entry{Found: true, Tombstone: &sw.Tombstone})
	r.want(r.load(to), r.moved("in"))
	if _, won := r.swap(engine.Swap{Key: to, From: 1, Record: r.record(2, "on")}); !won {
		r.Error("the record cannot be swapped at its new key")
	}
}

func testMoveFromNothing(r *records) {
	to := r.key()
	if _, won := r.swap(r.move("", 0, "run", to, "in")); !won {
		r.Fatal("a client without a record could not sign in")
	}
	r.want(r.load(to), r.moved("in"))
}

// A move that is lost to another change leaves nothing behind.
func testMoveLost(r *records) {
	from, to := r.put("pending"), r.key()
	r.swap(engine.Swap{Key: from, From: 1, Record: r.record(2, "wrong guess")})
	newer, won := r.swap(r.move(from, 1, "run", to, "late"))
	if won {
		r.Fatal("a move from an old version won")
	}
	r.want(newer, engine.Entry{Found: true, Record: r.record(2, "wrong guess")})
	r.want(r.load(to), engine.Entry{})
	if _, won := r.swap(r.move(from, 2, "run", to, "again")); !won {
		r.Error("the same run could not sign in afterwards")
	}
	r.want(r.load(to), r.moved("again"))
}

// Two submissions of one run both sign in: the record of the one that won stays.
func testMoveTwin(r *records) {
	from, to := r.put("pending"), r.key()
	first := r.move(from, 1, "run", to, "first")
	r.swap(first)
	newer, won := r.swap(r.move(from, 1, "run", to, "second"))
	if won {
		r.Fatal("both have won")
	}
	r.want(newer, engine.Entry{Found: true, Tombstone: &first.Tombstone})
	r.want(r.load(to), r.moved("first"))
}

// The winner's client has gone on already when its twin comes.
func testMoveTwinUsed(r *records) {
	from, to := r.put("pending"), r.key()
	r.swap(r.move(from, 1, "run", to, "first"))
	r.swap(engine.Swap{Key: to, From: 1, Record: r.record(2, "on")})
	want := r.load(to)
	r.swap(r.move(from, 1, "run", to, "second"))
	r.want(r.load(to), want)
}

// Another run of the client has signed in: the loser's record must not stay.
func testMoveOtherRun(r *records) {
	from, one, other := r.put("pending"), r.key(), r.key()
	r.swap(r.move(from, 1, "one", one, "one"))
	newer, won := r.swap(r.move(from, 1, "other", other, "other"))
	if won || newer.Tombstone == nil || newer.Tombstone.Run != "one" {
		r.Errorf("won %v, newer %+v", won, newer)
	}
	r.want(r.load(other), engine.Entry{})
	r.want(r.load(one), r.moved("one"))
}

// A session that was ended at once is not brought back by a twin of its sign-in.
func testMoveRevokedStays(r *records) {
	k := r.keeper()
	from, to := r.put("pending"), r.key()
	r.swap(r.move(from, 1, "run", to, "first"))
	if err := k.End(r.Context(), to, engine.Tombstone{}); err != nil {
		r.Fatal(err)
	}
	r.swap(r.move(from, 1, "run", to, "second"))
	r.want(r.load(to), engine.Entry{Found: true, Tombstone: &engine.Tombstone{}})
}

// Fifty submissions of one run sign in at once: one wins, and its record is there.
func testContendMove(r *records) {
	for range 5 {
		from, to := r.put("pending"), r.key()
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range 50 {
			hint := fmt.Sprint(i)
			wg.Go(func() {
				newer, won, err := r.store.Swap(r.Context(), r.move(from, 1, "run", to, hint))
				switch {
				case err != nil:
					r.Errorf("move: %v", err)
				case won && !winner.CompareAndSwap(nil, hint):
					r.Error("two have won")
				case !won && (newer.Tombstone == nil || newer.Tombstone.Next != to):
					r.Errorf("lost to %+v", newer)
				case !won && !r.load(to).Found:
					r.Error("the winner's record is not there for its twin")
				}
			})
		}
		wg.Wait()
		r.want(r.load(to), r.moved(winner.Load().(string)))
	}
}

// Submissions of one run sign in while others of it are wrong and raise the version:
// each loses, and is tried again on what it was given, until one has won.
func testContendMoveAndTry(r *records) {
	for range 5 {
		from, to := r.put("pending"), r.key()
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range 12 {
			hint := fmt.Sprint(i)
			wg.Go(func() {
				for version := uint64(1); ; {
					sw := r.move(from, version, "run", to, hint)
					if i%2 == 1 && version < 6 {
						sw = engine.Swap{Key: from, From: version, Record: r.record(version+1, hint), TTL: time.Minute, Now: r.now}
					}
					newer, won, err := r.store.Swap(r.Context(), sw)
					switch {
					case err != nil:
						r.Errorf("swap: %v", err)
						return
					case won && sw.Move != nil:
						if !winner.CompareAndSwap(nil, hint) {
							r.Error("two have won")
						}
						return
					case won:
						version++
					case newer.Tombstone != nil:
						return
					default:
						version = newer.Record.Version
					}
				}
			})
		}
		wg.Wait()
		r.want(r.load(to), r.moved(winner.Load().(string)))
	}
}
