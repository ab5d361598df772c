package deliver

import (
	"sync/atomic"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// job is a claimed message.
type job struct{ state.Queued }

// patience is how long a full lane may show no progress before the others stop waiting.
const patience = 2 * time.Second

// putOff is how long the messages of a stuck lane are left alone.
const putOff = 10 * time.Second

// lane is one channel: its sender, and the few messages that wait for one of its
// workers. It holds only as many as keep the workers busy: what waits here waits out of
// the reach of other processes.
type lane struct {
	sender notify.Sender
	queue  chan job
	// moved is when a worker last finished a message, or when one came into an empty
	// lane, in Unix nanoseconds.
	moved atomic.Int64
}

func newLane(sender notify.Sender, workers int) *lane {
	return &lane{sender: sender, queue: make(chan job, 4*workers)}
}

// free is how many more messages the lane takes. It is none until half of them are gone,
// so that a busy lane asks the outbox for several at a time.
func (l *lane) free() int {
	free := cap(l.queue) - len(l.queue)
	if 2*free < cap(l.queue) {
		return 0
	}
	return free
}

// progress notes that the lane moves.
func (l *lane) progress(now time.Time) { l.moved.Store(now.UnixNano()) }

// stuck reports whether nothing has moved for a while.
func (l *lane) stuck(now time.Time) bool {
	return now.Sub(time.Unix(0, l.moved.Load())) > patience
}
