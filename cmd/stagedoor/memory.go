package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// memoryEvery is how often a server looks at its memory.
	memoryEvery = time.Second
	// spare is how much may be allocated, in bytes, before the collector runs again, within the
	// bounds of collectorLeast and collectorMost: a small heap is collected seldom, a large one,
	// as that of many pending runs in the process, does not grow to a multiple of itself.
	spare          = 24 << 20
	collectorLeast = 50
	collectorMost  = 400
	// limitLeast is the least that the collector tries to keep all memory below, in bytes: without
	// it one password hash that is being made, 19 MiB, would count as five times as much.
	limitLeast = 96 << 20
	// busy is how much a process allocates in memoryEvery that has something to do, in bytes.
	busy = 256 << 10
	// giveBackEvery is how many looks are between two times that memory is given back, which
	// costs a collection.
	giveBackEvery = 10
)

// memory has the process take no more memory than it uses: the collector runs the more seldom
// the less there is to look through, and what the start or a rush of requests has left behind
// is given back to the system once it is over.
type memory struct {
	// percent and limit are the collector's, 0 where the environment says what they are to be.
	percent int
	limit   int64
	sample  []metrics.Sample
	// seen and returned are how much had been allocated at the last look, and when memory was
	// last given back, in bytes; looks is how many were since.
	seen, returned uint64
	looks          int
	giveBack       func()
}

func newMemory() *memory {
	m := &memory{
		sample:   []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}},
		looks:    giveBackEvery, // what the start has left behind is given back at once
		giveBack: func() { debug.FreeOSMemory(); releaseProgram() },
	}
	if os.Getenv("GOMEMLIMIT") == "" && os.Getenv("GOGC") == "" {
		m.percent, m.limit = collectorMost, limitLeast
		debug.SetGCPercent(m.percent)
		debug.SetMemoryLimit(m.limit)
	}
	return m
}

// run looks at the memory until the context ends.
func (m *memory) run(ctx context.Context) {
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			metrics.Read(m.sample)
			m.look(m.sample[0].Value.Uint64(), m.sample[1].Value.Uint64())
		}
	}
}

// look takes in how much of the heap was in use at the last collection, and how much was ever
// allocated, in bytes.
func (m *memory) look(live, allocated uint64) {
	// A change stops all goroutines for a moment, so that one that would make no difference is
	// not made.
	if want := collectorPercent(live); m.percent != 0 && (want > m.percent*5/4 || want < m.percent*4/5) {
		m.percent = want
		debug.SetGCPercent(want)
	}
	if want := memoryLimit(live); m.limit != 0 && (want > m.limit*5/4 || want < m.limit*4/5) {
		m.limit = want
		debug.SetMemoryLimit(want)
	}
	quiet := allocated-m.seen < busy
	m.seen = allocated
	m.looks++
	if quiet && m.looks > giveBackEvery && allocated-m.returned >= busy {
		m.giveBack()
		m.returned, m.looks = allocated, 0
	}
}

// memoryLimit is what all memory is to stay below, in bytes, where so much of the heap is in use.
func memoryLimit(live uint64) int64 { return int64(max(2*live+spare, limitLeast)) }

// collectorPercent is how many percent of what is in use may be allocated between two
// collections.
func collectorPercent(live uint64) int {
	return int(min(max(spare*100/max(live, 1), collectorLeast), collectorMost))
}
