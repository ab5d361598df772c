package provider

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRememberedOutlivesWhoAskedFirst(t *testing.T) {
	release := make(chan struct{})
	var fetches atomic.Int32
	r := &remembered[int]{now: noon, fresh: time.Hour, fetch: func(ctx context.Context) (int, error) {
		fetches.Add(1)
		<-release
		return 42, ctx.Err()
	}}
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan error)
	go func() {
		_, err := r.get(ctx)
		first <- err
	}()
	for fetches.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-first; !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	var wg sync.WaitGroup
	for range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if got, err := r.get(context.Background()); got != 42 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		}()
	}
	close(release)
	wg.Wait()
	if got := fetches.Load(); got != 1 {
		t.Errorf("%d fetches", got)
	}
}

func TestRememberedFailsTogether(t *testing.T) {
	boom := errors.New("boom")
	var fetches atomic.Int32
	r := &remembered[int]{now: noon, fresh: time.Hour, stale: time.Hour, pause: time.Second, fetch: func(context.Context) (int, error) {
		fetches.Add(1)
		return 7, boom
	}}
	for range 5 {
		if got, err := r.get(context.Background()); got != 0 || !errors.Is(err, boom) {
			t.Errorf("got %d, %v: an error carries no half value", got, err)
		}
	}
	if got := fetches.Load(); got != 1 {
		t.Errorf("%d fetches within the pause", got)
	}
}
