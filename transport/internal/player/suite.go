package player

import (
	"context"
	"fmt"
	"sync"
)

// RunAll plays plays against a target, as many at once as jobs says, and hands each
// result on in the order of the plays. Stories that are serial are played when all others
// are through.
func RunAll(ctx context.Context, plays []Play, target Target, jobs int, each func(Result)) {
	results := make([]chan Result, len(plays))
	beside, alone := make(chan int, len(plays)), []int{}
	for i, p := range plays {
		results[i] = make(chan Result, 1)
		if p.Story.Serial {
			alone = append(alone, i)
			continue
		}
		beside <- i
	}
	close(beside)
	var all sync.WaitGroup
	for range max(jobs, 1) {
		all.Go(func() {
			for i := range beside {
				results[i] <- Run(ctx, plays[i], target)
			}
		})
	}
	go func() {
		all.Wait()
		for _, i := range alone {
			results[i] <- Run(ctx, plays[i], target)
		}
	}()
	for _, r := range results {
		each(<-r)
	}
}

// Tally counts results.
type Tally struct{ Passed, Failed, Skipped int }

// Add counts a result.
func (t *Tally) Add(r Result) {
	switch {
	case r.Skipped != "":
		t.Skipped++
	case r.Passed:
		t.Passed++
	default:
		t.Failed++
	}
}

// String says it on one line.
func (t Tally) String() string {
	out := fmt.Sprintf("%d passed, %d failed", t.Passed, t.Failed)
	if t.Skipped > 0 {
		out = fmt.Sprintf("%s, %d skipped", out, t.Skipped)
	}
	return out
}
