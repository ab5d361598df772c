package redisstore

import (
	"log/slog"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// renewAfter is how many keys must have expired at least before a server is renewed.
const renewAfter = 10_000

// newMini starts a server without a listener.
func newMini(now time.Time) (*miniredis.Miniredis, error) {
	m := miniredis.NewMiniRedis()
	first, err := m.Dial() // starts it
	if err != nil {
		return nil, err
	}
	m.SetTime(now)
	return m, first.Close()
}

// serve answers a command of a connection.
func (e *embedded) serve(c *server.Peer, cmd string, args ...string) bool {
	e.turn.RLock()
	defer e.turn.RUnlock()
	e.mini.Server().Dispatch(c, append([]string{cmd}, args...))
	return true
}

// renew moves all that is there into a new server. miniredis counts the versions of every key
// there ever was and forgets none of them, a hundred bytes each: in a process that runs for
// months what has expired would take more than what there is. It happens when as much has
// expired as there is, and takes a few microseconds for each key that moves, while commands wait.
// Connections stay. Scripts are taught anew by who needs them.
func (e *embedded) renew() {
	fresh, err := newMini(e.last)
	if err != nil {
		slog.Error("the embedded redis keeps the room of what has expired", slog.String("error", err.Error()))
		return
	}
	e.turn.Lock()
	defer e.turn.Unlock()
	old := e.mini
	for _, key := range old.Keys() {
		if value, err := old.Get(key); err == nil {
			_ = fresh.Set(key, value)
		} else if list, err := old.List(key); err == nil {
			_, _ = fresh.Push(key, list...)
		}
		if ttl := old.TTL(key); ttl > 0 {
			fresh.SetTTL(key, ttl)
		}
	}
	e.mini, e.gone = fresh, 0
	old.Close()
	e.meter.shrink()
}
