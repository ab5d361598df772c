package statetest

import (
	"sync"
	"sync/atomic"
	"time"

	"stagedoor/engine"
)

// limit makes a limit of its own.
func (r *records) limit(most int, per time.Duration) engine.Take {
	return engine.Take{Key: "test:" + string(r.key()), Max: most, Per: per}
}

// take uses limits up, at the test's time.
func (r *records) take(take ...engine.Take) *engine.Refusal {
	r.Helper()
	refusal, err := r.store.Take(r.Context(), take, r.now)
	if err != nil {
		r.Fatalf("take: %v", err)
	}
	return refusal
}

// left counts how often a limit can be used now, and uses it up by that.
func (r *records) left(take engine.Take) int {
	r.Helper()
	for n := 0; ; n++ {
		if r.take(take) != nil {
			return n
		}
	}
}

func (r *records) wantLeft(take engine.Take, want int) {
	r.Helper()
	if got := r.left(take); got != want {
		r.Errorf("%d uses were left, want %d", got, want)
	}
}

func testLimit(r *records) {
	take := r.limit(3, time.Minute)
	for i := range 3 {
		if refusal := r.take(take); refusal != nil {
			r.Fatalf("use %d was refused", i)
		}
		r.now = r.now.Add(time.Second)
	}
	refusal := r.take(take)
	if refusal == nil {
		r.Fatal("the fourth use was allowed")
	}
	if refusal.Take != take || refusal.After != 57*time.Second {
		r.Errorf("refused by %+v for %v, want the limit for 57s", refusal.Take, refusal.After)
	}
}

// Each use counts for exactly the window, and one that was refused does not.
func testLimitSlides(r *records) {
	take, start := r.limit(2, time.Minute), r.now
	at := func(ms int) *engine.Refusal {
		r.now = start.Add(time.Duration(ms) * time.Millisecond)
		return r.take(take)
	}
	steps := []struct {
		ms      int
		allowed bool
		after   time.Duration
	}{
		{0, true, 0}, {20_000, true, 0}, {59_999, false, time.Millisecond}, {60_000, true, 0},
		{60_001, false, 19_999 * time.Millisecond}, {79_999, false, time.Millisecond}, {80_000, true, 0},
		{200_000, true, 0}, {200_000, true, 0}, {200_000, false, time.Minute},
	}
	for _, s := range steps {
		refusal := at(s.ms)
		if (refusal == nil) != s.allowed || (refusal != nil && refusal.After != s.after) {
			r.Errorf("at %d ms: refusal %+v, want allowed %v or after %v", s.ms, refusal, s.allowed, s.after)
		}
	}
}

// Two hundred at once: five are allowed, neither more nor fewer.
func testLimitExact(r *records) {
	take := r.limit(5, time.Minute)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			refusal, err := r.store.Take(r.Context(), []engine.Take{take}, r.now.Add(time.Duration(i%7)*time.Millisecond))
			if err != nil {
				r.Errorf("take: %v", err)
			} else if refusal == nil {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 5 {
		r.Errorf("%d uses were allowed, want 5", allowed.Load())
	}
}

// A refusal comes together with the entry.
func testLimitWithLoad(r *records) {
	key, take := r.put("first"), r.limit(1, time.Minute)
	for i := range 2 {
		e, refusal, err := r.store.Load(r.Context(), key, []engine.Take{take}, r.now)
		if err != nil || (refusal == nil) != (i == 0) {
			r.Fatalf("load %d: refusal %+v, %v", i, refusal, err)
		}
		r.want(e, engine.Entry{Found: true, Record: r.record(1, "first")})
	}
	e, refusal, err := r.store.Load(r.Context(), "", []engine.Take{take}, r.now)
	if err != nil || refusal == nil || e.Found {
		r.Errorf("limits alone: %+v, refusal %+v, %v", e, refusal, err)
	}
}

// Where one of several refuses, the others are as they were.
func testLimitSeveral(r *records) {
	wide, narrow, other := r.limit(5, time.Minute), r.limit(1, time.Minute), r.limit(5, time.Hour)
	if r.take(wide, narrow, other) != nil {
		r.Fatal("the first use was refused")
	}
	for range 3 {
		r.now = r.now.Add(time.Millisecond)
		if refusal := r.take(wide, narrow, other); refusal == nil || refusal.Take != narrow {
			r.Fatalf("refusal %+v, want by the narrow one", refusal)
		}
	}
	r.wantLeft(wide, 4)
	r.wantLeft(other, 4)

	if refusal := r.take(narrow, other); refusal == nil || refusal.Take != narrow || refusal.After < 59*time.Minute {
		r.Errorf("refusal %+v, want the first one, for as long as the longest lasts", refusal)
	}
}

// What counts the client's address goes on counting where a limit behind it refuses, and
// not where one before it does.
func testLimitByAddress(r *records) {
	address, name := r.limit(4, time.Minute), r.limit(1, time.Minute)
	address.By, name.By = "ip", "key"
	for i := range 3 {
		r.now = r.now.Add(time.Millisecond)
		if refusal := r.take(address, name); (refusal == nil) != (i == 0) {
			r.Fatalf("use %d: refusal %+v", i, refusal)
		}
		if i > 0 && r.take(name, address) == nil {
			r.Fatal("the name allowed a second use")
		}
	}
	r.wantLeft(address, 1)
	if refusal := r.take(address, name); refusal == nil || refusal.Take != address {
		r.Errorf("refusal %+v, want by the address", refusal)
	}
}

func testLimitNone(r *records) {
	if refusal := r.take(); refusal != nil {
		r.Errorf("no limit at all refused: %+v", refusal)
	}
	for _, most := range []int{0, -1} {
		if refusal := r.take(r.limit(most, time.Minute)); refusal == nil || refusal.After <= 0 {
			r.Errorf("a limit of %d allowed a use, or forever: %+v", most, refusal)
		}
	}
}

// A limit that was lowered meanwhile waits for as many uses to end as are too many.
func testLimitLowered(r *records) {
	take := r.limit(4, time.Minute)
	for range 4 {
		if r.take(take) != nil {
			r.Fatal("a use was refused")
		}
		r.now = r.now.Add(time.Second)
	}
	take.Max = 2
	if refusal := r.take(take); refusal == nil || refusal.After != 58*time.Second {
		r.Errorf("refusal %+v, want after 58s", refusal)
	}
}

// The clocks of servers differ: uses that come out of order count all the same, each for
// its own window.
func testLimitOldClock(r *records) {
	take, start := r.limit(3, time.Minute), r.now
	for _, ms := range []int{500, 0, 250} {
		r.now = start.Add(time.Duration(ms) * time.Millisecond)
		if r.take(take) != nil {
			r.Fatalf("the use at %d ms was refused", ms)
		}
	}
	for _, s := range []struct {
		ms    int
		after time.Duration
	}{{300, 59_700 * time.Millisecond}, {59_999, time.Millisecond}} {
		r.now = start.Add(time.Duration(s.ms) * time.Millisecond)
		if refusal := r.take(take); refusal == nil || refusal.After != s.after {
			r.Errorf("at %d ms: refusal %+v, want after %v", s.ms, refusal, s.after)
		}
	}
	for _, ms := range []int{60_000, 60_250, 60_500} {
		r.now = start.Add(time.Duration(ms) * time.Millisecond)
		r.wantLeft(take, 1)
	}
}

// Limits of one thing with several windows do not count each other's uses.
func testLimitWindows(r *records) {
	short := r.limit(2, time.Minute)
	long := short
	long.Max, long.Per = 3, time.Hour
	for i := range 3 {
		if refusal := r.take(short, long); refusal != nil {
			r.Fatalf("use %d was refused by %+v", i, refusal)
		}
		r.now = r.now.Add(time.Minute)
	}
	if refusal := r.take(short, long); refusal == nil || refusal.Take != long {
		r.Errorf("refusal %+v, want by the long one", refusal)
	}
	r.wantLeft(short, 2)
}
