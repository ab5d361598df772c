package redisstore

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stagedoor/engine"
)

func startEmbedded(t *testing.T, c Config) *Store {
	t.Helper()
	s, err := Embedded(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Time passes by itself on the embedded server: a run expires, and not too early.
func TestEmbeddedRunExpires(t *testing.T) {
	t.Parallel()
	s := startEmbedded(t, Config{})
	time.Sleep(tick / 2) // stored between two ticks, it must not lose what passed before
	rec := engine.Record{Version: 1, Runs: []engine.Run{{Slot: engine.SlotLogin, ID: "run", Deadline: time.Now().Add(time.Hour).UnixMilli()}}}
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: "k", Record: rec, TTL: time.Second}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	began := time.Now()
	for {
		e, _, err := s.Load(t.Context(), "k", nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		lived := time.Since(began)
		if !e.Found {
			if lived < time.Second {
				t.Errorf("it expired after %v, want a second at least", lived)
			}
			return
		}
		if lived > 5*time.Second {
			t.Fatal("it has not expired")
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// The clock that is handed in is the one that counts, and going back harms nothing.
func TestEmbeddedClock(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e, err := newEmbedded(func() time.Time { return now }, nil) // its own ticks pass no time
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	key := func(name string, ttl time.Duration) {
		if err := e.mini.Set(name, "x"); err != nil {
			t.Fatal(err)
		}
		e.mini.SetTTL(name, ttl)
	}
	key("minute", time.Minute)
	key("hour", time.Hour)
	for _, s := range []struct {
		pass         time.Duration
		minute, hour bool
	}{{59 * time.Second, true, true}, {-time.Hour, true, true}, {999 * time.Millisecond, true, true}, {time.Millisecond, false, true}, {time.Hour, false, false}} {
		e.mu.Lock()
		at := e.last.Add(s.pass)
		e.mu.Unlock()
		e.pass(at)
		if e.mini.Exists("minute") != s.minute || e.mini.Exists("hour") != s.hour {
			t.Errorf("after %v: the minute is there %v, the hour %v", s.pass, e.mini.Exists("minute"), e.mini.Exists("hour"))
		}
	}
}

// A clock that was put ahead counts at once where that is told, and not a tick later.
func TestEmbeddedCatchesUp(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	s := startEmbedded(t, Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: "k", Record: engine.Record{Version: 1}, TTL: time.Hour}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	ahead.Store(int64(2 * time.Hour))
	s.CatchUp()
	if e, _, err := s.Load(t.Context(), "k", nil, time.Now()); err != nil || e.Found {
		t.Errorf("two hours later a record that lives an hour is found: %v, %v", e.Found, err)
	}
	(&Store{}).CatchUp() // of a server elsewhere
}

// Pipelines and answers larger than every buffer on the way do not get stuck.
func TestEmbeddedLargePipelines(t *testing.T) {
	s := startEmbedded(t, Config{Timeout: 5 * time.Second})
	big := strings.Repeat("x", 200<<10)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			from, to := engine.Key(fmt.Sprint("from", i)), engine.Key(fmt.Sprint("to", i))
			_, won, err := s.Swap(t.Context(), engine.Swap{Key: from, TTL: time.Minute, Now: time.Now(), Move: &engine.Move{
				Key: to, Record: engine.Record{Version: 1}, Account: big, Session: big, TTL: time.Minute,
			}})
			if err != nil || !won {
				t.Errorf("move: won %v, %v", won, err)
			}
			var take []engine.Take
			for n := range 500 {
				take = append(take, engine.Take{Key: fmt.Sprint(i, strings.Repeat("k", 100), n), Max: 1, Per: time.Minute})
			}
			e, refusal, err := s.Load(t.Context(), to, take, time.Now())
			if err != nil || refusal != nil || e.Account != big || e.Session != big {
				t.Errorf("load: %d and %d bytes, refusal %v, %v", len(e.Account), len(e.Session), refusal, err)
			}
		})
	}
	wg.Wait()
}

// Nobody else can talk to the embedded server: it listens nowhere.
func TestEmbeddedListensNowhere(t *testing.T) {
	before := sockets(t)
	startEmbedded(t, Config{})
	if after := sockets(t); after > before {
		t.Errorf("there are %d sockets, %d before it", after, before)
	}
}

// sockets counts the sockets of this process, listening or not.
func sockets(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc to look at")
	}
	n := 0
	for _, fd := range fds {
		if link, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(link, "socket:") {
			n++
		}
	}
	return n
}

func TestEmbeddedCloses(t *testing.T) {
	s, err := Embedded(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("it answers after it was closed")
	}
	_ = s.Close() // a second time is an error at most
	e, err := newEmbedded(time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.close()
	if _, err := e.dial(context.Background(), "", ""); err == nil {
		t.Error("a closed server takes connections")
	}
}

// Two of them share nothing.
func TestEmbeddedApart(t *testing.T) {
	one, two := startEmbedded(t, Config{}), startEmbedded(t, Config{})
	if _, won, err := one.Swap(t.Context(), engine.Swap{Key: "k", Record: engine.Record{Version: 1}, TTL: time.Minute}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	if e, _, err := two.Load(t.Context(), "k", nil, time.Now()); err != nil || e.Found {
		t.Errorf("found %v, %v", e.Found, err)
	}
}

func TestEmbeddedRefusesAddress(t *testing.T) {
	for _, c := range []Config{{URL: "redis://localhost"}, {Master: "m"}, {Cluster: true}} {
		if s, err := Embedded(t.Context(), c); err == nil {
			_ = s.Close()
			t.Errorf("%+v: no error", c)
		}
	}
}

// What was queued before the end of a connection is written or lost, but nobody waits.
func TestEagerNeverWaits(t *testing.T) {
	near, far := net.Pipe()
	e := newEager(far)
	for range 100 {
		if n, err := e.Write(make([]byte, 10<<10)); err != nil || n != 10<<10 {
			t.Fatalf("write: %d, %v", n, err)
		}
	}
	got := make([]byte, 10<<10)
	if _, err := near.Read(got); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := near.Close(); err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := e.Write([]byte("x")); err != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("writing to a connection that is over goes on for ever")
		}
	}
}
