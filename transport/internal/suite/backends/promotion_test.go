package backends

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"stagedoor/state/statetest"
	"stagedoor/transport/internal/suite"
)

// TestStandby: a server before a standby starts, is not ready, and refuses turns with a 503; it is
// ready once the standby has been promoted, with what there was.
func TestStandby(t *testing.T) {
	t.Parallel()
	primary := statetest.NewPostgres(t)
	redis := statetest.StartRedis(t)
	first := on(t, primary.URL, redis)
	in := first.Member("app", "ada@example.com")
	standby := primary.Standby()
	second := on(t, standby.URL, redis)
	ready(t, second, http.StatusServiceUnavailable, "database fails\n")
	ready(t, first, http.StatusOK, "ready")
	in.At(second).Session().Is(200)
	second.App().Login("ada@example.com").Busy()
	primary.Kill()
	standby.Exec(`SELECT pg_promote()`)
	ready(t, second, http.StatusOK, "ready")
	ready(t, first, http.StatusServiceUnavailable, "database fails\n")
	var again *suite.Client
	for deadline := time.Now().Add(suite.Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		again = second.App()
		if again.Login("ada@example.com").Status == 200 {
			break
		}
	}
	again.Session().Is(200)
	if log := second.Log.String(); !strings.Contains(log, "read-only") {
		t.Errorf("log:\n%s", log)
	}
}
