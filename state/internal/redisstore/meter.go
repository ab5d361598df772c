package redisstore

import (
	"hash/maphash"
	"maps"
	"sync"
	"time"

	"stagedoor/engine"
)

const (
	// defaultMaxBytes is how much an embedded server holds.
	defaultMaxBytes = 64 << 20
	// keyBytes is what a key costs an embedded server besides what is in it; useBytes one
	// use of a limit.
	keyBytes, useBytes = 512, 32
	// warnEvery is how often a full memory is reported.
	warnEvery = time.Minute
)

// meter knows about how much an embedded server holds, which itself does not tell. It
// keeps the weight of every key until that expires.
type meter struct {
	most int64
	now  func() time.Time
	full func(held int64)
	seed maphash.Seed

	mu     sync.Mutex
	keys   map[uint64]weight
	held   int64
	warned time.Time
}

// weight is what a key weighs, in bytes, and until when.
type weight struct {
	bytes int64
	until time.Time
}

func newMeter(c Config) *meter {
	return &meter{most: c.MaxBytes, now: c.Now, full: c.Full, seed: maphash.MakeSeed(), keys: make(map[uint64]weight)}
}

// note weighs what a call has put under its key.
func (m *meter) note(c *call) {
	if c.gives {
		m.gave(c)
		return
	}
	if c.lives == 0 && !c.keeps {
		return
	}
	if c.adds {
		if wait, err := c.int(); err != nil || wait != 0 {
			return
		}
	}
	grows := c.grows
	if grows != 0 {
		if done, err := c.int(); err != nil || done != 1 {
			grows = 0
		}
	}
	key, size := maphash.String(m.seed, c.key), c.bytes()
	m.mu.Lock()
	defer m.mu.Unlock()
	was, there := m.keys[key]
	is := weight{size, m.now().Add(time.Duration(c.lives) * time.Millisecond)}
	switch {
	case c.same && !there:
		return
	case c.same:
		is.bytes = was.bytes + grows
	case c.adds && there:
		is.bytes = was.bytes + useBytes
	}
	if c.keeps || c.same && was.until.After(is.until) {
		is.until = was.until
	}
	m.held += is.bytes - was.bytes
	m.keys[key] = is
}

// gave takes off what uses have weighed that were given back: with the last one a key is gone.
func (m *meter) gave(c *call) {
	back, err := c.cmd.StringSlice()
	if err != nil || len(back) == 0 {
		return
	}
	key := maphash.String(m.seed, c.key)
	m.mu.Lock()
	defer m.mu.Unlock()
	w, there := m.keys[key]
	if !there {
		return
	}
	off := min(int64(len(back))*useBytes, w.bytes)
	if w.bytes-off < keyBytes {
		off = w.bytes
		delete(m.keys, key)
	} else {
		m.keys[key] = weight{w.bytes - off, w.until}
	}
	m.held -= off
}

// bytes is about what a key takes that holds what the call brings.
func (c *call) bytes() int64 {
	n := int64(keyBytes)
	for _, arg := range c.args[ahead:] {
		switch v := arg.(type) {
		case string:
			n += int64(len(v))
		case []byte:
			n += int64(len(v))
		}
	}
	return n
}

// pass forgets what has expired, and returns how many keys that were.
func (m *meter) pass(now time.Time) (gone int) {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, w := range m.keys {
		if !w.until.After(now) {
			m.held -= w.bytes
			delete(m.keys, key)
			gone++
		}
	}
	return gone
}

// count is how many keys there are.
func (m *meter) count() int {
	if m == nil {
		return 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.keys)
}

// shrink gives back the room of keys that are gone, which a map keeps.
func (m *meter) shrink() {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := make(map[uint64]weight, len(m.keys))
	maps.Copy(kept, m.keys)
	m.keys = kept
}

// room fails with [engine.ErrFull] where the server holds as much as it may.
func (m *meter) room() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held < m.most {
		return nil
	}
	if now := m.now(); m.full != nil && now.Sub(m.warned) >= warnEvery {
		m.warned = now
		m.full(m.held)
	}
	return engine.ErrFull
}

// CheckCapacity says whether there is room for one record more, see [engine.Store]: an embedded server has a ceiling.
func (s *Store) CheckCapacity() error {
	if s.meter == nil {
		return nil
	}
	return s.meter.room()
}
