package backends

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/config"
	"stagedoor/transport/server"
)

// TestUnknownAddressesLeaveLittle: somebody asks for codes for addresses that nobody has, and no
// limit is on. What that leaves in Redis is gone a few minutes after the code would have been.
func TestUnknownAddressesLeaveLittle(t *testing.T) {
	t.Parallel()
	redis := statetest.NewRedis(t)
	l := on(t, statetest.StartPostgres(t), redis.URL, func(c *config.Config, _ *server.Options) { c.Account.LoginByCodeEnabled = true })
	const asked = 50
	for i := range asked {
		l.App().Do("POST", "/auth/code/request", map[string]string{"email": fmt.Sprintf("nobody%d@example.com", i)}).Is(401).Pending("login_by_code")
	}
	held, err := strconv.Atoi(strings.TrimPrefix(redis.Do("DBSIZE"), ":"))
	if err != nil || held != asked {
		t.Errorf("%d keys, %v, want one for each", held, err)
	}
	for range 20 {
		key := redis.Do("RANDOMKEY")
		left, err := strconv.Atoi(strings.TrimPrefix(redis.Do("PTTL", key), ":"))
		if most := 3*time.Minute + 5*time.Minute; err != nil || left <= 0 || time.Duration(left)*time.Millisecond > most {
			t.Errorf("%s lives for %d ms, %v, want %v at most", key, left, err, most)
		}
	}
}
