package redisstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"stagedoor/engine"
)

// slotCount is how many slots a Cluster has.
const slotCount = 16384

// Ready finds out whether Redis does what turns ask of it: on every master, by a script that runs
// each command of the others on a key of its own, and leaves nothing. It fails where Redis takes no
// writes, has no room for them, is a replica, may not run a command for this user, or where
// slots of a Cluster have no master.
func (s *Store) Ready(ctx context.Context) error {
	if s.meter != nil {
		return s.Ping(ctx) // it is in this process
	}
	keys, err := s.readyKeys(ctx)
	if err != nil {
		return err
	}
	calls := make([]*call, len(keys))
	for i, key := range keys {
		calls[i] = newCall(s.lua.ready, key)
	}
	s.do(ctx, nil, calls...)
	for _, c := range calls {
		if err := c.err(); err != nil {
			return err
		}
	}
	return nil
}

// readyKeys are keys that lie on every master.
func (s *Store) readyKeys(ctx context.Context) ([]string, error) {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return []string{s.readyKey(0)}, nil
	}
	// Which servers before Redis 7 know, too.
	slots := redis.NewClusterSlotsCmd(ctx, "cluster", "slots")
	_ = cluster.Process(ctx, slots) // the command has the error
	ranges, err := slots.Result()
	if err != nil {
		return nil, unavailable(err)
	}
	served := 0
	widest := make(map[string]redis.ClusterSlot)
	for _, r := range ranges {
		served += r.End - r.Start + 1
		if len(r.Nodes) == 0 {
			continue
		}
		at := r.Nodes[0].Addr
		if known, ok := widest[at]; !ok || known.End-known.Start < r.End-r.Start {
			widest[at] = r
		}
	}
	if served < slotCount {
		return nil, fmt.Errorf("%w: %d slots of the cluster have no master", engine.ErrUnavailable, slotCount-served)
	}
	var keys []string
	for _, r := range widest {
		keys = append(keys, s.keyWithin(r.Start, r.End))
	}
	return keys, nil
}

func (s *Store) readyKey(n int) string { return s.prefix + "ready:" + strconv.Itoa(n) }

// keyWithin returns a key whose slot is in a range.
func (s *Store) keyWithin(first, last int) string {
	for n := 0; ; n++ {
		key := s.readyKey(n)
		if slot := slotOf(key); first <= slot && slot <= last {
			return key
		}
	}
}

// slotOf is the slot of a key without braces: its CRC16 (Redis Cluster specification, key
// distribution model: XMODEM, polynomial 1021).
func slotOf(key string) int {
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return int(crc) % slotCount
}

// Time is what the clock of the server says, of any one where there are several. It is false
// where the clock is this process's own, or the user may not ask for it.
func (s *Store) Time(ctx context.Context) (time.Time, bool, error) {
	if s.meter != nil {
		return time.Time{}, false, nil
	}
	now, err := s.client.Time(ctx).Result()
	if redis.HasErrorPrefix(err, "NOPERM") {
		return time.Time{}, false, nil
	}
	return now, err == nil, unavailable(err)
}

// luaReady runs every command that the other scripts and the store run, on a key of its own. The
// first is one that wants room: once a script has written, Redis lets it go on.
const luaReady = `
redis.call('SET', KEYS[1], '1', 'NX', 'PX', 1000)
redis.call('PEXPIRE', KEYS[1], 1000)
redis.call('PTTL', KEYS[1])
redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('HMGET', KEYS[1], 'runs')
redis.call('RPUSH', KEYS[1], '1', '3')
redis.call('LINSERT', KEYS[1], 'BEFORE', '3', '2')
redis.call('LINDEX', KEYS[1], 0)
redis.call('LRANGE', KEYS[1], 0, -1)
redis.call('LREM', KEYS[1], -1, '2')
redis.call('LPOP', KEYS[1])
redis.call('LLEN', KEYS[1])
redis.call('DEL', KEYS[1])
return 1
`
