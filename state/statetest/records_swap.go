package statetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/engine"
)

func testAbsent(r *records) {
	r.want(r.load(r.key()), engine.Entry{})
	r.want(r.load(""), engine.Entry{})
}

func testCreate(r *records) {
	key := r.put("first")
	r.want(r.load(key), engine.Entry{Found: true, Record: r.record(1, "first")})
	newer, won := r.swap(engine.Swap{Key: key, Record: r.record(1, "second")})
	if won {
		r.Error("a swap from version 0 replaced a record")
	}
	r.want(newer, engine.Entry{Found: true, Record: r.record(1, "first")})
	r.want(r.load(key), newer)
}

func testReplace(r *records) {
	key := r.put("first")
	for v := uint64(1); v < 12; v++ { // past 9, so that versions are not compared as text
		if _, won := r.swap(engine.Swap{Key: key, From: v, Record: r.record(v+1, "next")}); !won {
			r.Fatalf("swap from version %d was lost", v)
		}
	}
	r.want(r.load(key), engine.Entry{Found: true, Record: r.record(12, "next")})
}

func testReplaceLost(r *records) {
	key := r.put("first")
	second := r.record(2, "second")
	second.Last = engine.Last{From: 1, Digest: []byte{0, 1, 0xff, '"'}}
	r.swap(engine.Swap{Key: key, From: 1, Record: second})
	for _, from := range []uint64{0, 1, 3, 20, 22} {
		newer, won := r.swap(engine.Swap{Key: key, From: from, Record: r.record(from+1, "late")})
		if won {
			r.Errorf("a swap from version %d replaced version 2", from)
		}
		r.want(newer, engine.Entry{Found: true, Record: second})
	}
	newer, won := r.swap(engine.Swap{Key: r.key(), From: 4, Record: r.record(5, "late")})
	if won {
		r.Error("a swap from version 4 won where nothing was")
	}
	r.want(newer, engine.Entry{})
}

// Steps write the record alone: what is kept beside it stays, unless the swap brings a
// snapshot.
func testReplaceKeepsSession(r *records) {
	key := r.key()
	r.swap(engine.Swap{Move: &engine.Move{
		Key: key, Record: r.record(1, "in"), Account: snapshot(3), Session: `{"id":9}`, TTL: time.Minute,
	}})
	r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "step")})
	want := engine.Entry{Found: true, Record: r.record(2, "step"), Account: snapshot(3), Session: `{"id":9}`}
	r.want(r.load(key), want)

	r.swap(engine.Swap{Key: key, From: 2, Record: r.record(3, "step"), Account: snapshot(4)})
	want.Record, want.Account = r.record(3, "step"), snapshot(4)
	r.want(r.load(key), want)

	r.swap(engine.Swap{Key: key, From: 3, Record: r.record(4, "step"), Account: snapshot(2)})
	want.Record = r.record(4, "step")
	r.want(r.load(key), want)
}

func testDrop(r *records) {
	key := r.put("first")
	stone := engine.Tombstone{Last: engine.Last{From: 1, Digest: []byte("digest")}, Run: "run"}
	if newer, won := r.swap(engine.Swap{Key: key, From: 2, Drop: true, Tombstone: stone}); won || newer.Tombstone != nil {
		r.Errorf("a drop from another version won: %+v", newer)
	}
	if _, won := r.swap(engine.Swap{Key: key, From: 1, Drop: true, Tombstone: stone}); !won {
		r.Fatal("the drop was lost")
	}
	want := engine.Entry{Found: true, Tombstone: &stone}
	r.want(r.load(key), want)
	for _, from := range []uint64{0, 1, 2} {
		newer, won := r.swap(engine.Swap{Key: key, From: from, Record: r.record(from+1, "late")})
		if won {
			r.Errorf("a swap from version %d replaced a tombstone", from)
		}
		r.want(newer, want)
	}
}

// Fifty turns loaded one version: one wins, the others are given what it stored.
func testContendReplace(r *records) {
	key := r.put("first")
	r.contend(key, 1)
}

func testContendCreate(r *records) { r.contend(r.key(), 0) }

func (r *records) contend(key engine.Key, from uint64) {
	r.Helper()
	const turns = 50
	var wg sync.WaitGroup
	var winner atomic.Int64
	newer := make([]engine.Entry, turns)
	for i := range turns {
		wg.Go(func() {
			sw := engine.Swap{Key: key, From: from, Record: r.record(from+1, fmt.Sprint(i)), TTL: time.Minute, Now: r.now}
			e, won, err := r.store.Swap(r.Context(), sw)
			if err != nil {
				r.Errorf("swap %d: %v", i, err)
			}
			if won && !winner.CompareAndSwap(0, int64(i+1)) {
				r.Errorf("swap %d won too", i)
			}
			newer[i] = e
		})
	}
	wg.Wait()
	if winner.Load() == 0 {
		r.Fatal("nobody won")
	}
	want := engine.Entry{Found: true, Record: r.record(from+1, fmt.Sprint(winner.Load()-1))}
	r.want(r.load(key), want)
	for i, e := range newer {
		if int64(i+1) != winner.Load() {
			r.want(e, want)
		}
	}
}

func testExpires(r *records) {
	key := r.key()
	r.swap(engine.Swap{Key: key, Record: r.record(1, "short"), TTL: 300 * time.Millisecond})
	if !r.load(key).Found {
		r.Fatal("it has ended at once")
	}
	r.gone(key)
	if _, won := r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "late"), TTL: time.Minute}); won {
		r.Error("a swap brought back a record that had ended")
	}
}

func testKeepsTTL(r *records) {
	short, long := r.key(), r.key()
	r.swap(engine.Swap{Key: short, Record: r.record(1, "short"), TTL: 300 * time.Millisecond})
	r.swap(engine.Swap{Key: short, From: 1, Record: r.record(2, "as it is")})
	r.swap(engine.Swap{Key: long, Record: r.record(1, "short"), TTL: 300 * time.Millisecond})
	r.swap(engine.Swap{Key: long, From: 1, Record: r.record(2, "longer"), TTL: time.Minute})
	r.stays(long)
	r.gone(short)
}

// A swap that makes no sense is an error and changes nothing.
func testBadSwaps(r *records) {
	key := r.put("first")
	fresh := r.key()
	bad := map[string]engine.Swap{
		"no key":             {From: 1, Record: r.record(2, "x"), TTL: time.Minute},
		"no key to drop":     {From: 1, Drop: true, Refunds: []engine.Refund{{Take: r.limit(1, time.Minute)}}},
		"version skipped":    {Key: key, From: 1, Record: r.record(3, "x"), TTL: time.Minute},
		"version kept":       {Key: key, From: 1, Record: r.record(1, "x"), TTL: time.Minute},
		"new and immortal":   {Key: fresh, Record: r.record(1, "x")},
		"moved to nowhere":   {Key: key, From: 1, Move: &engine.Move{Record: r.record(1, "x"), TTL: time.Minute}},
		"moved and immortal": {Key: key, From: 1, Move: &engine.Move{Key: fresh, Record: r.record(1, "x")}},
		"moved as version 0": {Key: key, From: 1, Move: &engine.Move{Key: fresh, TTL: time.Minute}},
	}
	for name, sw := range bad {
		sw.Now = r.now
		if _, won, err := r.store.Swap(r.Context(), sw); err == nil || won {
			r.Errorf("%s: won %v, error %v", name, won, err)
		}
	}
	r.want(r.load(key), engine.Entry{Found: true, Record: r.record(1, "first")})
	r.want(r.load(fresh), engine.Entry{})
}

// Whatever a record may hold comes back as it was.
func testWholeRecord(r *records) {
	rec := engine.Record{
		Version: 1<<53 + 1,
		Last:    engine.Last{From: 1 << 53, Digest: []byte{0, 0xff, 0x80, '\n'}},
		Runs: []engine.Run{{
			Slot: engine.SlotLogin, ID: "a", Flow: "login", Fingerprint: "p", Node: "n", As: "m", Subject: "9007199254740991", Epoch: 4,
			Started: 1, Deadline: 2, Until: 3, Tries: 2, Acts: map[string]int{"resend": 2},
			Trail: engine.Trail{{Node: "a", Exit: "ok"}, {Node: "b", Exit: "due", Reason: "totp=1"}},
			Hint:  "Zoë \u2028 \"'\\ \x00 \U0001F511 <&>", Data: []byte(`{"x":[1,2,{"y":null}]}`),
		}, {Slot: engine.SlotEmail, ID: "b", Deadline: 9}},
		Methods: []engine.Method{{Method: "password", At: 5, Email: "a@b.example", Reauthenticated: true}},
	}
	key := r.key()
	move := engine.Move{Key: key, Record: rec, Account: "not json \x00\xff", Session: "\r\n$-1\r\n", TTL: time.Minute}
	r.swap(engine.Swap{Move: &move})
	r.want(r.load(key), engine.Entry{Found: true, Record: rec, Account: move.Account, Session: move.Session})
	rec.Version++
	if _, won := r.swap(engine.Swap{Key: key, From: rec.Version - 1, Record: rec}); !won {
		r.Error("a large version was not recognised")
	}
}
