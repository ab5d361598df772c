package redisstore_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// pending is the record of a login that waits for its second factor.
func pending(version uint64) engine.Record {
	const ms = 1_800_000_000_000
	return engine.Record{
		Version: version,
		Last:    engine.Last{From: version - 1, Digest: make([]byte, 16)},
		Runs: []engine.Run{{
			Slot: engine.SlotLogin, ID: "dG9rZW4gb2YgYSBydW4gMQ", Flow: "login", Fingerprint: "01234567",
			Node: "mfa_authenticate", Subject: "9007199254740991", Epoch: 3, Started: ms, Deadline: ms + 900_000, Tries: 1,
			Hint: "someone@example.com", Data: []byte(`{"t":["recovery_codes","totp"]}`),
			Trail: engine.Trail{
				{Node: "password_form", Exit: "ok"}, {Node: "account_due", Exit: "active", Reason: "account=active"},
				{Node: "code_due", Exit: "not_required", Reason: "setting=off"}, {Node: "phone_due", Exit: "off", Reason: "setting=off"},
				{Node: "email_due", Exit: "verified", Reason: "email=verified"}, {Node: "factor_due", Exit: "due", Reason: "factor=present"},
			},
		}},
		Owner: "9007199254740991", Methods: []engine.Method{{Method: "password", At: ms, Email: "someone@example.com"}},
	}
}

func TestPendingRecordIsSmall(t *testing.T) {
	rec := pending(3)
	b, err := rec.Encode()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes encoded", len(b))
	if len(b) > 230 {
		t.Errorf("%d bytes encoded, want 230 at most", len(b))
	}
	url := statetest.StartRedis(t)
	s, client := open(t, redisstore.Config{URL: url}), raw(t, url)
	rec.Version = 1
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: newKey(), Record: rec, TTL: time.Minute}); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	name, err := client.RandomKey(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	used, err := client.MemoryUsage(t.Context(), name).Result()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of memory", used)
	if used > 400 {
		t.Errorf("%d bytes of memory, want 400 at most", used)
	}
}

// A pending login takes 450 bytes at most, all that Redis keeps about it included.
func TestPendingRecordsTogether(t *testing.T) {
	const records, most = 10_000, 450
	url := statetest.StartRedis(t)
	s, client := open(t, redisstore.Config{URL: url}), raw(t, url)
	fill(t, s, 500) // so that the buffers of connections are there before
	before := usedMemory(t, client)
	fill(t, s, records)
	took := usedMemory(t, client) - before
	t.Logf("%d bytes each", took/records)
	if took/records > most {
		t.Errorf("%d records take %d bytes each, want %d at most", records, took/records, most)
	}
}

// An embedded server takes 700 bytes at most for one.
func TestPendingRecordsEmbedded(t *testing.T) {
	const records, most = 20_000, 700
	s := embedded(t)
	fill(t, s, 500) // so that the buffers of connections are there before
	before := heap()
	fill(t, s, records)
	took := (heap() - before) / records
	t.Logf("%d bytes each", took)
	if took > most {
		t.Errorf("%d records take %d bytes each, want %d at most", records, took, most)
	}
	runtime.KeepAlive(s)
}

// heap is how many bytes are in use.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// fill stores pending logins.
func fill(t *testing.T, s *redisstore.Store, n int) {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(8)
	for range n {
		g.Go(func() error {
			_, _, err := s.Swap(ctx, engine.Swap{Key: newKey(), Record: pending(1), TTL: time.Hour})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func usedMemory(t *testing.T, client *redis.Client) int {
	t.Helper()
	info, err := client.Info(t.Context(), "memory").Result()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(info, "used_memory:")
	value, _, _ := strings.Cut(after, "\r\n")
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
