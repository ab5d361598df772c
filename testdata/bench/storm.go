package main

import (
	"context"
	"fmt"
	"time"

	"stagedoor/transport/bench"
)

// A storm of log-ins wants every processor for hashes; who only reads a session must not wait for
// them.
const (
	stormReads  = 200 // a second, which leaves processors idle where nobody logs in
	stormLogins = 32  // connections, each with a log-in under way all the time
	stormSlice  = 2 * time.Second
	stormPairs  = 6
)

// storm compares how long reads take beside a storm, with the hash of the defaults, and without.
func storm(b *bed, _ options) (figures, error) {
	store, err := b.redis()
	if err != nil {
		return figures{}, err
	}
	s, err := b.stagedoor("with the hash of the defaults", "redis: {url: \"redis://"+store.address+"/2\"}\n")
	if err != nil {
		return figures{}, err
	}
	read := func() (time.Duration, error) {
		r, err := bench.Run(b.ctx, s.target(), bench.Load{Journey: "read", Connections: 4, Rate: stormReads, Duration: stormSlice}, nil)
		if err == nil && r.Failed > 0 {
			err = fmt.Errorf("%d reads failed: %v", r.Failed, r.Failures)
		}
		return r.Latencies.P50, err
	}
	var ratios, alone, beside []float64
	for i := range stormPairs {
		var took [2]time.Duration
		for k := range 2 {
			side := (i + k) % 2
			end := func() {}
			if side == 1 {
				end = b.logins(s)
			}
			took[side], err = read()
			end()
			if err != nil {
				return figures{}, err
			}
		}
		alone, beside = append(alone, float64(took[0])), append(beside, float64(took[1]))
		ratios = append(ratios, float64(took[1])/float64(took[0]))
	}
	r := bench.NewInterval(ratios)
	micros := fmt.Sprintf("%.0f of %.0f", bench.Median(beside)/1e3, bench.Median(alone)/1e3)
	return figures{[]string{r.String() + " times", micros + " µs"}, r}, nil
}

// logins has people log in until what it returns is called. It returns once the storm is there.
func (b *bed) logins(s *child) func() {
	ctx, cancel := context.WithCancel(b.ctx)
	done, ready := make(chan struct{}), make(chan string, 1)
	go func() {
		defer close(done)
		_, _ = bench.Run(ctx, s.target(), bench.Load{Journey: "login", Connections: stormLogins, Duration: time.Hour}, func(text string) { ready <- text })
	}()
	<-ready
	// Its accounts take a hash each to make, before the log-ins themselves begin.
	select {
	case <-ctx.Done():
	case <-time.After(3 * time.Second):
	}
	return func() { cancel(); <-done }
}
