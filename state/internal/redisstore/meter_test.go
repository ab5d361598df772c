package redisstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"stagedoor/engine"
)

// handClock is a clock that a test moves.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *handClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) pass(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// waits is a record in which something of about that size waits.
func waits(version uint64, size int) engine.Record {
	r := engine.Record{Version: version}
	r.Put(engine.Run{Slot: engine.SlotCeremony, ID: "AAAAAAAAAAAAAAAAAAAAAA", Data: json.RawMessage(`"` + strings.Repeat("a", size) + `"`)})
	return r
}

func numbered(i int) engine.Key { return engine.KeyOf(fmt.Appendf(nil, "%d", i)) }

// A full embedded store begins nothing for strangers, says so once, and goes on with what
// is there; when that has expired there is room again.
func TestEmbeddedCeiling(t *testing.T) {
	clock := &handClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	var told []int64
	const most = 100 << 10
	s, err := Embedded(t.Context(), Config{Now: clock.now, MaxBytes: most, Full: func(held int64) { told = append(told, held) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	swap := func(sw engine.Swap) error {
		sw.Now = clock.now()
		_, won, err := s.Swap(t.Context(), sw)
		if err == nil && !won {
			t.Fatalf("a swap of %s is lost", sw.Key)
		}
		return err
	}
	begin := func(i int) error {
		return swap(engine.Swap{Key: numbered(i), Record: waits(1, 500), TTL: 5 * time.Minute})
	}
	n := 0
	for err = begin(n); err == nil; err = begin(n) {
		if n++; n > 1000 {
			t.Fatal("a thousand records are begun, and it is not full")
		}
	}
	if !errors.Is(err, engine.ErrFull) || !errors.Is(s.CheckCapacity(), engine.ErrFull) {
		t.Fatalf("after %d records: %v", n, err)
	}
	if n < most/4096 || n > most/500 {
		t.Errorf("%d records fill %d bytes", n, most)
	}
	if len(told) != 1 || told[0] < most {
		t.Errorf("told of %v, want once", told)
	}
	if err := swap(engine.Swap{Key: numbered(0), From: 1, Record: waits(2, 600)}); err != nil {
		t.Errorf("a step of a record that is there: %v", err)
	}
	move := engine.Move{Key: numbered(2001), Record: engine.Record{Version: 1}, Account: "{}", Session: "{}", TTL: time.Hour}
	if err := swap(engine.Swap{Key: numbered(1), From: 1, Move: &move}); err != nil {
		t.Errorf("a sign-in of who waits: %v", err)
	}
	move.Key = numbered(2002)
	if err := swap(engine.Swap{Move: &move}); err != nil {
		t.Errorf("a sign-in at once: %v", err)
	}
	if ok, err := s.Restore(t.Context(), numbered(2003), engine.Entry{Found: true, Session: "{}", Account: "{}"}, time.Hour); err != nil || !ok {
		t.Errorf("a session that is read back: %v, %v", ok, err)
	}
	if refusal, err := s.Take(t.Context(), []engine.Take{{Key: "rl", Max: 5, Per: time.Minute}}, clock.now()); err != nil || refusal != nil {
		t.Errorf("a limit: %v, %v", refusal, err)
	}
	s.meter.pass(clock.pass(6 * time.Minute))
	if err := begin(n + 1); err != nil {
		t.Errorf("when all has expired: %v", err)
	}
}

// What is weighed goes up and down with what there is, and ends at nothing.
func TestMeterFollows(t *testing.T) {
	clock := &handClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s, err := Embedded(t.Context(), Config{Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	held := func() int64 {
		s.meter.mu.Lock()
		defer s.meter.mu.Unlock()
		return s.meter.held
	}
	grows := func(what string, by int64, do func()) {
		t.Helper()
		before := held()
		do()
		if got := held() - before; got < by-100 || got > by+100 {
			t.Errorf("%s: %d bytes more, want about %d", what, got, by)
		}
	}
	swap := func(sw engine.Swap) {
		t.Helper()
		sw.Now = clock.now()
		if _, won, err := s.Swap(t.Context(), sw); err != nil || !won {
			t.Fatalf("%v, %v", won, err)
		}
	}
	limit := []engine.Take{{Key: "rl", Max: 3, Per: time.Minute}}
	take := func() {
		if _, err := s.Take(t.Context(), limit, clock.now()); err != nil {
			t.Fatal(err)
		}
	}
	grows("a record", keyBytes+1080, func() { swap(engine.Swap{Key: "a", Record: waits(1, 1000), TTL: time.Minute}) })
	grows("one that grows", 500, func() { swap(engine.Swap{Key: "a", From: 1, Record: waits(2, 1500), TTL: time.Minute}) })
	grows("one that keeps its time", -1000, func() { swap(engine.Swap{Key: "a", From: 2, Record: waits(3, 500)}) })
	grows("a tombstone", -500, func() { swap(engine.Swap{Key: "a", From: 3, Drop: true}) })
	grows("a limit", keyBytes, take)
	grows("its next uses", 2*useBytes, func() { take(); take() })
	grows("a use that is refused", 0, take)
	give := func(all bool) {
		if err := s.Give(t.Context(), []engine.Refund{{Take: limit[0], All: all}}, clock.now()); err != nil {
			t.Fatal(err)
		}
	}
	grows("a use that is given back", -useBytes, func() { give(false) })
	grows("all of them", -keyBytes-useBytes, func() { give(true); give(true) })
	grows("one of a limit that refuses another", 0, func() {
		for range 5 {
			if refusal, err := s.Take(t.Context(), []engine.Take{{Key: "once", Max: 1, Per: time.Minute}, {Key: "none", Max: 0, Per: time.Minute}}, clock.now()); err != nil || refusal == nil {
				t.Fatal(refusal, err)
			}
		}
	})
	grows("a session that is touched and is not there", 0, func() {
		if _, err := s.Touch(t.Context(), "gone", "", "{}", time.Hour); err != nil {
			t.Fatal(err)
		}
	})
	s.meter.pass(clock.pass(2 * time.Minute))
	if got := held(); got != 0 {
		t.Errorf("%d bytes are held when all has expired", got)
	}
}
