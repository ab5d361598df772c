package accounts

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a derivation that waits to be let go, and counts the callers inside.
type gate struct {
	inside, most, done atomic.Int64
	open               chan struct{}
	mu                 sync.Mutex
	order              []string // passwords in the order in which they got a slot
}

func gated(h *Hasher) *gate {
	g := &gate{open: make(chan struct{})}
	h.derive = func(password, _ []byte, _, _ uint32, _ uint8, keyLen uint32) []byte {
		now := g.inside.Add(1)
		g.mu.Lock()
		g.most.Store(max(g.most.Load(), now))
		g.order = append(g.order, string(password))
		g.mu.Unlock()
		<-g.open
		g.inside.Add(-1)
		g.done.Add(1)
		return make([]byte, keyLen)
	}
	return g
}

// A hundred passwords against 3 slots and a queue of 5: three run, five wait, the
// rest is refused at once; and no more than three ever run.
func TestSlotsAndQueueAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, HashConfig{Slots: 3, Queue: 5})
		g := gated(h)
		var served, refused atomic.Int64
		for i := range 100 {
			go func() {
				var err error
				if i%2 == 0 {
					_, err = h.Hash(t.Context(), "x")
				} else {
					_, err = h.Verify(t.Context(), "", "x")
				}
				switch {
				case err == nil:
					served.Add(1)
				case errors.Is(err, ErrBusy):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if in, no := g.inside.Load(), refused.Load(); in != 3 || no != 92 {
			t.Fatalf("%d run and %d were refused, want 3 and 92", in, no)
		}
		close(g.open)
		synctest.Wait()
		if most, ok := g.most.Load(), served.Load(); most != 3 || ok != 8 {
			t.Errorf("at most %d ran at once and %d were served, want 3 and 8", most, ok)
		}
		if _, err := h.Hash(t.Context(), "later"); err != nil {
			t.Errorf("after the storm: %v", err)
		}
	})
}

// Whatever the algorithm, and whether or not there is an account, a password takes
// a place: with all taken, it is refused.
func TestEveryAlgorithmTakesAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, HashConfig{Slots: 1, Queue: 1})
		g := gated(h)
		for range 2 {
			go func() {
				if _, err := h.Hash(t.Context(), "x"); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		stored := []string{"", "!", h.decoy.String()}
		for _, known := range djangoHashes {
			stored = append(stored, known.encoded)
		}
		for _, encoded := range stored {
			if _, err := h.Verify(t.Context(), encoded, "x"); !errors.Is(err, ErrBusy) {
				t.Errorf("Verify(%q) with a full queue = %v, want ErrBusy", encoded, err)
			}
		}
		close(g.open)
		synctest.Wait()
	})
}

func TestQueueIsFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, HashConfig{Slots: 1, Queue: 20})
		g := gated(h)
		var want []string
		for i := range 20 {
			password := string(rune('a' + i))
			want = append(want, password)
			go func() {
				if _, err := h.Hash(t.Context(), password); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait() // it runs or stands in the queue before the next one comes
		}
		for i := range want {
			g.open <- struct{}{}
			synctest.Wait()
			if done := g.done.Load(); done != int64(i+1) {
				t.Fatalf("%d done after %d were let go", done, i+1)
			}
		}
		if !slices.Equal(g.order, want) {
			t.Errorf("served in the order %v, want %v", g.order, want)
		}
	})
}

// Who gives up while waiting gets the context's error and leaves the place to
// another; who runs already is finished.
func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, HashConfig{Slots: 1, Queue: 1})
		g := gated(h)
		running, stopRunning := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := h.Hash(running, "running")
			first <- err
		}()
		synctest.Wait()

		waiting, giveUp := context.WithTimeout(t.Context(), time.Second)
		defer giveUp()
		if _, err := h.Verify(waiting, "", "waiting"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Verify past its deadline = %v", err)
		}
		if taken := len(h.slots.places); taken != 1 {
			t.Errorf("%d places are taken after one gave up, want 1", taken)
		}
		stopRunning()
		synctest.Wait()
		close(g.open)
		if err := <-first; err != nil {
			t.Errorf("the hash that had begun: %v", err)
		}
		if !slices.Equal(g.order, []string{"running"}) {
			t.Errorf("hashed %v, want only the one that ran", g.order)
		}
	})
}

// A context that ends in the same moment in which a slot falls free is an error,
// never a hash, and gives the slot back. select picks at random: try often.
func TestEndedContextNeverHashes(t *testing.T) {
	s := newHashSlots(1, 1, time.Second)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 200 {
		if err := s.enter(ended); !errors.Is(err, context.Canceled) {
			t.Fatalf("enter = %v", err)
		}
		if len(s.running) != 0 || len(s.places) != 0 {
			t.Fatalf("%d slots and %d places kept", len(s.running), len(s.places))
		}
	}
}

func TestBusyErrorSaysWhenToComeBack(t *testing.T) {
	for _, test := range []struct {
		config HashConfig
		want   time.Duration
	}{
		{HashConfig{Slots: 1}, time.Second},                                               // 33 × 23 ms
		{HashConfig{Slots: 7}, time.Second},                                               // the same in each slot
		{HashConfig{Slots: 1, Queue: 99}, 3 * time.Second},                                // 100 × 23 ms
		{HashConfig{Slots: 2, Queue: 4, MemoryKiB: 256 << 10, Time: 16}, 8 * time.Second}, // 3 × 2.5 s
		{HashConfig{Slots: 1, Queue: 1, MemoryKiB: 8, Time: 1}, time.Second},              // never below one
	} {
		h := newHasher(t, test.config)
		for range cap(h.slots.places) {
			h.slots.places <- struct{}{}
		}
		_, err := h.Verify(t.Context(), "", "x")
		var busy *BusyError
		if !errors.As(err, &busy) || !errors.Is(err, ErrBusy) {
			t.Errorf("%+v: error %v is no BusyError", test.config, err)
			continue
		}
		if busy.RetryAfter != test.want {
			t.Errorf("%+v: RetryAfter = %v, want %v", test.config, busy.RetryAfter, test.want)
		}
	}
}
