package statetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stagedoor/engine"
	"stagedoor/state"
)

// Keeper is what a store of records offers, beside [engine.Store], to the owner of
// signed-in sessions.
type Keeper interface {
	// Restore stores an entry where nothing is stored and reports whether it did.
	Restore(ctx context.Context, key engine.Key, e engine.Entry, ttl time.Duration) (bool, error)
	// End puts a tombstone there, whatever was there.
	End(ctx context.Context, key engine.Key, stone engine.Tombstone) error
	// SignOut marks an existing record.
	SignOut(ctx context.Context, key engine.Key) error
	// Refresh replaces the snapshot of an existing record if the new one is later.
	Refresh(ctx context.Context, key engine.Key, account string, revision int64) error
	// Touch replaces what is kept of the session of an existing record and prolongs it.
	Touch(ctx context.Context, key engine.Key, from, to string, ttl time.Duration) (bool, error)
}

// Records runs the conformance suite of [engine.Store] against the stores that open
// returns, one for every test; they may share what they hold. A store that is a [Keeper]
// is tested as such, too. Keys may outlive their time by four seconds.
func Records(t *testing.T, open func(t *testing.T) engine.Store) {
	test := func(t *testing.T, test func(*records)) {
		test(&records{T: t, store: open(t), now: time.Now().Truncate(time.Millisecond)})
	}
	recordsThatExpire(t, test)
	for name, of := range recordTests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, of)
		})
	}
}

// recordsThatExpire runs the tests that wait for keys to end. They wait together, which
// costs no more than time: of parallel tests, only as many as there are processors go on
// at once.
func recordsThatExpire(t *testing.T, test func(*testing.T, func(*records))) {
	var waiting sync.WaitGroup
	for name, of := range map[string]func(*records){
		"Expires":        testExpires,
		"KeepsTTL":       testKeepsTTL,
		"LimitForgotten": testLimitForgotten,
		"Touch":          testTouch,
		"TouchProlongs":  testTouchProlongs,
	} {
		waiting.Go(func() { t.Run(name, func(t *testing.T) { test(t, of) }) })
	}
	waiting.Wait()
}

// recordTests are the tests that need not wait.
func recordTests() map[string]func(*records) {
	return map[string]func(*records){
		"Absent":              testAbsent,
		"Create":              testCreate,
		"Replace":             testReplace,
		"ReplaceLost":         testReplaceLost,
		"ReplaceKeepsSession": testReplaceKeepsSession,
		"Drop":                testDrop,
		"ContendReplace":      testContendReplace,
		"ContendCreate":       testContendCreate,
		"BadSwaps":            testBadSwaps,
		"WholeRecord":         testWholeRecord,

		"Move":              testMove,
		"MoveFromNothing":   testMoveFromNothing,
		"MoveLost":          testMoveLost,
		"MoveTwin":          testMoveTwin,
		"MoveTwinUsed":      testMoveTwinUsed,
		"MoveOtherRun":      testMoveOtherRun,
		"MoveRevokedStays":  testMoveRevokedStays,
		"ContendMove":       testContendMove,
		"ContendMoveAndTry": testContendMoveAndTry,

		"Limit":           testLimit,
		"LimitSlides":     testLimitSlides,
		"LimitExact":      testLimitExact,
		"LimitWithLoad":   testLimitWithLoad,
		"LimitSeveral":    testLimitSeveral,
		"LimitByAddress":  testLimitByAddress,
		"LimitNone":       testLimitNone,
		"LimitOldClock":   testLimitOldClock,
		"LimitLowered":    testLimitLowered,
		"LimitWindows":    testLimitWindows,
		"GiveOne":         testGiveOne,
		"GiveAll":         testGiveAll,
		"GiveLost":        testGiveLost,
		"GiveWithCreate":  testGiveWithCreate,
		"GiveAlone":       testGiveAlone,
		"CancelledBefore": testCancelledBefore,

		"Restore":          testRestore,
		"RestoreContend":   testRestoreContend,
		"RestoreTombstone": testRestoreTombstone,
		"End":              testEnd,
		"SignOut":          testSignOut,
		"Refresh":          testRefresh,
		"RefreshAndSwap":   testRefreshAndSwap,
	}
}

// records is one test of the suite.
type records struct {
	*testing.T
	store engine.Store
	// now is the time of turns; tests move it.
	now time.Time
}

// keeper returns the store as a Keeper, or skips the test.
func (r *records) keeper() Keeper {
	r.Helper()
	k, ok := r.store.(Keeper)
	if !ok {
		r.Skip("the store keeps no sessions")
	}
	return k
}

// key returns a key that was never used.
func (r *records) key() engine.Key {
	sum := sha256.Sum256([]byte(rand.Text()))
	return engine.Key(hex.EncodeToString(sum[:]))
}

// record makes one with a run whose hint tells it from others.
func (r *records) record(version uint64, hint string) engine.Record {
	return engine.Record{Version: version, Runs: []engine.Run{{
		Slot: engine.SlotLogin, ID: "run", Flow: "login", Node: "password_form", Hint: hint,
		Started: r.now.UnixMilli(), Deadline: r.now.Add(time.Hour).UnixMilli(),
	}}}
}

// load returns the entry under a key, which must be readable.
func (r *records) load(key engine.Key) engine.Entry {
	r.Helper()
	e, refusal, err := r.store.Load(r.Context(), key, nil, r.now)
	if err != nil || refusal != nil {
		r.Fatalf("load: %v, refused %v", err, refusal)
	}
	return e
}

// swap carries out a swap, for a minute unless it says otherwise.
func (r *records) swap(sw engine.Swap) (engine.Entry, bool) {
	r.Helper()
	if sw.TTL == 0 && sw.From == 0 && sw.Key != "" {
		sw.TTL = time.Minute
	}
	if sw.Now.IsZero() {
		sw.Now = r.now
	}
	e, won, err := r.store.Swap(r.Context(), sw)
	if err != nil {
		r.Fatalf("swap: %v", err)
	}
	if won && !cmp.Equal(e, engine.Entry{}) {
		r.Errorf("a swap that won returned an entry: %+v", e)
	}
	return e, won
}

// put makes a record of version 1 under a fresh key.
func (r *records) put(hint string) engine.Key {
	r.Helper()
	key := r.key()
	if _, won := r.swap(engine.Swap{Key: key, Record: r.record(1, hint)}); !won {
		r.Fatal("a record could not be stored under a fresh key")
	}
	return key
}

// want compares an entry; nil and empty are the same.
func (r *records) want(got, want engine.Entry) {
	r.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		r.Errorf("entry (-want +got):\n%s", d)
	}
}

// gone waits until a key has ended by itself.
func (r *records) gone(key engine.Key) {
	r.Helper()
	for deadline := time.Now().Add(6 * time.Second); r.load(key).Found; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatal("it is still there")
		}
	}
}

// stays waits long enough that a key would have ended, and looks that it has not.
func (r *records) stays(key engine.Key) {
	r.Helper()
	time.Sleep(4 * time.Second)
	if !r.load(key).Found {
		r.Error("it has ended")
	}
}

// snapshot is an encoded snapshot of that revision.
func snapshot(revision int64) string {
	return state.Snapshot{Account: "7", Revision: revision, Username: fmt.Sprint("name", revision)}.Encode()
}
