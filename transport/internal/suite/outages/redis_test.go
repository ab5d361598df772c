package outages

import (
	"fmt"
	"net"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// lasts is how long most things stay broken.
const lasts = 1200 * time.Millisecond

// runsLost is what becomes of runs that wait where Redis has forgotten them.
const runsLost = "runs that wait, which begin anew; sessions are read from SQL"

func redisOutages() []outage {
	return []outage{
		{"Redis hangs", "503, `Retry-After`", 3 * time.Second, 2 * time.Second, "nothing", redisHangs},
		{"Redis is killed and starts empty", "503, `Retry-After`", 3 * time.Second, 2 * time.Second, runsLost, redisKilled},
		{"Redis is flushed", "nothing", 3 * time.Second, 2 * time.Second, runsLost, redisFlushed},
		{"Redis is full (`noeviction`)", "503 to who begins or moves on, sessions are read", 3 * time.Second, 2 * time.Second, "nothing", redisFull},
		{"Redis evicts (`allkeys-lru`)", "nothing", 3 * time.Second, 2 * time.Second, runsLost, redisEvicts},
		{"Redis fails over (Sentinel, down after 1 s)", "503, `Retry-After`", 3 * time.Second, 5 * time.Second, "what the replica did not have yet", redisFailsOver},
	}
}

// newRedis is a redis-server of its own on a port.
func newRedis(t *testing.T) (*statetest.Redis, suite.SetUp) {
	t.Helper()
	port := freePort(t)
	r := statetest.NewRedis(t, "--port", port, "--bind", "127.0.0.1")
	return r, onRedis("redis://127.0.0.1:" + port)
}

func onRedis(url string) suite.SetUp {
	return func(c *config.Config, _ *server.Options) { c.Redis.URL = config.Secret(url) }
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func redisHangs(t *testing.T, o outage) {
	r, use := newRedis(t)
	s := newScene(t, "", use)
	s.breaks(t, o, lasts, r.Pause, r.Resume)
	s.sound(t, true)
}

func redisKilled(t *testing.T, o outage) {
	r, use := newRedis(t)
	s := newScene(t, "", use)
	s.breaks(t, o, lasts, r.Kill, r.Start)
	s.sound(t, false)
}

func redisFlushed(t *testing.T, o outage) {
	r, use := newRedis(t)
	s := newScene(t, "", use)
	s.breaks(t, o, 0, func() { r.Do("FLUSHALL") }, func() {})
	s.sound(t, false)
}

func redisFull(t *testing.T, o outage) {
	r, use := newRedis(t)
	s := newScene(t, "", use)
	s.breaks(t, o, lasts, func() {
		r.Do("CONFIG", "SET", "maxmemory-policy", "noeviction")
		r.Do("CONFIG", "SET", "maxmemory", "1")
		s.in.Session().Is(200)
		s.App().Signup("new@example.com").Busy()
	}, func() { r.Do("CONFIG", "SET", "maxmemory", "0") })
	s.sound(t, true)
}

func redisEvicts(t *testing.T, o outage) {
	r, use := newRedis(t)
	s := newScene(t, "", use)
	s.breaks(t, o, lasts, func() {
		r.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
		// Everything that was there goes, and what comes stays for a while.
		r.Do("CONFIG", "SET", "maxmemory", "1")
		r.Do("SET", "makes-room", "1")
		r.Do("CONFIG", "SET", "maxmemory", "3mb")
	}, func() { r.Do("CONFIG", "SET", "maxmemory", "0") })
	s.sound(t, false)
}

func redisFailsOver(t *testing.T, o outage) {
	master, url := statetest.StartRedisFailover(t, "main")
	s := newScene(t, "", func(c *config.Config, _ *server.Options) {
		c.Redis = config.Redis{SentinelAddresses: []string{url}, SentinelMaster: "main", KeyPrefix: "outage:"}
	})
	s.breaks(t, o, 0, master.Kill, func() {})
	s.sound(t, true)
}
