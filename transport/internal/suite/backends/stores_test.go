package backends

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// on is a lab on these stores.
func on(t *testing.T, database, redis string, more ...suite.SetUp) *suite.Lab {
	t.Helper()
	return suite.NewLab(t, append([]suite.SetUp{suite.ByCode, func(c *config.Config, _ *server.Options) {
		c.Database.URL, c.Redis.URL = config.Secret(database), config.Secret(redis)
		c.SecretKey = config.Secret(strings.Repeat("k", 32))
		c.Headless.JWTAlgorithm = "HS256"
	}}, more...)...)
}

// walk has somebody sign up by code, set up a second factor, and sign in with it.
func walk(t *testing.T, l *suite.Lab, email string) *suite.Client {
	t.Helper()
	c, secret := l.Guarded("app", email)
	c.Factor(l.TOTP(secret)).Is(200)
	c.Session().Is(200)
	return c
}

// ready asks /readyz until it says what it should: an answer holds for a second.
func ready(t *testing.T, l *suite.Lab, status int, text string) {
	t.Helper()
	var got int
	var body string
	for deadline := time.Now().Add(suite.Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		w := l.Get("GET", l.Host(), "/readyz", "")
		if got, body = w.Code, w.Body.String(); got == status && strings.Contains(body, text) {
			return
		}
	}
	t.Errorf("/readyz: %d %q, want %d %q", got, body, status, text)
}

// TestBehindPgBouncer walks behind a pooler that gives out connections by transaction, and on a
// Redis on a socket, with nothing said of either.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	l := on(t, statetest.StartPgBouncer(t, statetest.StartPostgres(t), "transaction"), statetest.StartRedis(t))
	walk(t, l, "ada@example.com")
	ready(t, l, http.StatusOK, "ready")
	if log := l.Log.String(); strings.Contains(log, "prepared statement") || strings.Contains(log, "unavailable") {
		t.Errorf("log:\n%s", log)
	}
}

// TestReadyAndHealthy: where Redis takes no writes, or PostgreSQL none, a server is alive and not
// ready; and ready again once they do.
func TestReadyAndHealthy(t *testing.T) {
	t.Parallel()
	redis := statetest.NewRedis(t)
	database := statetest.StartPostgres(t)
	l := on(t, database, redis.URL)
	ready(t, l, http.StatusOK, "ready")
	for _, c := range []struct {
		off, on func()
		says    string
	}{
		{func() { redis.Do("CONFIG", "SET", "maxmemory", "1") }, func() { redis.Do("CONFIG", "SET", "maxmemory", "0") }, "redis fails\n"},
		{func() { redis.Do("CONFIG", "SET", "min-replicas-to-write", "1") }, func() { redis.Do("CONFIG", "SET", "min-replicas-to-write", "0") }, "redis fails\n"},
		{redis.Kill, redis.Start, "redis fails\n"},
		{redis.Pause, redis.Resume, "redis fails\n"},
		{func() { readOnly(t, database, "on") }, func() { readOnly(t, database, "off") }, "database fails\n"},
	} {
		c.off()
		ready(t, l, http.StatusServiceUnavailable, c.says)
		if w := l.Get("GET", l.Host(), "/healthz", ""); w.Code != http.StatusOK || w.Body.String() != "ok\n" {
			t.Errorf("/healthz: %d %s", w.Code, w.Body)
		}
		c.on()
		ready(t, l, http.StatusOK, "ready")
	}
	walk(t, l, "ada@example.com")
}

// TestClusterLosesAMaster: within seconds of a replica taking over, everybody is who they were, and
// all can sign in.
func TestClusterLosesAMaster(t *testing.T) {
	t.Parallel()
	cluster := statetest.NewRedisCluster(t, true)
	l := on(t, statetest.StartPostgres(t), cluster.URL)
	var people []*suite.Client
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		people = append(people, l.Member("app", name+"@example.com"))
	}
	cluster.Replicated()
	cluster.Kill(cluster.Masters[1])
	cluster.TakenOver(1)
	began := time.Now()
	for _, c := range people {
		for c.Session().Status != 200 {
			if time.Since(began) > 5*time.Second {
				t.Fatal("a session does not answer 5 s after the replica has taken over")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	walk(t, l, "new@example.com")
	ready(t, l, http.StatusOK, "ready")
}
