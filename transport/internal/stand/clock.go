package stand

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/engine"
	"stagedoor/transport/internal/player"
)

// clock is the story's: it stands still until a step lets time pass, and the server's
// stores live by it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	redis *miniredis.Miniredis
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass lets time go by, at once.
func (c *clock) pass(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.redis.SetTime(c.now)
	c.redis.FastForward(d)
	return nil
}

// random is randomness that is the same each time, for several readers.
type random struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

// Read never fails.
func (r *random) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}

// turns keeps the turns that the engine reports.
type turns struct {
	mu  sync.Mutex
	new []player.Turn
}

// observe keeps a turn that moved a run, or left it where it was.
func (t *turns) observe(_ context.Context, turned engine.TurnEvent) {
	if turned.Run == nil {
		return
	}
	one := player.Turn{Run: turned.Run.ID, Flow: string(turned.Flow), Print: turned.Fingerprint, End: string(turned.End)}
	for _, m := range turned.Run.Trail[min(turned.From, len(turned.Run.Trail)):] {
		mark := string(m.Node) + "/" + string(m.Exit)
		if m.Reason != "" {
			mark += ":" + string(m.Reason)
		}
		one.Marks = append(one.Marks, mark)
	}
	switch turned.Outcome {
	case engine.Wrong, engine.Limited, engine.Conflict:
		one.Refused = turned.Started
	}
	if one.End == "" && !one.Refused {
		one.Stage = string(turned.Run.Node)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.new = append(t.new, one)
}

// take returns the turns since it was last asked.
func (t *turns) take() []player.Turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.new
	t.new = nil
	return out
}
