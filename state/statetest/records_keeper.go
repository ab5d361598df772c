package statetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/engine"
)

// ok fails the test at an error.
func (r *records) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// restore stores an entry for a minute.
func (r *records) restore(key engine.Key, e engine.Entry) bool {
	r.Helper()
	stored, err := r.keeper().Restore(r.Context(), key, e, time.Minute)
	r.ok(err)
	return stored
}

// session makes a signed-in client.
func (r *records) session(hint string) engine.Key {
	r.Helper()
	key := r.key()
	if !r.restore(key, r.moved(hint)) {
		r.Fatal("a session could not be stored under a fresh key")
	}
	return key
}

func testRestore(r *records) {
	k, key := r.keeper(), r.key()
	if !r.restore(key, r.moved("first")) {
		r.Fatal("nothing was stored where nothing was")
	}
	r.want(r.load(key), r.moved("first"))
	if r.restore(key, r.moved("second")) {
		r.Error("a record was replaced")
	}
	r.want(r.load(key), r.moved("first"))

	unversioned, out := r.moved("third"), r.key()
	unversioned.Record.Version, unversioned.SignedOut = 0, true
	r.restore(out, unversioned)
	want := r.moved("third")
	want.SignedOut = true
	r.want(r.load(out), want)
	if _, won := r.swap(engine.Swap{Key: out, From: 1, Record: r.record(2, "on")}); !won {
		r.Error("a record restored without a version cannot be swapped")
	}

	fresh := r.key()
	for name, try := range map[string]func() (bool, error){
		"immortal": func() (bool, error) { return k.Restore(r.Context(), fresh, r.moved("x"), 0) },
		"no key":   func() (bool, error) { return k.Restore(r.Context(), "", r.moved("x"), time.Minute) },
		"tombstone": func() (bool, error) {
			return k.Restore(r.Context(), fresh, engine.Entry{Found: true, Tombstone: &engine.Tombstone{}}, time.Minute)
		},
	} {
		if stored, err := try(); stored || err == nil {
			r.Errorf("%s: stored %v, %v", name, stored, err)
		}
	}
	r.want(r.load(fresh), engine.Entry{})
}

func testRestoreContend(r *records) {
	k, key := r.keeper(), r.key()
	var stored atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			ok, err := k.Restore(r.Context(), key, r.moved(fmt.Sprint(i)), time.Minute)
			if err != nil {
				r.Errorf("restore: %v", err)
			}
			if ok {
				stored.Add(1)
			}
		})
	}
	wg.Wait()
	if stored.Load() != 1 {
		r.Errorf("%d were stored, want 1", stored.Load())
	}
}

// A slow reader cannot bring back a session that was ended.
func testRestoreTombstone(r *records) {
	k, key := r.keeper(), r.session("in")
	r.ok(k.End(r.Context(), key, engine.Tombstone{}))
	if r.restore(key, r.moved("slow")) {
		r.Error("a tombstone was replaced")
	}
	r.want(r.load(key), engine.Entry{Found: true, Tombstone: &engine.Tombstone{}})
}

func testEnd(r *records) {
	k := r.keeper()
	stone := engine.Tombstone{Last: engine.Last{From: 3, Digest: []byte("d")}, Run: "run"}
	for name, key := range map[string]engine.Key{"session": r.session("in"), "pending": r.put("x"), "nothing": r.key()} {
		r.ok(k.End(r.Context(), key, stone))
		r.want(r.load(key), engine.Entry{Found: true, Tombstone: &stone})
		if _, won := r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "late")}); won {
			r.Errorf("%s: a swap revived it", name)
		}
		r.ok(k.SignOut(r.Context(), key))
		r.ok(k.Refresh(r.Context(), key, snapshot(9), 9))
		r.touch(key, "", "x", time.Hour, false)
		r.want(r.load(key), engine.Entry{Found: true, Tombstone: &stone})
	}
}

// Signed out from elsewhere: the next request still finds the record, and drops it.
func testSignOut(r *records) {
	k, key := r.keeper(), r.session("in")
	r.ok(k.SignOut(r.Context(), key))
	r.ok(k.SignOut(r.Context(), key))
	want := r.moved("in")
	want.SignedOut = true
	r.want(r.load(key), want)

	r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "a step in flight")})
	if e := r.load(key); !e.SignedOut || e.Record.Version != 2 {
		r.Errorf("the mark is lost: %+v", e)
	}
	if newer, won := r.swap(engine.Swap{Key: key, From: 1, Drop: true}); won || !newer.SignedOut {
		r.Errorf("won %v, the newer entry is %+v", won, newer)
	}
	if _, won := r.swap(engine.Swap{Key: key, From: 2, Drop: true}); !won {
		r.Error("it could not be dropped")
	}
	r.want(r.load(key), engine.Entry{Found: true, Tombstone: &engine.Tombstone{}})

	absent := r.key()
	r.ok(k.SignOut(r.Context(), absent))
	r.want(r.load(absent), engine.Entry{})
}

func testRefresh(r *records) {
	k, key := r.keeper(), r.session("in") // its snapshot has revision 1
	want := r.moved("in")
	for _, s := range []struct{ revision, holds int64 }{{5, 5}, {4, 5}, {5, 5}, {10, 10}, {9, 10}} {
		r.ok(k.Refresh(r.Context(), key, snapshot(s.revision), s.revision))
		want.Account = snapshot(s.holds)
		r.want(r.load(key), want)
	}
	absent := r.key()
	r.ok(k.Refresh(r.Context(), absent, snapshot(2), 2))
	r.want(r.load(absent), engine.Entry{})

	plain := r.put("x")
	r.ok(k.Refresh(r.Context(), plain, snapshot(1), 1))
	r.want(r.load(plain), engine.Entry{Found: true, Record: r.record(1, "x"), Account: snapshot(1)})
}

// The snapshot of a turn that is older than the one that arrived meanwhile is not stored,
// though its record is.
func testRefreshAndSwap(r *records) {
	k, key := r.keeper(), r.session("in")
	r.ok(k.Refresh(r.Context(), key, snapshot(6), 6))
	if _, won := r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "x"), Account: snapshot(5)}); !won {
		r.Fatal("a refresh changed the version")
	}
	want := r.moved("in")
	want.Record, want.Account = r.record(2, "x"), snapshot(6)
	r.want(r.load(key), want)
	r.ok(k.Refresh(r.Context(), key, snapshot(7), 7))
	want.Account = snapshot(7)
	r.want(r.load(key), want)
}

// touch replaces a ticket, and holds whether that is done.
func (r *records) touch(key engine.Key, from, to string, ttl time.Duration, does bool) {
	r.Helper()
	won, err := r.keeper().Touch(r.Context(), key, from, to, ttl)
	r.ok(err)
	if won != does {
		r.Errorf("a ticket %q takes the place of %q: %t, want %t", to, from, won, does)
	}
}

func testTouch(r *records) {
	key := r.session("in")
	want := r.moved("in")
	r.touch(key, "another", "late", time.Millisecond, false)
	r.want(r.load(key), want)
	r.touch(key, want.Session, "seen", time.Millisecond, true) // never shortens
	want.Session = "seen"
	r.stays(key)
	r.want(r.load(key), want)
	absent := r.key()
	r.touch(absent, "", "seen", time.Minute, false)
	r.want(r.load(absent), engine.Entry{})
}

func testTouchProlongs(r *records) {
	k, key, short := r.keeper(), r.key(), r.key()
	for _, key := range []engine.Key{key, short} {
		if _, err := k.Restore(r.Context(), key, r.moved("in"), 500*time.Millisecond); err != nil {
			r.Fatal(err)
		}
	}
	r.touch(key, r.moved("in").Session, "seen", time.Minute, true)
	r.stays(key)
	r.gone(short)
}
