package statetest

import (
	"context"
	"time"

	"stagedoor/engine"
)

// A use is given back by the turn that took it, and only that one.
func testGiveOne(r *records) {
	key, take := r.put("first"), r.limit(5, time.Minute)
	r.take(take)
	r.now = r.now.Add(time.Second)
	r.take(take)
	give := []engine.Refund{{Take: take}}
	r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "x"), Refunds: give})
	r.swap(engine.Swap{Key: key, From: 2, Record: r.record(3, "x"), Refunds: give})
	r.wantLeft(take, 4)
}

func testGiveAll(r *records) {
	key, take, other := r.put("first"), r.limit(5, time.Minute), r.limit(5, time.Minute)
	for range 3 {
		r.take(take, other)
		r.now = r.now.Add(time.Second)
	}
	r.swap(engine.Swap{Key: key, From: 1, Record: r.record(2, "x"), Refunds: []engine.Refund{{Take: take, All: true}}})
	r.wantLeft(take, 5)
	r.wantLeft(other, 2)
}

// A swap that is lost gives nothing back.
func testGiveLost(r *records) {
	key, one, all := r.put("first"), r.limit(5, time.Minute), r.limit(5, time.Minute)
	start := r.now
	for range 3 {
		r.now = r.now.Add(time.Second)
		r.take(one, all)
	}
	give := []engine.Refund{{Take: one}, {Take: all, All: true}}
	for _, sw := range []engine.Swap{
		{Key: key, From: 7, Record: r.record(8, "late"), Refunds: give},
		{Key: key, From: 7, Drop: true, Refunds: give},
	} {
		if _, won := r.swap(sw); won {
			r.Fatal("a swap from another version won")
		}
	}
	r.now = start.Add(time.Minute + 1500*time.Millisecond) // the first use is over
	r.wantLeft(one, 3)
	r.wantLeft(all, 3)
}

func testGiveWithCreate(r *records) {
	take := r.limit(1, time.Minute)
	r.take(take)
	r.swap(engine.Swap{Key: r.key(), Record: r.record(1, "x"), Refunds: []engine.Refund{{Take: take}}})
	if refusal := r.take(take); refusal != nil {
		r.Fatal("the use was not given back beside a new record")
	}
	sw := r.move("", 0, "run", r.key(), "in")
	sw.Refunds = []engine.Refund{{Take: take, All: true}}
	r.swap(sw)
	r.wantLeft(take, 1)
}

// Limits are given back alone where a turn stores no record.
func testGiveAlone(r *records) {
	one, all := r.limit(3, time.Minute), r.limit(3, time.Minute)
	for range 2 {
		r.now = r.now.Add(time.Second)
		r.take(one, all)
	}
	if _, won := r.swap(engine.Swap{Refunds: []engine.Refund{{Take: one}, {Take: all, All: true}}}); !won {
		r.Error("nothing to lose, and lost")
	}
	r.wantLeft(one, 2)
	r.wantLeft(all, 3)
}

// A limit is forgotten when its window is over; nothing is left to look at.
func testLimitForgotten(r *records) {
	take := r.limit(1, 300*time.Millisecond)
	r.take(take)
	for deadline := time.Now().Add(6 * time.Second); r.take(take) != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) { // the test's time stands still
			r.Fatal("the limit is still there")
		}
	}
}

func testCancelledBefore(r *records) {
	key, take := r.put("first"), r.limit(2, time.Minute)
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	if _, _, err := r.store.Load(ctx, key, []engine.Take{take}, r.now); err == nil {
		r.Error("load: no error")
	}
	if _, won, err := r.store.Swap(ctx, engine.Swap{Key: key, From: 1, Record: r.record(2, "x"), Now: r.now}); err == nil || won {
		r.Errorf("swap: won %v, %v", won, err)
	}
	if _, err := r.store.Take(ctx, []engine.Take{take}, r.now); err == nil {
		r.Error("take: no error")
	}
	r.want(r.load(key), engine.Entry{Found: true, Record: r.record(1, "first")})
	r.wantLeft(take, 2)
}
