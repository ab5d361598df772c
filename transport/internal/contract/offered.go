package contract

import (
	"sync"
	"time"
)

const (
	// unanswered is for how long a browser is left alone with the offer that came with its session.
	unanswered = 15 * time.Second
	// offersEvery is how long it is left alone with a later one, at least.
	offersEvery = time.Minute
	// offersMost is to how many sessions a server makes a later offer in that time.
	offersMost = 20_000
)

// offered are the sessions that were offered lately to register a key. A browser makes a key for every
// offer that it meets, those in answers to one page included, and few signatures in a while: what it
// spends on them it lacks to refresh. The zero value is ready.
type offered struct {
	mu sync.Mutex
	// began is when now began; before are those of the time before that.
	began       time.Time
	now, before map[int64]struct{}
}

// again reports whether a session may be offered it once more, and takes it that it is.
func (o *offered) again(session int64, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if past := now.Sub(o.began); past >= offersEvery || past < 0 {
		o.before, o.now, o.began = o.now, make(map[int64]struct{}), now
		if past >= 2*offersEvery || past < 0 {
			o.before = nil
		}
	}
	_, was := o.before[session]
	if _, is := o.now[session]; is || was || len(o.now) >= offersMost {
		return false
	}
	o.now[session] = struct{}{}
	return true
}
