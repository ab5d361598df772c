package outages

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// heavy says that all 100 000 runs are begun, not a part of them.
const heavy = "STAGEDOOR_OUTAGES"

// most is how many bytes a run that was abandoned may take in Redis, and grown how much the
// server may grow by all of them.
const (
	most  = 700
	grown = 16 << 20
)

// abandoned begins runs that nobody goes on with: what they take is bounded, each has its end
// in Redis, and the server keeps nothing of them.
func abandoned(t *testing.T, _ outage) {
	n := 2000
	if os.Getenv(heavy) != "" {
		n = 100_000
	}
	r, use := newRedis(t)
	l := suite.NewLab(t, use, suite.ByCode, func(c *config.Config, _ *server.Options) {
		c.Account.LoginByCodeEnabled, c.Trails.KeepDays = true, 0
		c.Account.EmailUnknownAccounts = false
	})
	begin := func(i int) {
		body := strings.NewReader(fmt.Sprintf(`{"email": "nobody%d@example.com"}`, i))
		r, err := http.Post(l.URL+"/_allauth/app/v1/auth/code/request", "application/json", body)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		if r.StatusCode != http.StatusUnauthorized {
			t.Fatalf("run %d: %d", i, r.StatusCode)
		}
	}
	begin(-1)
	used, kept := memory(t, r.Do("INFO", "memory")), heap()
	for i := range n {
		begin(i)
	}
	each := (memory(t, r.Do("INFO", "memory")) - used) / n
	more := heap() - kept
	t.Logf("%d runs: %d bytes each in Redis, %d kB in the server", n, each, more>>10)
	if each > most {
		t.Errorf("a run takes %d bytes in Redis, and may take %d", each, most)
	}
	if more > grown {
		t.Errorf("the server has grown by %d bytes", more)
	}
	info := r.Do("INFO", "keyspace")
	keys, expires := number(t, info, "keys="), number(t, info, "expires=")
	if keys != expires {
		t.Errorf("%d of %d keys have no end", keys-expires, keys)
	}
	if rows := l.Count(`SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM sessions)`); rows != 0 {
		t.Errorf("%d rows are left of runs that nobody finished", rows)
	}
}

// memory is what Redis uses, in bytes.
func memory(t *testing.T, info string) int { return number(t, info, "used_memory:") }

// number is the number behind a word.
func number(t *testing.T, text, word string) int {
	t.Helper()
	_, rest, ok := strings.Cut(text, word)
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if !ok || end <= 0 {
		t.Fatalf("no %s in\n%s", word, text)
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// heap is what this process holds, in bytes.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
