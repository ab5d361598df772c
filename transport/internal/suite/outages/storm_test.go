package outages

import (
	"slices"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// tries is how often a measurement may be made anew where something else used the machine.
const tries = 6

// storm has people read their sessions while others sign in, more of them than hashes can
// be made of: a read takes at most twice as long as alone.
func storm(t *testing.T, _ outage) {
	if suite.Raced {
		t.Skip("the race detector makes what computes many times slower than what waits")
	}
	l := suite.NewLab(t, func(c *config.Config, _ *server.Options) {
		c.Hashing = config.Hashing{MemoryKiB: 19 * 1024, Time: 2, Parallelism: 1, Slots: 1, Queue: 64}
	})
	in := l.Member("app", "ada@example.com")
	reads := func(until func() bool) time.Duration {
		var all []time.Duration
		for len(all) < 200 || !until() {
			began := time.Now()
			in.Session().Is(200)
			all = append(all, time.Since(began))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	var alone, beside time.Duration
	for range tries {
		alone = reads(func() bool { return true })
		done := make(chan struct{})
		go func() {
			defer close(done)
			suite.AtOnce(32, func(int) bool { return l.App().Login("ada@example.com").Status == 200 })
		}()
		beside = reads(func() bool {
			select {
			case <-done:
				return true
			default:
				return false
			}
		})
		t.Logf("half of the reads take %v alone, %v beside a storm", alone, beside)
		if beside <= 2*alone {
			return
		}
	}
	t.Errorf("half of the reads take %v beside a storm, and %v alone", beside, alone)
}
